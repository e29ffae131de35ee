import { addressesMax } from '../protocol/limits.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { NetworkInterface } from '../runtime/interfaces.ts';

/**
 * Where others reach this node, most useful first: what the operator says, then IPv4 before IPv6 (on a LAN it is there more
 * often), real interfaces before bridges and tunnels, which others seldom reach. Link-local IPv6 is left out: it means
 * nothing on another host. May be empty: who hears such a node knows where from.
 */
export function ownAddresses(
  interfaces: readonly NetworkInterface[],
  scope: 'loopback' | 'open',
  port: number,
  advertised: readonly SocketAddress[] = [],
): readonly SocketAddress[] {
  const usable = interfaces.filter(
    (entry) => !isLinkLocalIpv6(entry) && (scope === 'open' ? !entry.internal : entry.internal),
  );
  const sorted = usable
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => order(a.entry) - order(b.entry) || a.index - b.index);
  const own = sorted.map(({ entry }) => ({ address: entry.address, port }));
  if (own.length === 0 && scope === 'loopback') own.push({ address: '127.0.0.1', port });
  const all = new Map([...advertised, ...own].map((where) => [formatSocketAddress(where), where]));
  return [...all.values()].slice(0, addressesMax);
}

/** Bridges, tunnels and the like: others seldom reach what is behind them, and many hosts have the same addresses there. */
export function isVirtual(interfaceName: string): boolean {
  return /^(docker|podman|br-|virbr|vboxnet|vmnet|veth|lxc|lxdbr|incusbr|cni|flannel|cali|kube|tun|tap|wg|ppp|utun|tailscale|zt)/.test(
    interfaceName,
  );
}

function isLinkLocalIpv6(entry: NetworkInterface): boolean {
  return entry.family === 'ipv6' && /^fe[89ab]/i.test(entry.address);
}

function order(entry: NetworkInterface): number {
  // 169.254 is what an interface gives itself when nobody gave it anything.
  const selfGiven = entry.family === 'ipv4' && entry.address.startsWith('169.254.');
  return (isVirtual(entry.name) ? 4 : 0) + (selfGiven ? 2 : 0) + (entry.family === 'ipv6' ? 1 : 0);
}
