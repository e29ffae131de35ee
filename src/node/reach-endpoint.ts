import { addressBytes, isLinkLocalIpv6, isLoopbackAddress } from '../discovery/subnet.ts';
import type { Member } from '../membership/member.ts';
import { withoutScope } from '../protocol/ip-address.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';

const anyIpv4 = '0.0.0.0';
const anyAddress = '::';

/**
 * [R6] Where a program of this host connects to reach an endpoint, at most one address of each family, the likeliest first.
 * Empty where it is on loopback of another host, or at no address that is known.
 */
export function reachEndpoint(
  endpoint: SocketAddress | undefined,
  member: Pick<Member, 'reachedAt' | 'addresses'>,
  isHere: boolean,
): readonly SocketAddress[] {
  if (endpoint === undefined) return [];
  const { address, port } = endpoint;
  if (address === anyIpv4 || address === anyAddress) {
    const all = isHere ? ['127.0.0.1', '::1'] : hostAddresses(member);
    return all.filter((one) => address === anyAddress || !one.includes(':')).map((one) => ({ address: one, port }));
  }
  return isLoopbackAddress(address) ? (isHere ? [endpoint] : []) : isLinkLocalIpv6(address) ? [] : [endpoint];
}

/**
 * Addresses of a node's host for who connects from this one: where the node answered, then the first of the other family
 * that it claims. None that needs a scope or means this very host, unless the node answered there.
 */
export function hostAddresses({ reachedAt, addresses }: Pick<Member, 'reachedAt' | 'addresses'>): readonly string[] {
  const claimed = addresses.map(({ address }) => address).filter((address) => !isLoopbackAddress(address));
  const found: string[] = [];
  for (const address of [reachedAt.address, ...claimed]) {
    const length = isLinkLocalIpv6(address) ? undefined : addressBytes(address)?.length;
    if (length === undefined || found.some((one) => addressBytes(one)?.length === length)) continue;
    found.push(withoutScope(address));
  }
  return found;
}
