import { type Log, silentLog } from '../runtime/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Segment } from './segment.ts';
import { StreamEnd } from './stream-end.ts';
import { type HostState, type InterfaceState, listInterfaces, type Topology } from './topology.ts';
import { createVirtualDisk, type VirtualDisk } from './virtual-disk.ts';
import {
  createProcess,
  endProcess,
  freezeProcess,
  type ProcessEnd,
  type ProcessState,
  thawProcess,
} from './virtual-process.ts';
import { virtualRuntime, type WorldParts } from './virtual-runtime.ts';

/** One incarnation of a program on a virtual host. */
export interface VirtualProcess {
  readonly name: string;
  readonly host: VirtualHost;
  /** Give it to what is tested. After the process has ended nothing called on it has an effect, and its promises stay open. */
  readonly runtime: Runtime;
  readonly alive: boolean;
  readonly frozen: boolean;
  /** Its timers that have not fired, and what its kernel is about to tell it. Costs a look at every event of the world. */
  readonly dueCount: number;
  /** Its sockets, listeners and connections; not those that its kernel is still making. */
  readonly openCount: number;
  /** As `kill -9`: the kernel closes its sockets at once. */
  kill(): void;
  /** As SIGSTOP: the kernel still accepts connections and keeps bytes, the program does nothing. */
  freeze(): void;
  /** As SIGCONT: what came due meanwhile happens now, late. */
  thaw(): void;
}

export interface StartOptions {
  /** Told what the program logs. Default: nobody. */
  readonly log?: Log;
}

/** A computer with a disk, a clock, and an interface on each of its segments. */
export interface VirtualHost {
  readonly name: string;
  /** Its IPv4 address, or its IPv6 address where it has none, on `segment`; without one, on the first segment it is attached to. */
  address(segment?: Segment): string;
  readonly disk: Pick<VirtualDisk, 'failWith'>;
  readonly powered: boolean;
  /** Those that are alive, in the order of their start. */
  readonly processes: readonly VirtualProcess[];
  /** Starts a program, by default called `main`. A later one of the same name finds what the earlier one stored. */
  start(name?: string, options?: StartOptions): VirtualProcess;
  /** The plug is pulled: all processes end without a word, and the network hears nothing more. */
  powerOff(): void;
  /** Programs are not started again by this. */
  powerOn(): void;
  /** The interface on `segment` (default: every one but loopback) vanishes, with its addresses. */
  linkDown(segment?: Segment): void;
  linkUp(segment?: Segment): void;
  /** Sets its wall clock off from the world's by this much. `now()` is not affected. */
  setWallOffset(offsetMs: number): void;
  /** The share of its processors that is in use, 0 (as it is at first) to 1. */
  setLoad(share: number): void;
}

/** Names that may be given to hosts and programs: they appear in traces, resolve, and are parts of paths. */
const namePattern = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

export function assertName(name: string): void {
  if (!namePattern.test(name)) throw new TypeError(`bad name ${JSON.stringify(name)}: want [a-z0-9] with ._- inside`);
}

export function createVirtualHost(parts: WorldParts, topology: Topology, state: HostState): VirtualHost {
  const { simulation } = parts;
  const disk = createVirtualDisk(simulation);
  const starts = new Map<string, number>();
  let running: { readonly state: ProcessState; readonly shown: VirtualProcess }[] = [];

  function end(process: ProcessState, how: ProcessEnd): void {
    endProcess(simulation, process, how);
    running = running.filter((one) => one.state !== process);
  }

  function setPowered(powered: boolean): void {
    state.powered = powered;
    simulation.trace.note('host', simulation.nowMs, state.party, 0, powered ? 1 : 2);
  }

  const host: VirtualHost = {
    name: state.name,
    disk,
    address(segment) {
      const one = interfacesOn(state, segment)[0];
      if (one === undefined) throw new Error(`${state.name} has no interface there`);
      return one.ipv4 === '' ? one.ipv6Global : one.ipv4;
    },
    get powered() {
      return state.powered;
    },
    get processes() {
      return running.map((one) => one.shown);
    },
    start(name = 'main', options = {}) {
      assertName(name);
      if (!state.powered) throw new Error(`${state.name} has no power`);
      const incarnation = (starts.get(name) ?? 0) + 1;
      starts.set(name, incarnation);
      const process = createProcess(simulation, state, name, incarnation);
      const runtime = virtualRuntime(parts, process, disk, options.log ?? silentLog);
      const shown = showProcess(parts, host, process, runtime, () => end(process, 'killed'));
      running.push({ state: process, shown });
      return shown;
    },
    powerOff() {
      if (!state.powered) return;
      setPowered(false);
      for (const one of running) end(one.state, 'power-lost');
    },
    powerOn() {
      if (!state.powered) setPowered(true);
    },
    linkDown(segment) {
      for (const one of interfacesOn(state, segment)) topology.setInterfaceUp(one, false);
    },
    linkUp(segment) {
      for (const one of interfacesOn(state, segment)) topology.setInterfaceUp(one, true);
    },
    setWallOffset(offsetMs) {
      state.wallOffsetMs = offsetMs;
    },
    setLoad(share) {
      if (!(share >= 0 && share <= 1)) throw new RangeError(`load is a share from 0 to 1, not ${share}`);
      state.load = share;
    },
  };
  return host;
}

function showProcess(
  parts: WorldParts,
  host: VirtualHost,
  process: ProcessState,
  runtime: Runtime,
  kill: () => void,
): VirtualProcess {
  return {
    name: process.name,
    host,
    runtime,
    get alive() {
      return process.alive;
    },
    get frozen() {
      return process.frozen;
    },
    get dueCount() {
      return parts.simulation.dueCount(process);
    },
    get openCount() {
      return [...process.resources].filter((one) => !(one instanceof StreamEnd) || one.isStarted()).length;
    },
    kill,
    freeze: () => freezeProcess(parts.simulation, process),
    thaw: () => thawProcess(parts.simulation, process),
  };
}

function interfacesOn(state: HostState, segment: Segment | undefined): InterfaceState[] {
  return state.interfaces.filter(
    (one) => one.segment !== undefined && (segment === undefined || one.segment.name === segment.name),
  );
}

/** All addresses but loopback's and link-local ones: what the host's name resolves to. */
export function addressesOfHost(state: HostState): string[] {
  return listInterfaces(state)
    .filter((one) => !one.internal && !one.address.startsWith('fe80:'))
    .map((one) => one.address);
}
