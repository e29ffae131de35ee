import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FogataNode } from '../node/node.ts';
import { bodyBytesMax } from '../protocol/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { byteSlots } from './byte-sink.ts';
import { connectionTurns } from './connection-turns.ts';
import { isForeignPage } from './foreign-page.ts';
import { headWithoutUpgrade } from './ignored-upgrade.ts';
import { answerMalformed } from './malformed-request.ts';
import { type ProblemFacts, problemOf, sendProblem } from './problem.ts';
import { ProxyExchange, type ProxyExchangeOptions } from './proxy-exchange.ts';
import { type ProxyRequest, proxyRequestOf } from './proxy-request.ts';
import { type ProxyTarget, proxyTarget } from './proxy-target.ts';
import { upgradeConnection } from './upgrade.ts';

export interface ProxyOptions {
  readonly node: FogataNode;
  readonly clock: Clock;
  /** The agent's own API: what is addressed to this host itself and not to a service. */
  readonly local: RequestListener;
  /** As `local`, for upgrades; false: it does not take this one, which is then an ordinary request. */
  readonly localUpgrade: (request: IncomingMessage, socket: Socket, first: Buffer) => boolean;
  /** Takes a connection from its first byte on, as the server did that it came from. */
  readonly accept: (connection: Socket) => void;
}

/** Listeners for the events of a `node:http` server of the same names. */
export interface Proxy {
  readonly request: RequestListener;
  readonly checkContinue: RequestListener;
  readonly checkExpectation: RequestListener;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, first: Buffer) => void;
  readonly connect: (request: IncomingMessage, socket: Duplex, first: Buffer) => void;
  readonly clientError: (error: Error, socket: Duplex) => void;
}

/**
 * For `createServer`. Heads must come whole and soon; bodies may take as long as they like, so long as their program does.
 * Every header is seen (`maxHeadersCount` 0 is to be set on the server): their size is what is limited. Node is to answer nothing
 * by itself: an answer that nobody here knows of is in the way of what follows on its connection.
 */
export const proxyServerOptions: ServerOptions = {
  headersTimeout: 15_000,
  requestTimeout: 0,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 16_384,
  noDelay: true,
  requireHostHeader: false,
};

/** Everything HTTP on the agent's port: carries what is for a service, gives the rest to the agent's own API. */
export function createProxy(options: ProxyOptions): Proxy {
  const { node, clock, local, localUpgrade, accept } = options;
  const slots = byteSlots();
  const turns = connectionTurns();

  /** Written out: what is spread is slower to use than all the rest here is to make. */
  function carry(exchange: Omit<ProxyExchangeOptions, 'node' | 'clock' | 'slots'>): void {
    const { request, response, what, expectsContinue, switchTo } = exchange;
    new ProxyExchange({ node, clock, slots, request, response, what, expectsContinue, switchTo }).start();
  }

  function serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    response.on('error', () => undefined);
    turns.take(request.socket, response, () => {
      const what = routed(request, response, false);
      if (what === undefined) return;
      if (what !== 'local') {
        carry({ request, response, what, expectsContinue, switchTo: undefined });
        return;
      }
      // Whose body will be refused for its length need not send it.
      if (expectsContinue && Number(request.headers['content-length'] ?? '0') <= bodyBytesMax) response.writeContinue();
      local(request, response);
    });
  }

  /**
   * Undefined: the connection is of no use. Nobody may go over to another protocol while an answer in this one is still
   * to come; Node would write both.
   */
  function switchable(socket: Duplex): Socket | undefined {
    if (socket instanceof Socket && turns.current(socket) === undefined) return socket;
    socket.on('error', () => undefined);
    socket.destroy();
    return undefined;
  }

  function upgrade(request: IncomingMessage, given: Duplex, first: Buffer): void {
    const socket = switchable(given);
    if (socket === undefined) return;
    const { kind } = targetOf(request);
    const isForeign = isForeignPage('GET', request.headers, true);
    if (kind === 'local' && !isForeign && localUpgrade(request, socket, first)) return;
    if (!isForeign && (kind === 'local' || isWithoutSwitch(request))) {
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), first]));
      accept(socket);
      return;
    }
    const connection = upgradeConnection(request, socket, first, slots, () => void socket.destroy());
    if (connection === undefined) return;
    const { response, switchTo } = connection;
    const what = routed(request, response, true);
    if (what === undefined || what === 'local') return;
    carry({ request, response, what, expectsContinue: false, switchTo });
  }

  return {
    request: (request, response) => serve(request, response, false),
    checkContinue: (request, response) => serve(request, response, true),
    checkExpectation(request, response) {
      response.on('error', () => undefined);
      const detail = `of what may be expected only 100-continue is known, not ${JSON.stringify(request.headers.expect)}`;
      const refused = { code: 'invalid', detail, outcome: 'refused', status: 417 } as const;
      turns.take(request.socket, response, () => refuse(response, refused));
    },
    upgrade,
    connect(request, given, first) {
      const socket = switchable(given);
      if (socket === undefined) return;
      const connection = upgradeConnection(request, socket, first, slots, () => void socket.destroy());
      const detail = 'no tunnels: services are reached by http://, which needs none';
      const facts: ProblemFacts = { code: 'not-allowed', detail, outcome: 'refused', status: 405 };
      if (connection !== undefined)
        sendProblem(connection.response, problemOf(facts), [
          'allow',
          'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE',
        ]);
    },
    clientError: (error, socket) => answerMalformed(error, socket, turns.current(socket)),
  };
}

