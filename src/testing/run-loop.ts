import { afterMicrotasks, nextTurn } from '../runtime/turn.ts';
import type { Simulation } from './simulation.ts';

/** Events between two turns of the real event loop: the test runner stays responsive, and Ctrl-C works. */
const eventsPerTurn = 8_192;

export interface RunLoop {
  /**
   * Runs events in order up to `untilMs`, or until `isDone` says so; it is asked at the start and whenever a program has
   * run. Resolves to whether `isDone` was true. Rejects with what an event threw; the world stays where it was then.
   */
  run(untilMs: number, isDone: (() => boolean) | undefined): Promise<boolean>;
}

/**
 * Programs use promises and microtasks (a link flushes its writes in one), so between two events all that the first one
 * left must have run, and always at the same point. Awaiting a fixed number of turns would not do: chains of promises
 * have any length. But Node runs its tick queue only when no microtask is left. So the loop goes on in a tick that was
 * queued by a microtask: this is a full drain, for about half a microsecond, and no clock or I/O of the real world is
 * involved. Events that run no program (a segment that is lost, a frozen process) need no drain and follow directly.
 */
export function createRunLoop(simulation: Simulation): RunLoop {
  let running = false;

  return {
    run(untilMs, isDone) {
      if (running) throw new Error('the world is running already: await the run before the next');
      running = true;
      return new Promise<boolean>((resolve, reject) => {
        let turnEndsAt = simulation.eventCount + eventsPerTurn;

        function finish(done: boolean): void {
          running = false;
          resolve(done);
        }

        function proceed(): void {
          try {
            if (isDone?.()) {
              finish(true);
              return;
            }
            while (simulation.step(untilMs)) {
              if (simulation.takeProgramRan()) {
                yieldToPrograms();
                return;
              }
            }
          } catch (error) {
            running = false;
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          finish(false);
        }

        function yieldToPrograms(): void {
          if (simulation.eventCount < turnEndsAt) {
            afterMicrotasks(proceed);
            return;
          }
          turnEndsAt = simulation.eventCount + eventsPerTurn;
          nextTurn(proceed);
        }

        // What the caller did before this run may have left microtasks as well.
        afterMicrotasks(proceed);
      });
    },
  };
}
