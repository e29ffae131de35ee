import { FogataError } from '../protocol/fogata-error.ts';
import { nodePortsTried } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { DatagramSocket } from '../runtime/datagrams.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ByteStream, SecureListen, StreamListener } from '../runtime/streams.ts';

/** A node's own port: UDP for gossip and TCP for links, the same number, IPv4 and IPv6 ([P2]). */
export interface NodePort {
  readonly port: number;
  /** IPv4 where there is IPv4, else IPv6. */
  readonly local: SocketAddress;
  send(bytes: Uint8Array, to: SocketAddress): void;
  /** Datagrams that could not be sent. */
  readonly sendErrors: number;
  close(): void;
}

export interface NodePortEvents {
  onDatagram(bytes: Uint8Array, from: SocketAddress): void;
  /** `identity` is what the other side has proved to know, where `secure` asks for it. */
  onStream(stream: ByteStream, identity: string | undefined): void;
  readonly secure?: SecureListen | undefined;
}

/** Everything bound on one number. */
interface Bound {
  readonly sockets: readonly { readonly family: 'ipv4' | 'ipv6'; readonly socket: DatagramSocket }[];
  readonly listeners: readonly StreamListener[];
}

/** Takes the first number from `firstPort` on that is free for both; rejects with `address-in-use` when none is. */
export async function openNodePort(
  runtime: Runtime,
  scope: 'loopback' | 'open',
  firstPort: number,
  events: NodePortEvents,
): Promise<NodePort> {
  const counts = { sendErrors: 0 };
  const lastPort = Math.min(65_535, firstPort + nodePortsTried - 1);
  for (let port = firstPort; port <= lastPort; port++) {
    const bound = await bindAll(runtime, scope, port, events, counts);
    if (bound !== undefined) return nodePortOf(bound, port, counts);
  }
  throw new FogataError(
    'address-in-use',
    `no port from ${firstPort} to ${lastPort} is free for UDP and TCP: name another with --port`,
  );
}

async function bindAll(
  runtime: Runtime,
  scope: 'loopback' | 'open',
  port: number,
  events: NodePortEvents,
  counts: { sendErrors: number },
): Promise<Bound | undefined> {
  const sockets: { family: 'ipv4' | 'ipv6'; socket: DatagramSocket }[] = [];
  const listeners: StreamListener[] = [];
  const close = () => {
    for (const { socket } of sockets) socket.close();
    for (const listener of listeners) listener.close();
  };
  for (const family of ['ipv4', 'ipv6'] as const) {
    const address = bindAddress(scope, family);
    let listener: StreamListener | undefined;
    try {
      listener = await runtime.streams.listen({ address, port }, events.onStream, events.secure);
      const socket = await runtime.datagrams.open({
        address,
        port,
        shared: false,
        broadcast: false,
        multicastInterface: undefined,
        onDatagram: events.onDatagram,
        onError() {
          counts.sendErrors += 1;
        },
      });
      sockets.push({ family, socket });
      listeners.push(listener);
    } catch (error) {
      // Both or neither: a number that answers to one of the two only would mislead.
      listener?.close();
      if (codeOf(error) === 'EADDRINUSE') {
        close();
        return undefined;
      }
      // A host without this family is no error as long as the other one is there.
      if (family === 'ipv4' || sockets.length > 0)
        runtime.log.debug('an address family is not available', { family, error });
      else {
        close();
        throw FogataError.from(error);
      }
    }
  }
  return { sockets, listeners };
}

function bindAddress(scope: 'loopback' | 'open', family: 'ipv4' | 'ipv6'): string {
  if (scope === 'open') return family === 'ipv4' ? '0.0.0.0' : '::';
  return family === 'ipv4' ? '127.0.0.1' : '::1';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function nodePortOf(bound: Bound, port: number, counts: { readonly sendErrors: number }): NodePort {
  const ipv4 = bound.sockets.find((entry) => entry.family === 'ipv4')?.socket;
  const ipv6 = bound.sockets.find((entry) => entry.family === 'ipv6')?.socket;
  const local = (ipv4 ?? ipv6)?.local ?? { address: '127.0.0.1', port };
  let closed = false;
  return {
    port,
    local,
    send(bytes, to) {
      if (closed) return;
      (to.address.includes(':') ? ipv6 : ipv4)?.send(bytes, to);
    },
    get sendErrors() {
      return counts.sendErrors;
    },
    close() {
      if (closed) return;
      closed = true;
      for (const { socket } of bound.sockets) socket.close();
      for (const listener of bound.listeners) listener.close();
    },
  };
}
