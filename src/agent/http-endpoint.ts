import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import { acceptedStream } from '../runtime/system-streams.ts';
import { formatHostPort, type HostPort } from './host-port.ts';
import { createProxy, proxyServerOptions } from './proxy.ts';

export interface HttpEndpointOptions {
  readonly node: FogataNode;
  readonly clock: Clock;
  /** The agent's own API. */
  readonly api: RequestListener;
  /** A program that wants to go on in frames: `GET /v1/link`, `Upgrade: fogata`. */
  readonly onProgram: (stream: ByteStream) => void;
}

/** Everything HTTP: on a port of its own, and what comes over the Unix socket. */
export interface HttpEndpoint {
  /** Takes connections from elsewhere too: `server.emit('connection', socket)`. */
  readonly server: Server;
  /** Throws FogataError `address-in-use` or `config`. */
  listen(where: HostPort): Promise<void>;
  /** Takes no new requests; resolves when those in hand have ended. */
  close(): Promise<void>;
  /** Breaks off what is still open. */
  destroy(): void;
}

export function createHttpEndpoint({ node, clock, api, onProgram }: HttpEndpointOptions): HttpEndpoint {
  const proxy = createProxy({ node, clock, local: api, localUpgrade: (...given) => upgrade(onProgram, ...given) });
  const server = createServer(proxyServerOptions);
  server.maxHeadersCount = 0;
  server.on('request', proxy.request);
  server.on('checkContinue', proxy.checkContinue);
  server.on('upgrade', proxy.upgrade);
  server.on('connect', proxy.connect);
  server.on('clientError', (_error, socket) => void socket.destroy());
  const connections = new Set<Duplex>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  return {
    server,
    async listen(where) {
      await listenAt(server, where);
    },
    async close() {
      server.closeIdleConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
    destroy() {
      for (const socket of connections) socket.destroy();
    },
  };
}

function listenAt(server: Server, where: HostPort): Promise<void> {
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

function upgrade(
  onProgram: (stream: ByteStream) => void,
  request: IncomingMessage,
  socket: Duplex,
  first: Buffer,
): void {
  const path = request.url?.split('?', 1)[0];
  const isLink = path === '/v1/link' && request.headers.upgrade?.toLowerCase() === 'fogata';
  if (!(socket instanceof Socket) || !isLink) {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  const { remoteAddress: address, remotePort: port } = socket;
  socket.setTimeout(0);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: fogata\r\n\r\n');
  const stream = acceptedStream(socket, { address: address ?? '127.0.0.1', port: port ?? 0 });
  if (first.length > 0) socket.unshift(first);
  onProgram(stream);
}
