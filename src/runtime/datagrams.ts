import type { SocketAddress } from '../protocol/socket-address.ts';

export interface DatagramOptions {
  /** Local address to bind: `0.0.0.0`, `::`, or one interface's address. The family follows from it. */
  address: string;
  /** Local port; 0 lets the system choose. */
  port: number;
  /** Several sockets on this host may bind the same address and port; each then hears every multicast and broadcast. */
  shared: boolean;
  /** Permit sending to broadcast addresses. */
  broadcast: boolean;
  /** Interface address by which multicast leaves (IPv4), or `::%eth0` (IPv6). `undefined`: this socket sends no multicast. */
  multicastInterface: string | undefined;
  /** Routers that all it sends may pass. Default: the system's, which for multicast is none. */
  ttl?: number;
  /** `bytes` is the receiver's to keep. `from.address` carries the scope (`fe80::1%eth0`) where there is one. */
  onDatagram(bytes: Uint8Array, from: SocketAddress): void;
  /** A send failed or the socket broke. Never called after `close()`. */
  onError(error: Error): void;
}

export interface DatagramSocket {
  readonly local: SocketAddress;
  /** Best effort: a failure is told to `onError`, never thrown. The bytes may be reused once this returns. */
  send(bytes: Uint8Array, to: SocketAddress): void;
  /** Throws when the system refuses (no such interface, too many groups). Joining twice is no error. */
  joinGroup(group: string, interfaceAddress: string): void;
  /** Never throws. */
  leaveGroup(group: string, interfaceAddress: string): void;
  close(): void;
}

export interface Datagrams {
  /** Rejects with the system's error (`code` `EADDRINUSE`, `EACCES`, …). */
  open(options: DatagramOptions): Promise<DatagramSocket>;
}
