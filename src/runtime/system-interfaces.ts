import { networkInterfaces } from 'node:os';
import type { Interfaces, NetworkInterface } from './interfaces.ts';

/** What was read so long ago is good: several look at the same moment, and asking the system takes a fifth of a millisecond. */
const freshMs = 50;

/**
 * Reads the machine's interfaces anew, so that a cable pulled is seen. Where the system does not tell, as when no file
 * descriptor is left to ask it with, they are what they were.
 */
export function systemInterfaces(
  read: typeof networkInterfaces = networkInterfaces,
  now: () => number = () => performance.now(),
): Interfaces {
  let last: readonly NetworkInterface[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    list() {
      if (now() - readAt < freshMs) return last;
      try {
        last = listOf(read());
        readAt = now();
      } catch {
        // It is asked again within a second or two.
      }
      return last;
    },
  };
}

function listOf(given: ReturnType<typeof networkInterfaces>): readonly NetworkInterface[] {
  const found: NetworkInterface[] = [];
  for (const [name, addresses] of Object.entries(given)) {
    for (const entry of addresses ?? []) {
      found.push({
        name,
        address: entry.address,
        family: entry.family === 'IPv4' ? 'ipv4' : 'ipv6',
        prefixLength: prefixLengthOf(entry.cidr, entry.family),
        internal: entry.internal,
      });
    }
  }
  return found;
}

/** A mask with holes has no CIDR form; such an address is taken as a network of its own. */
function prefixLengthOf(cidr: string | null, family: 'IPv4' | 'IPv6'): number {
  if (cidr !== null) return Number(cidr.slice(cidr.indexOf('/') + 1));
  return family === 'IPv4' ? 32 : 128;
}
