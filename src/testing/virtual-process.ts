import type { EventOwner, ScheduledEvent } from './event-queue.ts';
import type { Simulation } from './simulation.ts';
import type { HostState } from './topology.ts';

/** How a process came to its end: by a signal, with its kernel closing what it had open; or with the power, in silence. */
export type ProcessEnd = 'killed' | 'power-lost';

/** Something the kernel holds for a process. */
export interface KernelResource {
  processEnded(how: ProcessEnd): void;
}

/** One incarnation of a program on a host. */
export interface ProcessState extends EventOwner {
  readonly name: string;
  readonly host: HostState;
  /** 1 for the first of its name on its host. */
  readonly incarnation: number;
  alive: boolean;
  frozen: boolean;
  readonly deferred: ScheduledEvent[];
  readonly resources: Set<KernelResource>;
}

export function createProcess(
  simulation: Simulation,
  host: HostState,
  name: string,
  incarnation: number,
): ProcessState {
  const party = simulation.trace.party(`${host.name}/${name}#${incarnation}`);
  simulation.trace.note('process', simulation.nowMs, party, host.party, 1, 'started');
  return { party, name, host, incarnation, alive: true, frozen: false, deferred: [], resources: new Set() };
}

/** Its timers and callbacks are void from now on. Ending what has ended does nothing. */
export function endProcess(simulation: Simulation, process: ProcessState, how: ProcessEnd): void {
  if (!process.alive) return;
  process.alive = false;
  process.frozen = false;
  process.deferred.length = 0;
  simulation.trace.note('process', simulation.nowMs, process.party, process.host.party, 2, how);
  for (const resource of process.resources) resource.processEnded(how);
  process.resources.clear();
}

/** As SIGSTOP: the kernel goes on accepting connections and keeping bytes, the program does nothing. */
export function freezeProcess(simulation: Simulation, process: ProcessState): void {
  if (!process.alive || process.frozen) return;
  process.frozen = true;
  simulation.trace.note('process', simulation.nowMs, process.party, process.host.party, 3, 'frozen');
}

/** As SIGCONT: all that came due meanwhile happens now, late, in the order in which it came due. */
export function thawProcess(simulation: Simulation, process: ProcessState): void {
  if (!process.alive || !process.frozen) return;
  process.frozen = false;
  simulation.trace.note('process', simulation.nowMs, process.party, process.host.party, 4, 'thawed');
  simulation.releaseDeferred(process);
}

/** The result of a call to the kernel, as a promise. What the dead ask for is never answered. */
export function whileAlive<Result>(process: ProcessState, ask: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    if (process.alive) resolve(ask());
  });
}
