import { canonicalIp } from '../protocol/ip-address.ts';
import type { HostPort, SocketAddress } from '../protocol/socket-address.ts';
import type { Resolver, ServiceLocation } from '../runtime/resolver.ts';

/** Under which a zone lists the nodes of a cluster (RFC 2782): put before a name that has no addresses of its own. */
const servicePrefixes = ['_fogata._udp', '_fogata._tcp'];

/** Targets of one name's SRV records that are looked up. */
const targetsMax = 16;

/** Where a seed leads: the address it is, the addresses its name has, or those of the targets its SRV records name. */
export async function lookUpSeed(resolver: Resolver, { host, port }: HostPort): Promise<readonly SocketAddress[]> {
  if (host.startsWith('_')) return lookUpTargets(resolver, await resolver.resolveService(host));
  try {
    const addresses = await resolver.resolve(host);
    if (addresses.length > 0) return addresses.map((address) => ({ address, port }));
  } catch (error) {
    if (canonicalIp(host) !== undefined) throw error;
    const services = servicePrefixes.map((prefix) => resolver.resolveService(`${prefix}.${host}`));
    const found = await Promise.allSettled(services);
    const locations = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    // That it has no addresses says more to people than that it has no SRV records either.
    if (locations.length === 0) throw error;
    return lookUpTargets(resolver, locations);
  }
  return [];
}

/** All at once; those that resolve are enough. */
async function lookUpTargets(
  resolver: Resolver,
  locations: readonly ServiceLocation[],
): Promise<readonly SocketAddress[]> {
  const targets = locations.slice(0, targetsMax);
  const found = await Promise.allSettled(targets.map(({ host }) => resolver.resolve(host)));
  const addresses = new Map<string, SocketAddress>();
  for (const [i, { port }] of targets.entries()) {
    const one = found[i];
    if (one?.status !== 'fulfilled') continue;
    for (const address of one.value) addresses.set(`${address} ${port}`, { address, port });
  }
  const failure = found.find((one) => one.status === 'rejected');
  if (addresses.size === 0 && failure !== undefined) throw failure.reason;
  return [...addresses.values()];
}
