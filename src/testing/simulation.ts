import { createEventQueue, type EventOwner, type EventQueue, ScheduledEvent } from './event-queue.ts';
import { createTrace, type Trace } from './trace.ts';
import { createVirtualRandom, type VirtualRandom } from './virtual-random.ts';

/** Time and what is to happen in it: the part that everything virtual stands on. */
export class Simulation {
  /** Virtual milliseconds since the world began. */
  nowMs = 0;
  /** Events taken from the queue so far. */
  eventCount = 0;
  readonly trace: Trace;
  readonly random: VirtualRandom;
  private readonly queue: EventQueue = createEventQueue();
  private programHasRun = false;

  constructor(seed: number | string, onLine: ((line: string) => void) | undefined) {
    this.trace = createTrace(onLine);
    this.random = createVirtualRandom(seed);
  }

  /** `owner` is the process whose code `action` runs, `undefined` for what happens in the network or the kernel. */
  after(delayMs: number, owner: EventOwner | undefined, action: () => void): ScheduledEvent {
    return this.at(this.nowMs + delayMs, owner, action);
  }

  /** As `after` with an absolute time; a time that has passed means now. */
  at(timeMs: number, owner: EventOwner | undefined, action: () => void): ScheduledEvent {
    const event = new ScheduledEvent(timeMs > this.nowMs ? timeMs : this.nowMs, owner, action);
    this.queue.push(event);
    return event;
  }

  /** Runs code of a process at once; later when it is frozen, not at all when it is dead. */
  call(owner: EventOwner, action: () => void): void {
    if (!owner.alive) return;
    if (owner.frozen) {
      owner.deferred.push(new ScheduledEvent(this.nowMs, owner, action));
      return;
    }
    this.programHasRun = true;
    action();
  }

  /** Tells the run loop that code of a program has run and may have left microtasks. */
  programRan(): void {
    this.programHasRun = true;
  }

  /** True when a program has run since the last call. */
  takeProgramRan(): boolean {
    const ran = this.programHasRun;
    this.programHasRun = false;
    return ran;
  }

  /** Puts what has waited for a frozen process back in line, in its order. */
  releaseDeferred(owner: EventOwner): void {
    for (const event of owner.deferred.splice(0)) {
      event.at = this.nowMs;
      this.queue.push(event);
    }
  }

  /** Timers and other events that are due for `owner`. */
  dueCount(owner: EventOwner): number {
    return this.queue.countOf(owner) + owner.deferred.length;
  }

  /** Takes the next event up to `untilMs` and runs it. False when there is none: then the time is `untilMs`. */
  step(untilMs: number): boolean {
    const next = this.queue.peek();
    if (next === undefined || next.at > untilMs) {
      if (untilMs > this.nowMs) this.nowMs = untilMs;
      return false;
    }
    this.queue.pop();
    this.nowMs = next.at;
    this.eventCount += 1;
    this.happen(next);
    return true;
  }

  private happen(event: ScheduledEvent): void {
    const { owner, action } = event;
    if (action === undefined) return;
    if (owner !== undefined) {
      if (!owner.alive) return;
      if (owner.frozen) {
        owner.deferred.push(event);
        return;
      }
      this.programHasRun = true;
      this.trace.note('timer', this.nowMs, owner.party, 0, 0);
    }
    // From here on cancelling has no effect, and the callback can be let go.
    event.action = undefined;
    action();
  }
}
