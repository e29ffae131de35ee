import type { Log } from '../runtime/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Simulation } from './simulation.ts';
import { listInterfaces } from './topology.ts';
import { virtualClock } from './virtual-clock.ts';
import type { DatagramNetwork } from './virtual-datagrams.ts';
import type { VirtualDisk } from './virtual-disk.ts';
import type { ProcessState } from './virtual-process.ts';
import { type NameTable, virtualResolver } from './virtual-resolver.ts';
import type { StreamNetwork } from './virtual-streams.ts';

/** What all processes of a world share. */
export interface WorldParts {
  readonly simulation: Simulation;
  readonly datagrams: DatagramNetwork;
  readonly streams: StreamNetwork;
  readonly names: NameTable;
}

/** The world as one incarnation of one process sees it. When that has ended its timers, sockets and promises come to nothing. */
export function virtualRuntime(parts: WorldParts, process: ProcessState, disk: VirtualDisk, log: Log): Runtime {
  const { simulation } = parts;
  return {
    clock: virtualClock(simulation, process),
    random: simulation.random.fork(`process:${process.host.name}/${process.name}#${process.incarnation}`),
    datagrams: parts.datagrams.forProcess(process),
    streams: parts.streams.forProcess(process),
    interfaces: { list: () => listInterfaces(process.host) },
    resolver: virtualResolver(simulation, process, parts.names),
    storage: disk.forProcess(process),
    hostLoad: { sample: () => process.host.load, terms: () => [] },
    memory: { review: () => undefined },
    log,
  };
}
