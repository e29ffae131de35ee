import { FogataError } from '../protocol/fogata-error.ts';
import { nodePortsTried } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { DatagramSocket } from '../runtime/datagrams.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ByteStream, ListenAddress, SecureListen, StreamListener } from '../runtime/streams.ts';

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

/** A listener and the families it serves: one for both on the LAN, one for each on loopback. */
interface Place {
  readonly listen: ListenAddress;
  readonly families: readonly { readonly family: 'ipv4' | 'ipv6'; readonly address: string }[];
}

function placesOf(scope: 'loopback' | 'open', port: number): readonly Place[] {
  const [ipv4, ipv6] = scope === 'open' ? ['0.0.0.0', '::'] : ['127.0.0.1', '::1'];
  const families = [
    { family: 'ipv4', address: ipv4 },
    { family: 'ipv6', address: ipv6 },
  ] as const;
  if (scope === 'open') return [{ listen: { port }, families }];
  return families.map((one) => ({ listen: { address: one.address, port }, families: [one] }));
}

/** `undefined`: the number is taken. A host without one of the families is no error as long as the other one is there. */
async function bindAll(
  runtime: Runtime,
  scope: 'loopback' | 'open',
  port: number,
  events: NodePortEvents,
  counts: { sendErrors: number },
): Promise<Bound | undefined> {
  const all: { sockets: Bound['sockets'][number][]; listeners: StreamListener[] } = { sockets: [], listeners: [] };
  let missing: unknown;
  for (const place of placesOf(scope, port)) {
    try {
      const { sockets, listeners } = await bind(runtime, place, port, events, counts);
      all.sockets.push(...sockets);
      all.listeners.push(...listeners);
    } catch (error) {
      if (codeOf(error) === 'EADDRINUSE') {
        closeAll(all);
        return undefined;
      }
      missing = error;
      runtime.log.debug('nothing can be accepted there', { ...place.listen, error });
    }
  }
  if (all.sockets.length === 0) throw FogataError.from(missing);
  return all;
}

/** Both or neither: a number that answers to UDP or to TCP only would mislead. Rejects when no family of the place is there. */
async function bind(
  runtime: Runtime,
  { listen, families }: Place,
  port: number,
  events: NodePortEvents,
  counts: { sendErrors: number },
): Promise<Bound> {
  const listener = await runtime.streams.listen(listen, events.onStream, events.secure);
  const bound: { sockets: Bound['sockets'][number][]; listeners: StreamListener[] } = {
    sockets: [],
    listeners: [listener],
  };
  let missing: unknown;
  for (const { family, address } of families) {
    if (family === 'ipv6' && !isIpv6(listener)) continue;
    try {
      bound.sockets.push({ family, socket: await openDatagrams(runtime, { address, port }, events, counts) });
    } catch (error) {
      missing = error;
      if (codeOf(error) === 'EADDRINUSE') break;
      runtime.log.debug('an address family is not available', { family, error });
    }
  }
  if (bound.sockets.length > 0 && codeOf(missing) !== 'EADDRINUSE') return bound;
  closeAll(bound);
  throw missing;
}

function openDatagrams(
  { datagrams }: Runtime,
  where: SocketAddress,
  events: NodePortEvents,
  counts: { sendErrors: number },
): Promise<DatagramSocket> {
  return datagrams.open({
    ...where,
    shared: false,
    broadcast: false,
    multicastInterface: undefined,
    onDatagram: events.onDatagram,
    onError() {
      counts.sendErrors += 1;
    },
  });
}

function closeAll({ sockets, listeners }: Bound): void {
  for (const { socket } of sockets) socket.close();
  for (const listener of listeners) listener.close();
}

function isIpv6({ local }: StreamListener): boolean {
  return 'address' in local && local.address.includes(':');
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
      closeAll(bound);
    },
  };
}
