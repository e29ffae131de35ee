import { workingStates } from '../delivery/flap-damping.ts';
import { PieceSlab } from '../delivery/piece-slab.ts';
import type { Provision } from '../delivery/provider.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { reasonBytesMax } from '../protocol/limits.ts';
import { checkName } from '../protocol/names.ts';
import { cutUtf8 } from '../protocol/utf8.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { checkStates, workingStateOf } from './check-state.ts';
import type { MeshPort } from './mesh-port.ts';
import { provideOptionsOf } from './provide-options-of.ts';
import { type HandlerProvider, providerOf } from './provider-of.ts';
import type { CommandTable, Handler, Registration, ServeOptions } from './serve.ts';
import { streamTaker } from './stream-taker.ts';

/** How long work in hand may take when its service is withdrawn. */
export const graceMs = 2_000;

/** What one program serves: each service once at a time. */
export interface ServedTable {
  serve(service: string, handler: Handler | CommandTable, options: ServeOptions): Promise<Registration>;
  /** Resolves once no handler is at work, or after `withinMs`. */
  idle(withinMs: number): Promise<void>;
}

export function createServedTable(port: MeshPort, tools: { readonly clock: Clock; readonly log: Log }): ServedTable {
  const served = new Map<string, HandlerProvider>();
  const slab = new PieceSlab();

  function within(ms: number, idle: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = tools.clock.schedule(ms, resolve);
      void idle.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** What a listener throws is its own. */
  function guardedMissed(service: string, onMissed: ServeOptions['onMissed']): HandlerProvider['provider']['missed'] {
    if (onMissed === undefined) return undefined;
    return (count) => {
      try {
        onMissed(count);
      } catch (error) {
        tools.log.warn('onMissed threw', { service, error });
      }
    };
  }

  async function serve(service: string, handler: Handler | CommandTable, options: ServeOptions): Promise<Registration> {
    const wrong = typeof service === 'string' ? checkName(service) : 'a name is a text';
    if (wrong !== undefined) throw new FogataError('invalid', `service: ${wrong}`);
    if (served.has(service))
      throw new FogataError('invalid', `this program serves ${service} already: withdraw that first`);
    const { onStream } = options;
    if (typeof handler !== 'function' && (typeof handler !== 'object' || handler === null))
      throw new FogataError('invalid', 'the handler is a function, or a table with one for each command');
    const hasHandlers = typeof handler === 'function' || Object.keys(handler).length > 0;
    if (!hasHandlers && onStream === undefined) throw new FogataError('invalid', 'the table of commands is empty');
    const kinds = { messages: hasHandlers, http: false, streams: onStream !== undefined };
    const provideOptions = provideOptionsOf(options, kinds);
    const { inFlightMax } = provideOptions;
    const open = onStream === undefined ? undefined : streamTaker(onStream, { service, node: port.self.name }, slab);
    const missed = guardedMissed(service, options.onMissed);
    const made = providerOf(handler, { inFlightMax, log: tools.log, open, missed });
    served.set(service, made);
    try {
      const provision = await port.provide(service, made.provider, provideOptions);
      return registrationOf(service, provision, async () => {
        await Promise.all([provision.withdraw(graceMs), within(graceMs, made.idle())]);
        if (served.get(service) === made) served.delete(service);
      });
    } catch (error) {
      served.delete(service);
      throw error;
    }
  }

  return {
    serve,
    idle: (withinMs) => within(withinMs, Promise.all([...served.values()].map((each) => each.idle()))),
  };
}

function registrationOf(service: string, provision: Provision, end: () => Promise<void>): Registration {
  let ending: Promise<void> | undefined;
  function withdraw(): Promise<void> {
    ending ??= end();
    return ending;
  }
  return {
    service,
    setLoad(load) {
      if (typeof load !== 'number' || !(load >= 0 && load <= 1)) {
        throw new FogataError('invalid', `load is 0 (idle) to 1 (full), not ${String(load)}`);
      }
      if (ending === undefined) provision.setLoad(load);
    },
    setState(state) {
      if (!workingStates.includes(state)) throw new FogataError('invalid', 'state is "up", "warning" or "down"');
      if (ending === undefined) provision.setState(state);
    },
    heartbeat(state = 'passing', text = '') {
      if (!checkStates.includes(state)) throw new FogataError('invalid', 'state is "passing", "warning" or "critical"');
      if (typeof text !== 'string') throw new FogataError('invalid', 'what a heartbeat says is a text');
      if (ending === undefined) provision.heartbeat(workingStateOf(state), cutUtf8(text, reasonBytesMax));
    },
    withdraw,
    [Symbol.asyncDispose]: withdraw,
  };
}
