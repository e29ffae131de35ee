import { addressesMax } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { NetworkInterface } from '../runtime/interfaces.ts';

/**
 * Where others reach this node, most useful first: IPv4 before IPv6 (on a LAN it is there more often), real interfaces
 * before bridges and tunnels, which others seldom reach. Link-local IPv6 is left out: it means nothing on another host.
 */
export function ownAddresses(
  interfaces: readonly NetworkInterface[],
  scope: 'loopback' | 'open',
  port: number,
): readonly SocketAddress[] {
  const usable = interfaces.filter(
    (entry) => !isLinkLocal(entry) && (scope === 'open' ? !entry.internal : entry.internal),
  );
  const sorted = usable
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => order(a.entry) - order(b.entry) || a.index - b.index);
  const addresses = sorted.slice(0, addressesMax).map(({ entry }) => ({ address: entry.address, port }));
  return addresses.length > 0 ? addresses : [{ address: '127.0.0.1', port }];
}

function isLinkLocal(entry: NetworkInterface): boolean {
  return entry.family === 'ipv6' && /^fe[89ab]/i.test(entry.address);
}

function order(entry: NetworkInterface): number {
  const virtual = /^(docker|br-|virbr|veth|cni|flannel|cali|tun|tap|wg|tailscale|zt)/.test(entry.name);
  return (virtual ? 2 : 0) + (entry.family === 'ipv6' ? 1 : 0);
}
