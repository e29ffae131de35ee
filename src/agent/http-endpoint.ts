import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { programsMax } from '../protocol/limits.ts';
import { formatHostPort, type HostPort } from '../protocol/socket-address.ts';
import { acceptedStream } from '../runtime/accepted-stream.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import { problemOf, sendProblem } from './problem.ts';
import { createProxy, proxyServerOptions } from './proxy.ts';

/** File descriptors are for links, too; as many as at the Unix socket. One more is closed at once. */
const connectionsMax = 2 * programsMax;

/** A server for all that is HTTP, from the port and from elsewhere (`server.emit('connection', socket)`). */
export function createHttpServer(): Server {
  const server = createServer(proxyServerOptions);
  server.maxHeadersCount = 0;
  server.maxConnections = connectionsMax;
  server.on('request', notYet);
  return server;
}

/** Throws FogataError `address-in-use` or `config`. */
export function listenHttp(server: Server, where: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(listenFailure(where, error));
    server.once('error', refuse);
    server.listen({ host: where.host, port: where.port, exclusive: true }, () => {
      server.off('error', refuse);
      // A failed accept concerns the one connection that was not accepted.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

export interface HttpEndpointOptions {
  /** Of `createHttpServer`. Until now it answers that the agent is starting. */
  readonly server: Server;
  readonly node: FogataNode;
  readonly clock: Clock;
  /** The agent's own API. */
  readonly api: RequestListener;
  /** A program that wants to go on in frames: `GET /v1/link`, `Upgrade: fogata`. */
  readonly onProgram: (stream: ByteStream) => void;
}

/** What answers on a server: services by the proxy, the rest by the API. */
export interface HttpEndpoint {
  /** Takes no new connections; resolves when those in hand have ended. */
  close(): Promise<void>;
  /** Breaks off what is still open. */
  destroy(): void;
}

export function createHttpEndpoint({ server, node, clock, api, onProgram }: HttpEndpointOptions): HttpEndpoint {
  const proxy = createProxy({
    node,
    clock,
    local: api,
    localUpgrade: (...given) => linkProgram(onProgram, ...given),
    accept: (connection) => void server.emit('connection', connection),
  });
  const connections = new Set<Duplex>();
  server.off('request', notYet);
  server.on('request', proxy.request);
  server.on('checkContinue', proxy.checkContinue);
  server.on('checkExpectation', proxy.checkExpectation);
  server.on('upgrade', proxy.upgrade);
  server.on('connect', proxy.connect);
  server.on('clientError', proxy.clientError);
  server.on('connection', (socket: Duplex) => {
    if (connections.has(socket)) return;
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  return {
    async close() {
      const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
      server.closeIdleConnections();
      await closed;
    },
    destroy() {
      for (const socket of connections) socket.destroy();
    },
  };
}

function notYet(_request: IncomingMessage, response: ServerResponse): void {
  sendProblem(response, problemOf({ code: 'busy', detail: 'the agent is starting', outcome: 'refused' }));
}

function listenFailure(where: HostPort, error: Error): FogataError {
  const place = formatHostPort(where);
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE':
      return new FogataError(
        'address-in-use',
        `${place}: the HTTP port is in use, perhaps by another agent; give another --http PORT, or --http off`,
        { cause: error },
      );
    case 'EACCES':
      return new FogataError('config', `${place}: no permission to listen there; give an --http PORT above 1023`, {
        cause: error,
      });
    default:
      return new FogataError('config', `${place}: cannot listen there: ${error.message}`, { cause: error });
  }
}

/** False for what is no program's link. */
function linkProgram(
  onProgram: (stream: ByteStream) => void,
  request: IncomingMessage,
  socket: Socket,
  first: Buffer,
): boolean {
  const path = request.url?.split('?', 1)[0];
  if (path !== '/v1/link' || request.headers.upgrade?.toLowerCase() !== 'fogata') return false;
  const { remoteAddress: address, remotePort: port } = socket;
  socket.setTimeout(0);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: fogata\r\n\r\n');
  const stream = acceptedStream(socket, { address: address ?? '127.0.0.1', port: port ?? 0 });
  if (first.length > 0) socket.unshift(first);
  onProgram(stream);
  return true;
}
