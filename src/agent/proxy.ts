import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FogataNode } from '../node/node.ts';
import type { Clock } from '../runtime/clock.ts';
import { byteSlots } from './byte-sink.ts';
import { isForeignPage } from './foreign-page.ts';
import { type ProblemFacts, problemOf, sendProblem } from './problem.ts';
import { ProxyExchange } from './proxy-exchange.ts';
import { type ProxyRequest, proxyRequestOf } from './proxy-request.ts';
import { proxyTarget } from './proxy-target.ts';
import { upgradeConnection } from './upgrade.ts';

export interface ProxyOptions {
  readonly node: FogataNode;
  readonly clock: Clock;
  /** The agent's own API: what is addressed to this host itself and not to a service. */
  readonly local: RequestListener;
  /** As `local`, for upgrades. Undefined: such requests are refused. */
  readonly localUpgrade: ((request: IncomingMessage, socket: Duplex, first: Buffer) => void) | undefined;
}

/** Listeners for the events of a `node:http` server of the same names. */
export interface Proxy {
  readonly request: RequestListener;
  readonly checkContinue: RequestListener;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, first: Buffer) => void;
  readonly connect: (request: IncomingMessage, socket: Duplex, first: Buffer) => void;
}

/**
 * For `createServer`. Heads must come whole and soon; bodies may take as long as they like, so long as their program does.
 * Every header is seen (`maxHeadersCount` 0 is to be set on the server): their size is what is limited.
 */
export const proxyServerOptions: ServerOptions = {
  headersTimeout: 15_000,
  requestTimeout: 0,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 16_384,
  noDelay: true,
};

/** Everything HTTP on the agent's port: carries what is for a service, gives the rest to the agent's own API. */
export function createProxy(options: ProxyOptions): Proxy {
  const { node, clock, local, localUpgrade } = options;
  const slots = byteSlots();

  function serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    response.on('error', () => undefined);
    const target = routed(request, response, false);
    if (target === undefined) return;
    if (target === 'local') {
      if (expectsContinue) response.writeContinue();
      local(request, response);
      return;
    }
    new ProxyExchange({
      node,
      clock,
      slots,
      request,
      response,
      what: target,
      expectsContinue,
      switchTo: undefined,
    }).start();
  }

  function upgrade(request: IncomingMessage, socket: Duplex, first: Buffer): void {
    if (!(socket instanceof Socket)) {
      socket.destroy();
      return;
    }
    const isLocal = proxyTarget(request.url ?? '', request.headers.host).kind === 'local';
    if (isLocal && localUpgrade !== undefined && !isForeignPage('GET', request.headers, true)) {
      localUpgrade(request, socket, first);
      return;
    }
    const connection = upgradeConnection(request, socket, first, slots, () => void socket.destroy());
    const { response } = connection;
    const target = routed(request, response, true);
    if (target === undefined) return;
    if (target === 'local') {
      refuse(response, { code: 'invalid', detail: 'nothing here can be upgraded', outcome: 'refused', status: 400 });
      return;
    }
    new ProxyExchange({
      node,
      clock,
      slots,
      request,
      response,
      what: target,
      expectsContinue: false,
      switchTo: connection.switchTo,
    }).start();
  }

  return {
    request: (request, response) => serve(request, response, false),
    checkContinue: (request, response) => serve(request, response, true),
    upgrade,
    connect(request, socket, first) {
      if (!(socket instanceof Socket)) {
        socket.destroy();
        return;
      }
      const { response } = upgradeConnection(request, socket, first, slots, () => void socket.destroy());
      const detail = 'no tunnels: services are reached by http://, which needs none';
      const facts: ProblemFacts = { code: 'not-allowed', detail, outcome: 'refused', status: 405 };
      sendProblem(response, problemOf(facts), ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE']);
    },
  };
}

/** Undefined: it was refused, and answered. */
function routed(
  request: IncomingMessage,
  response: ServerResponse,
  isUpgrade: boolean,
): ProxyRequest | 'local' | undefined {
  const target = proxyTarget(request.url ?? '', request.headers.host);
  const method = request.method ?? 'GET';
  if (target.kind === 'refused') {
    const code = target.status === 400 ? 'invalid' : 'not-allowed';
    return refuse(response, { code, detail: target.reason, outcome: 'refused', status: target.status });
  }
  if (isForeignPage(method, request.headers, isUpgrade)) {
    const detail = 'a web page of another site sent this; let its own server send it';
    return refuse(response, { code: 'not-allowed', detail, outcome: 'refused', status: 403 });
  }
  if (target.kind === 'local') return 'local';
  if (isUpgrade && (request.headers['transfer-encoding'] ?? request.headers['content-length'] ?? '0') !== '0') {
    const detail = 'a request that wants to switch protocols has no body here';
    return refuse(response, { code: 'invalid', detail, outcome: 'refused', service: target.service, status: 400 });
  }
  const result = proxyRequestOf(request, target, isUpgrade);
  if (result.ok) return result.what;
  const code = result.status === 508 ? 'failed' : result.status === 431 ? 'too-large' : 'invalid';
  const detail = result.reason;
  return refuse(response, { code, detail, outcome: 'refused', service: target.service, status: result.status });
}

function refuse(response: ServerResponse, facts: ProblemFacts): undefined {
  sendProblem(response, problemOf(facts));
}
