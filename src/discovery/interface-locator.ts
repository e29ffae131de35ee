import type { NetworkInterface } from '../runtime/interfaces.ts';
import { addressBytes, sameSubnet } from './subnet.ts';

/** The interface a datagram came in on, as far as its source tells. */
export interface Location {
  readonly interface: string;
  readonly internal: boolean;
}

/** Finds the interface of a source address: by its scope, else by the subnet it belongs to. */
export interface InterfaceLocator {
  /** `undefined`: the source is on no subnet of this host. */
  locate(address: string): Location | undefined;
}

interface Subnet {
  readonly location: Location;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
}

/** Addresses whose interface is remembered: those of a whole cluster, twice. */
const locatedMax = 4_096;

/** Node does not tell on which interface an IPv4 datagram came in; the subnets decide, the narrowest first. */
export function createInterfaceLocator(interfaces: readonly NetworkInterface[]): InterfaceLocator {
  const byName = new Map<string, Location>();
  const located = new Map<string, Location>();
  const subnets: Subnet[] = [];
  for (const { name, address, prefixLength, internal } of interfaces) {
    const location: Location = { interface: name, internal };
    byName.set(name, location);
    const bytes = addressBytes(address);
    if (bytes !== undefined) subnets.push({ location, bytes, prefixLength });
  }
  subnets.sort((a, b) => b.prefixLength - a.prefixLength);

  function locate(address: string): Location | undefined {
    const scopeAt = address.indexOf('%');
    const scoped = scopeAt < 0 ? undefined : byName.get(address.slice(scopeAt + 1));
    if (scoped !== undefined) return scoped;
    const bytes = addressBytes(address);
    if (bytes === undefined) return undefined;
    return subnets.find((one) => sameSubnet(one.bytes, bytes, one.prefixLength))?.location;
  }

  return {
    locate(address) {
      const known = located.get(address);
      if (known !== undefined) return known;
      const found = locate(address);
      if (found !== undefined && located.size < locatedMax) located.set(address, found);
      return found;
    },
  };
}
