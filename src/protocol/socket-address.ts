/** An IP address and a port. `address` may carry a scope for IPv6 link-local: `fe80::1%eth0`. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** `192.0.2.1:7472`, `[2001:db8::1]:7472`: the one way an address is shown and compared. */
export function formatSocketAddress(where: SocketAddress): string {
  return where.address.includes(':') ? `[${where.address}]:${where.port}` : `${where.address}:${where.port}`;
}
