import type { NetworkInterface } from '../runtime/interfaces.ts';
import { type Conditions, drawLatencyMs, localLatencyMs } from './conditions.ts';
import type { Simulation } from './simulation.ts';
import type { VirtualRandom } from './virtual-random.ts';

/** A LAN, or anything that carries packets between all that are attached to it. There are no routers between segments. */
export interface SegmentState {
  readonly name: string;
  /** The first two bytes of its IPv4 network: `10.1.` */
  readonly ipv4Prefix: string;
  /** Of those hosts that have global IPv6: `fd00:1::` */
  readonly ipv6Prefix: string;
  readonly broadcastAddress: string;
  /** Whether multicast and broadcast pass. */
  readonly multicast: boolean;
  readonly interfaces: InterfaceState[];
  readonly byAddress: Map<string, InterfaceState>;
  conditions: Conditions;
}

export interface InterfaceState {
  readonly name: string;
  readonly host: HostState;
  /** `undefined`: loopback. */
  readonly segment: SegmentState | undefined;
  /** `` where it has none, as with the others. */
  readonly ipv4: string;
  /** Link-local. */
  readonly ipv6: string;
  readonly ipv6Global: string;
  readonly random: VirtualRandom;
  up: boolean;
}

export interface HostState {
  readonly name: string;
  readonly number: number;
  readonly party: number;
  /** Loopback is the first. */
  readonly interfaces: InterfaceState[];
  /** Where an address leads; forgotten when an interface changes. */
  readonly routes: Map<string, Route | undefined>;
  powered: boolean;
  wallOffsetMs: number;
  /** Share of its processors in use, 0 to 1. */
  load: number;
}

/** Out by one interface to another; `to` is `undefined` when nobody has the address. */
export interface Route {
  readonly from: InterfaceState;
  readonly to: InterfaceState | undefined;
}

/** A route with somebody at its end. */
export interface Path {
  readonly from: InterfaceState;
  readonly to: InterfaceState;
}

/** A partition: what goes from one set of hosts to the other is lost. */
export interface Cut {
  readonly from: ReadonlySet<HostState>;
  readonly to: ReadonlySet<HostState>;
  /** `undefined`: on every segment. */
  readonly segment: SegmentState | undefined;
}

/** Which addresses a host's interfaces have. */
export type HostAddresses = 'ipv4' | 'ipv6' | 'both';

/** Segments and hosts: how many the addresses can number. */
export const segmentsMax = 250;
export const hostsMax = 60_000;

export interface Topology {
  readonly hosts: readonly HostState[];
  /** Grows when a host is added or an interface changes: what was found before about who is where may be wrong. */
  readonly revision: number;
  addSegment(name: string, conditions: Conditions, multicast: boolean): SegmentState;
  addHost(name: string, segments: readonly SegmentState[], addresses: HostAddresses | undefined): HostState;
  readonly cuts: Set<Cut>;
  /** `undefined`: no interface leads there (`ENETUNREACH`). The address may carry a scope. */
  route(host: HostState, address: string): Route | undefined;
  /** True while packets pass: interfaces up, hosts powered, no cut. */
  isOpen(path: Path): boolean;
  drawLatencyMs(path: Path): number;
  setInterfaceUp(one: InterfaceState, up: boolean): void;
}

export function createTopology(simulation: Simulation): Topology {
  const segments: SegmentState[] = [];
  const hosts: HostState[] = [];
  const cuts = new Set<Cut>();
  let revision = 0;

  function isCut(path: Path): boolean {
    for (const cut of cuts) {
      if (cut.segment !== undefined && cut.segment !== path.from.segment) continue;
      if (cut.from.has(path.from.host) && cut.to.has(path.to.host)) return true;
    }
    return false;
  }

  return {
    hosts,
    cuts,
    get revision() {
      return revision;
    },
    addSegment(name, conditions, multicast) {
      const number = segments.length + 1;
      if (number > segmentsMax) throw new RangeError(`a world has at most ${segmentsMax} segments`);
      const segment: SegmentState = {
        name,
        ipv4Prefix: `10.${number}.`,
        ipv6Prefix: `fd00:${number.toString(16)}::`,
        broadcastAddress: `10.${number}.255.255`,
        multicast,
        interfaces: [],
        byAddress: new Map(),
        conditions,
      };
      segments.push(segment);
      return segment;
    },
    addHost(name, attachedTo, addresses) {
      if (hosts.length >= hostsMax) throw new RangeError(`a world has at most ${hostsMax} hosts`);
      const host = createHost(simulation, name, hosts.length, { attachedTo, addresses });
      hosts.push(host);
      revision += 1;
      return host;
    },
    route(host, address) {
      const known = host.routes.get(address);
      if (known !== undefined || host.routes.has(address)) return known;
      const found = findRoute(host, address);
      host.routes.set(address, found);
      return found;
    },
    isOpen(path) {
      const { from, to } = path;
      if (!from.up || !to.up || !from.host.powered || !to.host.powered) return false;
      return cuts.size === 0 || from.host === to.host || !isCut(path);
    },
    drawLatencyMs(path) {
      const { segment, random } = path.from;
      if (segment === undefined || path.from.host === path.to.host) return localLatencyMs;
      return drawLatencyMs(segment.conditions, random);
    },
    setInterfaceUp(one, up) {
      if (one.up === up) return;
      one.up = up;
      revision += 1;
      simulation.trace.note('link', simulation.nowMs, one.host.party, 0, up ? 1 : 2, one.name);
      one.host.routes.clear();
    },
  };
}

