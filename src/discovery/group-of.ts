import { beaconGroupIpv4, beaconGroupIpv6, mdnsGroupIpv4, mdnsGroupIpv6 } from '../protocol/limits.ts';

/** The multicast group in which something is said and heard. */
export function groupOf(method: 'multicast' | 'mdns', family: 'ipv4' | 'ipv6'): string {
  if (method === 'mdns') return family === 'ipv4' ? mdnsGroupIpv4 : mdnsGroupIpv6;
  return family === 'ipv4' ? beaconGroupIpv4 : beaconGroupIpv6;
}
