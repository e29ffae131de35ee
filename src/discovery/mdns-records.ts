import type { NetworkInterface } from '../runtime/interfaces.ts';
import type { MdnsRecord } from './mdns-packet.ts';

/** The service type under which nodes are announced and looked for (RFC 6763). */
export const mdnsService = '_fogata._udp.local';

/** Asked for by those who want to know what services there are at all (RFC 6763, 9). */
export const mdnsEnumeration = '_services._dns-sd._udp.local';

/** Seconds a record is good for: two minutes where a host or its addresses are named, else 75 minutes (RFC 6762, 10). */
const hostTtlS = 120;
const otherTtlS = 4_500;

/** What a node says of itself. Nothing in it tells a name: a cluster with a key keeps its names to itself. */
export interface MdnsIdentity {
  /** One label: the instance is `LABEL._fogata._udp.local`, the host `fogata-LABEL.local`. */
  readonly label: string;
  readonly port: number;
  /** `key=value` each. */
  readonly texts: readonly string[];
}

export function instanceOf(label: string): string {
  return `${label}.${mdnsService}`;
}

/** All that a node says on one interface. The unique ones are those that only it may say. */
export function mdnsRecords({ label, port, texts }: MdnsIdentity, addresses: readonly string[]): readonly MdnsRecord[] {
  const name = instanceOf(label);
  const target = `fogata-${label}.local`;
  return [
    { name: mdnsService, type: 'PTR', target: name, ttlS: otherTtlS, flush: false },
    { name: mdnsEnumeration, type: 'PTR', target: mdnsService, ttlS: otherTtlS, flush: false },
    { name, type: 'SRV', target, port, ttlS: hostTtlS, flush: true },
    { name, type: 'TXT', texts, ttlS: otherTtlS, flush: true },
    ...addresses.map<MdnsRecord>((address) => {
      return { name: target, type: address.includes(':') ? 'AAAA' : 'A', address, ttlS: hostTtlS, flush: true };
    }),
  ];
}

/** An interface's own addresses, for which alone a host may speak there. */
export function addressesOn(interfaces: readonly NetworkInterface[], name: string): readonly string[] {
  return interfaces.filter((entry) => entry.name === name).map((entry) => entry.address);
}
