import { isLoopbackAddress } from '../../discovery/subnet.ts';
import type { SocketAddress } from '../../protocol/socket-address.ts';
import type { DatagramSocket } from '../../runtime/datagrams.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ByteStream, StreamListener } from '../../runtime/streams.ts';
import { serveConnection } from './dns-connection.ts';
import { connectionsMax } from './dns-limits.ts';
import { createDnsResponder, type DnsResponder } from './dns-responder.ts';
import type { Zone } from './zone-answer.ts';

/** The name server of this host for its cluster's names. */
export interface DnsFace {
  close(): void;
}

export type DnsRuntime = Pick<Runtime, 'clock' | 'datagrams' | 'streams'>;

/** Opens UDP and TCP at one loopback address. Rejects with the system's error, and nothing is open then. */
export async function openDnsFace(runtime: DnsRuntime, where: SocketAddress, zone: Zone): Promise<DnsFace> {
  const responder = createDnsResponder(zone, runtime.clock);
  const socket = await openDatagrams(runtime, where, responder);
  const connections = new Set<ByteStream>();
  const accept = (stream: ByteStream): void => {
    if (connections.size >= connectionsMax || !isLocal(stream)) {
      stream.destroy();
      return;
    }
    connections.add(stream);
    serveConnection(stream, responder, runtime.clock, () => connections.delete(stream));
  };
  let listener: StreamListener;
  try {
    listener = await runtime.streams.listen(where, accept);
  } catch (error) {
    socket.close();
    throw error;
  }
  return {
    close() {
      socket.close();
      listener.close();
      for (const stream of connections) stream.destroy();
    },
  };
}

async function openDatagrams(
  { datagrams }: DnsRuntime,
  where: SocketAddress,
  responder: DnsResponder,
): Promise<DatagramSocket> {
  const socket = await datagrams.open({
    ...where,
    shared: false,
    broadcast: false,
    multicastInterface: undefined,
    onDatagram(bytes, from) {
      // Bound to loopback it hears nothing else, unless somebody has routed it there.
      if (from.port === 0 || !isLoopbackAddress(from.address)) return;
      const answer = responder.toDatagram(bytes);
      if (answer !== undefined) socket.send(answer, from);
    },
    // An asker that has gone.
    onError() {},
  });
  return socket;
}

function isLocal({ remote }: ByteStream): boolean {
  return !('path' in remote) && isLoopbackAddress(remote.address);
}
