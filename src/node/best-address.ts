import { addressBytes, isLinkLocalIpv6, isLoopbackAddress, sameSubnet } from '../discovery/subnet.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import { isVirtual } from './own-addresses.ts';

/** A subnet this host is in. */
export interface Net {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  readonly virtual: boolean;
  readonly address: string;
}

export function netsOf(interfaces: readonly NetworkInterface[]): readonly Net[] {
  return interfaces.flatMap(({ name, address, prefixLength }) => {
    const bytes = addressBytes(address);
    return bytes === undefined ? [] : [{ bytes, prefixLength, address, virtual: isVirtual(name) }];
  });
}

/**
 * Of the addresses somebody gives, the likeliest to lead there from this host, before any has answered. A subnet in common
 * is the best sign, but not one behind a bridge or a tunnel: every host with containers has 172.17.0.1. What its owner puts
 * first comes first among equals.
 */
export function bestAddress(nets: readonly Net[], addresses: readonly SocketAddress[]): SocketAddress | undefined {
  let best: SocketAddress | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const where of addresses) {
    const rank = rankOf(where.address, nets);
    if (rank >= bestRank) continue;
    best = where;
    bestRank = rank;
  }
  return best;
}

function rankOf(address: string, nets: readonly Net[]): number {
  const bytes = addressBytes(address);
  // On another host these mean that one's own.
  if (bytes === undefined || isLoopbackAddress(address) || isLinkLocalIpv6(address)) return 5;
  const shared = nets.filter((net) => sameSubnet(net.bytes, bytes, net.prefixLength));
  if (shared.some((net) => !net.virtual)) return 0;
  // This host's own address there: on another host it is another's.
  if (shared.some((net) => net.address === address)) return 4;
  if (shared.length > 0) return 3;
  return nets.some((net) => net.bytes.length === bytes.length && isRouted(net.address)) ? 1 : 2;
}

/** Whether packets from this address get beyond the link. */
function isRouted(address: string): boolean {
  return !isLoopbackAddress(address) && !isLinkLocalIpv6(address);
}
