import { MessageIds } from '../delivery/message-ids.ts';
import { PieceSlab } from '../delivery/piece-slab.ts';
import type { Settlement } from '../delivery/settlement.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Random } from '../runtime/random.ts';
import { checkSignal } from './check-signal.ts';
import { type EventQueue, eventQueue } from './event-queue.ts';
import { exchangeRequestOf } from './exchange-request-of.ts';
import { KnownNames } from './known-names.ts';
import type { Mesh } from './mesh.ts';
import type { MeshEvent } from './mesh-event.ts';
import type { MeshPort } from './mesh-port.ts';
import { openChannel } from './open-channel.ts';
import type { MessageOptions, Outcome, PublishOutcome } from './outcome.ts';
import { outcomeOf } from './outcome-of.ts';
import { programOpenOf } from './program-open-of.ts';
import { publishOutcomeOf } from './publish-outcome-of.ts';
import { resolvedAddressOf } from './resolved-address-of.ts';
import { createServedTable, graceMs } from './served-table.ts';
import { wishesOf } from './wishes-of.ts';

export interface MeshTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Of what has not been sent, as its signal had aborted before. */
const neverBegun = {
  outcome: 'refused',
  code: 'cancelled',
  reason: 'given up before it was sent',
  elapsedMs: 0,
} as const;

/** What `join()` and `connect()` return: promises, checks and signals over a port of callbacks. */
export function meshOver(port: MeshPort, tools: MeshTools): Mesh {
  const watches = new Set<EventQueue<MeshEvent>>();
  const served = createServedTable(port, tools);
  const names = new KnownNames();
  const ids = new MessageIds(tools.random);
  const slab = new PieceSlab();
  let closing: Promise<void> | undefined;

  function assertOpen(): void {
    if (closing !== undefined) throw new FogataError('closed', 'this mesh was closed');
  }

  /** Throwing inside a promise's executor rejects it: misuse and `closed` take this way. */
  function exchange(
    address: string,
    command: string,
    options: MessageOptions | undefined,
    verb: 'call' | 'send',
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      assertOpen();
      const request = exchangeRequestOf(address, command, options, verb, names);
      const settled = (settlement: Settlement): void => {
        const outcome = outcomeOf(settlement);
        const decisions = request.wish?.decisions;
        resolve(decisions === undefined ? outcome : { ...outcome, decisions });
      };
      const signal = options?.signal;
      // Most have none, and need nothing that would end with it.
      if (signal === undefined) {
        port.exchange(request, settled);
        return;
      }
      if (signal.aborted) return resolve({ ...neverBegun, id: ids.next(), retryable: false, tried: [] });
      withSignal(signal, (done) =>
        port.exchange(request, (settlement) => {
          done();
          settled(settlement);
        }),
      );
    });
  }

  async function close(): Promise<void> {
    for (const watch of watches) watch.end();
    await Promise.all([port.stop(graceMs), served.idle(graceMs)]);
  }

  function closeOnce(): Promise<void> {
    closing ??= close();
    return closing;
  }

  return {
    get self() {
      return port.self;
    },
    call: <ReplyBody>(address: string, command: string, options?: MessageOptions) =>
      exchange(address, command, options, 'call') as Promise<Outcome<ReplyBody>>,
    send: (address, command, options) => exchange(address, command, options, 'send'),
    publish: (service, command, options) =>
      new Promise<PublishOutcome>((resolve) => {
        assertOpen();
        const request = exchangeRequestOf(service, command, options, 'publish', names);
        if (options?.signal?.aborted === true) return resolve({ ...neverBegun, id: ids.next(), instances: [] });
        withSignal(options?.signal, (done) =>
          port.publish(request, (settled) => {
            done();
            resolve(publishOutcomeOf(settled, request.to));
          }),
        );
      }),
    async open(address, command, options) {
      assertOpen();
      const request = programOpenOf(address, command, options);
      return openChannel((events) => port.open(request, events), request, options?.signal, slab);
    },
    async serve(service, handler, options) {
      assertOpen();
      return served.serve(service, handler, options ?? {});
    },
    watch: (options) => ({ [Symbol.asyncIterator]: () => beginWatch(port, watches, options?.signal, assertOpen) }),
    async nodes() {
      assertOpen();
      return port.nodes();
    },
    async services() {
      assertOpen();
      return port.services();
    },
    async resolve(address, options) {
      assertOpen();
      return port.resolve(resolvedAddressOf(address), wishesOf(options ?? {}, 'resolve').wish);
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

/** Starts something that can be given up, and gives it up when the signal aborts, also if it does so meanwhile. */
function withSignal(signal: AbortSignal | undefined, start: (done: () => void) => () => void): void {
  if (signal === undefined) {
    start(nothing);
    return;
  }
  let settled = false;
  let cancel = nothing;
  const abort = (): void => cancel();
  cancel = start(() => {
    settled = true;
    signal.removeEventListener('abort', abort);
  });
  if (settled) return;
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', abort, { once: true });
}

function beginWatch(
  port: MeshPort,
  watches: Set<EventQueue<MeshEvent>>,
  signal: AbortSignal | undefined,
  assertOpen: () => void,
): EventQueue<MeshEvent> {
  assertOpen();
  checkSignal(signal);
  let stop = nothing;
  const end = (): void => queue.end();
  const queue = eventQueue<MeshEvent>(() => {
    watches.delete(queue);
    signal?.removeEventListener('abort', end);
    stop();
  });
  if (signal?.aborted === true) {
    queue.end();
    return queue;
  }
  watches.add(queue);
  signal?.addEventListener('abort', end, { once: true });
  stop = port.watch((event) => queue.push(event));
  // The snapshot alone may have been more than the queue holds.
  if (!watches.has(queue)) stop();
  return queue;
}

function nothing(): void {}