/** Interfaces are `lo`, `eth0`, `eth1`, …; a host has the same last two bytes on all its segments. */
function createHost(
  simulation: Simulation,
  name: string,
  number: number,
  how: { readonly attachedTo: readonly SegmentState[]; readonly addresses: HostAddresses | undefined },
): HostState {
  const { attachedTo, addresses } = how;
  const random = simulation.random.fork(`network:${name}`);
  const ordinal = number + 1;
  const interfaces: InterfaceState[] = [];
  const party = simulation.trace.party(name);
  const host: HostState = {
    name,
    number,
    party,
    interfaces,
    routes: new Map(),
    powered: true,
    wallOffsetMs: 0,
    load: 0,
  };
  interfaces.push({
    name: 'lo',
    host,
    segment: undefined,
    ipv4: '127.0.0.1',
    ipv6: '::1',
    ipv6Global: '',
    random,
    up: true,
  });
  for (const segment of attachedTo) {
    const one: InterfaceState = {
      name: `eth${interfaces.length - 1}`,
      host,
      segment,
      ipv4: addresses === 'ipv6' ? '' : `${segment.ipv4Prefix}${ordinal >> 8}.${ordinal & 255}`,
      ipv6: addresses === 'ipv4' ? '' : `fe80::${ordinal.toString(16)}`,
      ipv6Global: addresses === 'ipv6' || addresses === 'both' ? segment.ipv6Prefix + ordinal.toString(16) : '',
      random: random.fork(segment.name),
      up: true,
    };
    interfaces.push(one);
    segment.interfaces.push(one);
    for (const address of [one.ipv4, one.ipv6, one.ipv6Global]) if (address !== '') segment.byAddress.set(address, one);
  }
  return host;
}

function findRoute(host: HostState, address: string): Route | undefined {
  const percent = address.indexOf('%');
  const scope = percent < 0 ? undefined : address.slice(percent + 1);
  const bare = percent < 0 ? address : address.slice(0, percent);
  const [loopback] = host.interfaces;
  if (loopback !== undefined && (bare.startsWith('127.') || bare === '::1')) return { from: loopback, to: loopback };
  for (const one of host.interfaces) {
    if (!one.up || one.segment === undefined) continue;
    if (leadsTo(one, one.segment, bare, scope)) return { from: one, to: one.segment.byAddress.get(bare) };
  }
  return undefined;
}

function leadsTo(one: InterfaceState, segment: SegmentState, bare: string, scope: string | undefined): boolean {
  if (!bare.includes(':')) return one.ipv4 !== '' && bare.startsWith(segment.ipv4Prefix);
  if (scope !== undefined) return one.name === scope && one.ipv6 !== '';
  return one.ipv6Global !== '' && bare.startsWith(segment.ipv6Prefix);
}

/** Whether the interface has an address of this family. */
export function hasFamily(one: InterfaceState, ipv6: boolean): boolean {
  return (ipv6 ? one.ipv6 : one.ipv4) !== '';
}

/** The address by which the host at the other end of `path` sees its sender, who wrote `to`, `undefined` for many. */
export function senderAddress(path: Path, ipv6: boolean, to: string | undefined): string {
  if (!ipv6) return path.from.ipv4;
  if (to !== undefined && to === path.to.ipv6Global) return path.from.ipv6Global;
  return path.from.segment === undefined ? path.from.ipv6 : `${path.from.ipv6}%${path.to.name}`;
}

/** The other way along the same two interfaces. */
export function reverse(path: Path): Path {
  return { from: path.to, to: path.from };
}

/** True when `address` (scope or not) belongs to an interface that is up. */
export function ownsAddress(host: HostState, address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  return (
    host.interfaces.some((one) => one.up && [one.ipv4, one.ipv6, one.ipv6Global].includes(bare)) ||
    bare.startsWith('127.')
  );
}

/** As the interfaces port shows them: those that are up. */
export function listInterfaces(host: HostState): readonly NetworkInterface[] {
  return host.interfaces.filter((one) => one.up).flatMap(addressesOf);
}

function addressesOf(one: InterfaceState): NetworkInterface[] {
  const internal = one.segment === undefined;
  const { name } = one;
  const all: NetworkInterface[] = [
    { name, address: one.ipv4, family: 'ipv4', prefixLength: internal ? 8 : 16, internal },
    { name, address: one.ipv6Global, family: 'ipv6', prefixLength: 64, internal },
    { name, address: one.ipv6, family: 'ipv6', prefixLength: internal ? 128 : 64, internal },
  ];
  return all.filter(({ address }) => address !== '');
}
