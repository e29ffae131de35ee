import { type HostState, hasFamily, type InterfaceState, type Path, type Topology } from './topology.ts';

/** Where a datagram goes: along one way, or to all of a group that are on one interface's segment. */
export type DatagramTarget =
  | {
      readonly kind: 'one';
      /** `undefined`: nobody has the address. */
      readonly path: Path | undefined;
    }
  | {
      readonly kind: 'many';
      /** Those it may reach, the sender's own host among them; on loopback only that one. */
      readonly paths: readonly Path[];
      /** Of them it is heard by those that have joined; `undefined` (a broadcast): by all. */
      readonly group: string | undefined;
    };

export interface SenderSettings {
  readonly host: HostState;
  readonly localAddress: string;
  readonly broadcast: boolean;
  readonly multicastInterface: string | undefined;
  readonly ipv6: boolean;
}

/** Where what one socket sends goes. */
export interface Targets {
  /** Returns a system error's code when the kernel would refuse. */
  find(address: string): DatagramTarget | string;
}

/** Addresses of which a socket remembers where they lead: all of them would be the world's. */
const knownMax = 4_096;

/** Remembers what it found until an interface or a host is added or changes. */
export function createTargets(topology: Topology, sender: SenderSettings): Targets {
  const known = new Map<string, DatagramTarget | string>();
  let knownAt = -1;

  return {
    find(address) {
      if (knownAt !== topology.revision || known.size >= knownMax) known.clear();
      knownAt = topology.revision;
      let target = known.get(address);
      if (target === undefined) {
        target = findTarget(topology, sender, address);
        known.set(address, target);
      }
      return target;
    },
  };
}

function findTarget(topology: Topology, sender: SenderSettings, address: string): DatagramTarget | string {
  const { host, ipv6 } = sender;
  if (isMulticast(address)) {
    const [group = address, scope] = address.split('%');
    const from = findInterface(host, scope === undefined ? sender.multicastInterface : `%${scope}`);
    return from === undefined || !hasFamily(from, address.includes(':'))
      ? 'ENETUNREACH'
      : { kind: 'many', paths: pathsToMany(from, ipv6), group };
  }
  const broadcastFrom = host.interfaces.find((one) => one.up && isBroadcastOf(one, address));
  if (broadcastFrom !== undefined) {
    return sender.broadcast ? { kind: 'many', paths: pathsToMany(broadcastFrom, ipv6), group: undefined } : 'EACCES';
  }
  const route = topology.route(host, address);
  if (route === undefined) return 'ENETUNREACH';
  const { from, to } = route;
  const isLoopbackBound = sender.localAddress.startsWith('127.') || sender.localAddress === '::1';
  if (isLoopbackBound && to?.host !== host) return 'EINVAL';
  return { kind: 'one', path: to === undefined ? undefined : { from, to } };
}

function pathsToMany(from: InterfaceState, ipv6: boolean): Path[] {
  const { segment } = from;
  if (segment === undefined || !segment.multicast) return [{ from, to: from }];
  return segment.interfaces.filter((to) => hasFamily(to, ipv6)).map((to) => ({ from, to }));
}

/** By address (`10.1.0.1`) or by scope (`::%eth0`); only one that is up. */
export function findInterface(host: HostState, address: string | undefined): InterfaceState | undefined {
  if (address === undefined) return undefined;
  const percent = address.indexOf('%');
  const scope = percent < 0 ? undefined : address.slice(percent + 1);
  return host.interfaces.find((one) => one.up && (scope === undefined ? one.ipv4 === address : one.name === scope));
}

function isMulticast(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff');
  const first = Number.parseInt(address, 10);
  return first >= 224 && first <= 239;
}

/** The limited broadcast leaves by the first interface, as it follows the default route of most hosts. */
function isBroadcastOf(one: InterfaceState, address: string): boolean {
  return (
    one.ipv4 !== '' &&
    one.segment !== undefined &&
    (address === '255.255.255.255' || address === one.segment.broadcastAddress)
  );
}
