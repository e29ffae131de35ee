import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ByteChannel, OpenOptions } from '../api/byte-channel.ts';
import type { Mesh } from '../api/mesh.ts';
import { tcpCommand } from '../api/tcp-command.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { resetSocket } from '../runtime/reset-socket.ts';

/** What a forwarded port tells of one of its connections; `id` counts from 1. */
export type ForwardEvent =
  | { readonly type: 'opened'; readonly id: number; readonly from: string; readonly instance: ByteChannel['instance'] }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly from: string;
      readonly code: string;
      readonly reason: string;
    }
  | {
      readonly type: 'closed';
      readonly id: number;
      readonly sentBytes: number;
      readonly receivedBytes: number;
      /** Broken off: by whom and why; absent where both sides ended in order. */
      readonly code?: string;
      readonly reason?: string;
    };

export interface ForwardOptions {
  readonly mesh: Mesh;
  /** `postgres`, `postgres@db1`, `postgres[role=primary]`. */
  readonly address: string;
  /** Of the instance, for each connection. */
  readonly choice: Pick<OpenOptions, 'strategy' | 'sticky'>;
  readonly bind: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly onEvent: (event: ForwardEvent) => void;
}

export interface ForwardedPort {
  readonly address: string;
  readonly port: number;
  /** Takes no more connections and breaks off those there are. */
  close(): void;
}

/** A local port that leads to a service: each connection is a stream to the instance that is best when it begins. */
export async function forwardPort(options: ForwardOptions): Promise<ForwardedPort> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    count += 1;
    void carry(options, socket, count);
  });
  await listening(server, options);
  const { address, port } = server.address() as AddressInfo;
  return {
    address,
    port,
    close() {
      server.close();
      for (const socket of sockets) resetSocket(socket);
    },
  };
}

function listening(server: Server, { bind, port }: ForwardOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, bind, port)));
    server.listen(port, bind, resolve);
  });
}

/** What a person can do about it. */
function listenError(error: NodeJS.ErrnoException, bind: string, port: number): FogataError {
  const where = `${bind}:${port}`;
  if (error.code === 'EADDRINUSE')
    return new FogataError(
      'address-in-use',
      `${where} is taken by another program: choose another port, or 0 for a free one`,
    );
  if (error.code === 'EACCES')
    return new FogataError(
      'not-allowed',
      `${where}: ports below 1024 need a privilege; choose another, or 0 for a free one`,
    );
  if (error.code === 'EADDRNOTAVAIL' || error.syscall === 'getaddrinfo')
    return new FogataError('invalid', `--bind: ${bind} is no address of this host`);
  return FogataError.from(error);
}

async function carry({ mesh, address, choice, onEvent }: ForwardOptions, socket: Socket, id: number): Promise<void> {
  const from = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  socket.on('error', () => undefined);
  socket.once('close', leave);
  let channel: ByteChannel;
  try {
    channel = await mesh.open(address, tcpCommand, { ...choice, signal: gone.signal });
  } catch (error) {
    const { code, message } = FogataError.from(error);
    onEvent({ type: 'failed', id, from, code, reason: message });
    resetSocket(socket);
    return;
  }
  socket.off('close', leave);
  onEvent({ type: 'opened', id, from, instance: channel.instance });
  let failure: FogataError | undefined;
  channel.once('error', (error) => {
    failure = FogataError.from(error);
    resetSocket(socket);
  });
  socket.once('close', () => {
    const isWhole = socket.readableEnded && channel.writableFinished && channel.readableEnded;
    if (!isWhole) channel.reset('link-lost', 'the connection was broken off');
    const { bytesRead: sentBytes, bytesWritten: receivedBytes } = socket;
    const why = failure === undefined ? {} : { code: failure.code, reason: failure.message };
    onEvent({ type: 'closed', id, sentBytes, receivedBytes, ...why });
  });
  socket.pipe(channel);
  channel.pipe(socket);
}
