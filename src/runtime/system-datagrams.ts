import { createSocket, type Socket } from 'node:dgram';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { DatagramOptions, DatagramSocket, Datagrams } from './datagrams.ts';
import { asError, systemErrorCode } from './system-error.ts';

/** UDP sockets of this machine. */
export function systemDatagrams(): Datagrams {
  return { open: openSocket };
}

function openSocket(options: DatagramOptions): Promise<DatagramSocket> {
  // Literals only: Node's own check compiles a regular expression of some size for it, which takes milliseconds.
  const ipv6 = options.address.includes(':');
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    reuseAddr: options.shared,
    // Otherwise `::` would take the IPv4 side of the port as well, and an IPv4 socket could not be opened beside it.
    ipv6Only: ipv6,
    lookup: passLiteral,
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: options.address, port: options.port, exclusive: true }, () => {
      try {
        if (options.broadcast) socket.setBroadcast(true);
        if (options.multicastInterface !== undefined) socket.setMulticastInterface(options.multicastInterface);
        if (options.ttl !== undefined) setTtl(socket, options.ttl);
      } catch (error) {
        socket.close();
        reject(asError(error));
        return;
      }
      socket.off('error', reject);
      resolve(datagramSocket(socket, options));
    });
  });
}

function setTtl(socket: Socket, ttl: number): void {
  socket.setTTL(ttl);
  socket.setMulticastTTL(ttl);
}

/**
 * Addresses here are literals. Node would send even these through the resolver, a turn of the event loop later, when the
 * caller may have reused the bytes and a later datagram may have overtaken this one.
 */
function passLiteral(
  address: string,
  family: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, family === 6 ? 6 : 4);
}

function datagramSocket(socket: Socket, options: DatagramOptions): DatagramSocket {
  const bound = socket.address();
  let open = true;
  const fail = (error: Error): void => {
    if (open) options.onError(error);
  };
  // One function for all sends: a closure for each would cost more than the check.
  const onSent = (error: Error | null): void => {
    if (error !== null) fail(error);
  };
  socket.on('error', fail);
  socket.on('message', (bytes, from) => {
    if (open) options.onDatagram(bytes, { address: from.address, port: from.port });
  });
  return {
    local: { address: bound.address, port: bound.port },
    send(bytes: Uint8Array, to: SocketAddress): void {
      if (!open) return;
      try {
        // A copy, since the kernel's buffer may be full and Node then keeps the bytes until it is not.
        socket.send(Buffer.from(bytes), to.port, to.address, onSent);
      } catch (error) {
        const cause = asError(error);
        queueMicrotask(() => fail(cause));
      }
    },
    joinGroup(group: string, interfaceAddress: string): void {
      try {
        socket.addMembership(group, interfaceAddress);
      } catch (error) {
        if (systemErrorCode(error) !== 'EADDRINUSE') throw error;
      }
    },
    leaveGroup(group: string, interfaceAddress: string): void {
      try {
        socket.dropMembership(group, interfaceAddress);
      } catch {
        // Not a member, or the interface is gone and the membership with it: either way it is left.
      }
    },
    close(): void {
      if (!open) return;
      open = false;
      socket.close();
    },
  };
}
