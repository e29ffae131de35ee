import { parseIp, withoutScope } from '../protocol/ip-address.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { MdnsLink } from './mdns-asked.ts';
import type { MdnsMessage, MdnsQuestion, MdnsRecord } from './mdns-packet.ts';
import { mdnsService } from './mdns-records.ts';
import { isLoopbackAddress } from './subnet.ts';

/** Instances kept: more than this on one link is no link. The longest silent goes first. */
export const instancesMax = 1_024;

/** Addresses kept of one instance: every address of every interface of a host. */
const addressesMax = 16;

/** Instances of one host name whose addresses are kept: a node has a name of its own, and each address is kept for each of them. */
const ofOneHostMax = 32;

/** Somebody who says that a node is there. */
export interface MdnsInstance {
  /** `LABEL._fogata._udp.local` */
  readonly name: string;
  readonly interface: string;
  /** When the pointer to it is over. */
  endsAt: number;
  ttlS: number;
  place: { readonly target: string; readonly port: number } | undefined;
  /** `undefined`: not heard yet. */
  texts: readonly string[] | undefined;
  /** With the time when each is over. */
  readonly addresses: Map<string, number>;
}

/** What was heard of nodes by mDNS, each interface for itself. */
export interface MdnsInstances {
  /** Returns those of which something new or again was heard. */
  take(message: MdnsMessage, interfaceName: string, now: number): readonly MdnsInstance[];
  all(now: number): readonly MdnsInstance[];
  /** Whether it is known on that link, and not about to be forgotten. */
  isFresh(name: string, link: MdnsLink, now: number): boolean;
}

export function createMdnsInstances(): MdnsInstances {
  const instances = new Map<string, MdnsInstance>();

  function known(name: string, interfaceName: string): MdnsInstance | undefined {
    return instances.get(`${interfaceName} ${name}`);
  }

  function put(name: string, interfaceName: string): MdnsInstance {
    const key = `${interfaceName} ${name}`;
    const instance = instances.get(key) ?? {
      name,
      interface: interfaceName,
      endsAt: 0,
      ttlS: 0,
      place: undefined,
      texts: undefined,
      addresses: new Map(),
    };
    instances.delete(key);
    instances.set(key, instance);
    if (instances.size > instancesMax) {
      const [oldest] = instances.keys();
      if (oldest !== undefined) instances.delete(oldest);
    }
    return instance;
  }

  function takeRecord(record: MdnsRecord, interfaceName: string, now: number): MdnsInstance | undefined {
    if (record.type === 'PTR') {
      if (record.name !== mdnsService || !record.target.endsWith(`.${mdnsService}`)) return undefined;
      if (record.ttlS === 0) {
        instances.delete(`${interfaceName} ${record.target}`);
        return undefined;
      }
      const instance = put(record.target, interfaceName);
      instance.ttlS = record.ttlS;
      instance.endsAt = now + record.ttlS * 1_000;
      return instance;
    }
    const instance = known(record.name, interfaceName);
    if (instance === undefined || record.ttlS === 0) return undefined;
    if (record.type === 'SRV') instance.place = { target: record.target, port: record.port };
    if (record.type === 'TXT') instance.texts = record.texts;
    return instance;
  }

  function takeAddress(record: MdnsRecord, interfaceName: string, now: number): MdnsInstance[] {
    if (record.type !== 'A' && record.type !== 'AAAA') return [];
    const address = reachable(record.address, interfaceName);
    if (address === undefined) return [];
    const targeted: MdnsInstance[] = [];
    for (const instance of instances.values()) {
      if (instance.interface !== interfaceName || instance.place?.target !== record.name) continue;
      targeted.push(instance);
      if (targeted.length === ofOneHostMax) break;
    }
    for (const { addresses } of targeted) {
      if (record.ttlS === 0) addresses.delete(address);
      else if (addresses.has(address) || addresses.size < addressesMax)
        addresses.set(address, now + record.ttlS * 1_000);
    }
    return targeted;
  }

  return {
    take(message, interfaceName, now) {
      const touched = new Set<MdnsInstance>();
      const records = [...message.answers, ...message.additionals];
      // Pointers first, then what they point to, in whatever order they came.
      for (const wanted of ['PTR', 'SRV', 'TXT'] as const) {
        for (const record of records) {
          const instance = record.type === wanted ? takeRecord(record, interfaceName, now) : undefined;
          if (instance !== undefined) touched.add(instance);
        }
      }
      for (const record of records) for (const one of takeAddress(record, interfaceName, now)) touched.add(one);
      return [...touched];
    },
    all(now) {
      for (const [key, instance] of instances) if (instance.endsAt <= now) instances.delete(key);
      return [...instances.values()];
    },
    isFresh(name, link, now) {
      const instance = known(name, link.interface);
      return instance !== undefined && isFresh(instance, now);
    },
  };
}

/** Good for more than half its time yet: nobody need say it again (RFC 6762, 7.1). */
export function isFresh({ endsAt, ttlS }: MdnsInstance, now: number): boolean {
  return Math.floor((endsAt - now) / 1_000) > ttlS / 2;
}

/** Where an instance's node port is said to be. */
export function placesOf({ place, addresses }: MdnsInstance): readonly SocketAddress[] {
  if (place === undefined || place.port === 0) return [];
  return Array.from(addresses.keys(), (address) => ({ address, port: place.port }));
}

/** What must be asked before it can be looked for (RFC 6763, 5). */
export function missingOf({ name, place, texts, addresses }: MdnsInstance): readonly MdnsQuestion[] {
  const questions: MdnsQuestion[] = [];
  if (place === undefined) questions.push({ name, type: 'SRV', unicast: false });
  if (texts === undefined) questions.push({ name, type: 'TXT', unicast: false });
  if (place !== undefined && addresses.size === 0) {
    questions.push(
      { name: place.target, type: 'A', unicast: false },
      { name: place.target, type: 'AAAA', unicast: false },
    );
  }
  return questions;
}

/** Whether the instance says that it is of the cluster with this tag. */
export function clusterOf({ texts }: MdnsInstance, tag: string): 'same' | 'other' | 'unknown' {
  const said = texts?.find((text) => text.startsWith('c='));
  if (said === undefined) return 'unknown';
  return said.slice(2) === tag ? 'same' : 'other';
}

/** Nobody is sent to loopback, to a group or nowhere. A link-local address means something only with its interface. */
function reachable(address: string, interfaceName: string): string | undefined {
  const bytes = parseIp(withoutScope(address));
  if (bytes === undefined || isLoopbackAddress(address)) return undefined;
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 4) return first === 0 || first >= 224 ? undefined : address;
  if (first === 0xff || bytes.every((byte) => byte === 0)) return undefined;
  return first === 0xfe && (second & 0xc0) === 0x80 ? `${address}%${interfaceName}` : address;
}