/** HTTP/2 is offered, not needed; and a request with a body wants an answer before anything else. */
function isWithoutSwitch({ headers }: IncomingMessage): boolean {
  const hasBody = (headers['transfer-encoding'] ?? headers['content-length'] ?? '0') !== '0';
  return hasBody || headers.upgrade?.trim().toLowerCase() === 'h2c';
}

function targetOf({ url, headers, rawHeaders }: IncomingMessage): ProxyTarget {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return { kind: 'refused', status: 400, reason: 'a request has one Host header, not several' };
  return proxyTarget(url ?? '', headers.host);
}

/** Undefined: it was refused, and answered. */
function routed(
  request: IncomingMessage,
  response: ServerResponse,
  isUpgrade: boolean,
): ProxyRequest | 'local' | undefined {
  const target = targetOf(request);
  const method = request.method ?? 'GET';
  if (request.httpVersion === '1.1' && request.headers.host === undefined) {
    return refuse(response, { code: 'invalid', detail: 'the request has no Host', outcome: 'refused', status: 400 });
  }
  if (target.kind === 'refused') {
    const code = target.status === 400 ? 'invalid' : 'not-allowed';
    return refuse(response, { code, detail: target.reason, outcome: 'refused', status: target.status });
  }
  if (isForeignPage(method, request.headers, isUpgrade)) {
    const detail = 'a web page of another site sent this; let its own server send it';
    return refuse(response, { code: 'not-allowed', detail, outcome: 'refused', status: 403 });
  }
  const body = checkBody(request);
  if (body !== undefined) return refuse(response, { ...body, outcome: 'refused' });
  if (target.kind === 'local') return 'local';
  const result = proxyRequestOf(request, target, isUpgrade);
  if (result.ok) return result.what;
  const code = result.status === 508 ? 'failed' : result.status === 431 ? 'too-large' : 'invalid';
  const detail = result.reason;
  return refuse(response, { code, detail, outcome: 'refused', service: target.service, status: result.status });
}

/** Why the body cannot be carried as it is: its coding would be lost on the way, or its length is none. */
function checkBody({ headers }: IncomingMessage): Pick<ProblemFacts, 'code' | 'detail' | 'status'> | undefined {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return { code: 'invalid', detail: `no transfer-encoding but chunked, not ${JSON.stringify(coding)}`, status: 501 };
  }
  const length = headers['content-length'];
  if (length === undefined || /^\d{1,15}$/.test(length)) return undefined;
  return { code: 'too-large', detail: `a content-length of ${length} bytes is too much`, status: 413 };
}

function refuse(response: ServerResponse, facts: ProblemFacts): undefined {
  sendProblem(response, problemOf(facts));
}
