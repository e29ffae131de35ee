import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ChoiceWish, Chooser } from './chooser.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import type { Exchanges } from './exchanges.ts';
import type { Settlement } from './settlement.ts';

export interface HedgeTools {
  readonly clock: Clock;
  readonly exchanges: Pick<Exchanges, 'begin'>;
  readonly chooser: Chooser;
}

/** A second copy goes out when so many of the service's answers would have come: it doubles the work of one call in twenty. */
const hedgedShare = 0.95;
/**
 * In retries, of which a fifth of the calls pay for one: a copy goes with one call in twenty. When all answers are late it is the
 * service that has too much to do, and copies would be more of it.
 */
const hedgePrice = 4;
/** Closer behind the first a copy says nothing about the first. */
const hedgeMsMin = 1;

const noWish: ChoiceWish = {
  strategy: undefined,
  key: '',
  besides: undefined,
  taken: undefined,
  decisions: undefined,
};

/**
 * Carries an idempotent message, and when no answer has come after `hedgeMs` (undefined: when 95 % of the service's answers
 * would have come) a copy of it to another instance. The first that is done settles it, the other is given up (Dean,
 * Barroso, The Tail at Scale, CACM 2013). A copy is paid for from the service's retry budget. Where both come to nothing, what
 * became of the first counts. `settle` is called exactly once, perhaps before this returns. Returns how to give up.
 */
export function beginHedged(
  { clock, exchanges, chooser }: HedgeTools,
  request: ExchangeRequest,
  hedgeMs: number | undefined,
  settle: (settlement: Settlement) => void,
): () => void {
  const startedAt = clock.now();
  const taken = new Set<NodeId>();
  const wish = { ...noWish, ...request.wish, taken };
  const cancels: (() => void)[] = [];
  let left = 1;
  let isSettled = false;
  let first: Settlement | undefined;

  function onSettled(settlement: Settlement, index: number): void {
    left -= 1;
    if (isSettled) return;
    if (index === 0) first = settlement;
    // The other may still be done where this one was not.
    if (left > 0 && !isDone(settlement)) return;
    isSettled = true;
    timer?.cancel();
    cancels.forEach((cancel, at) => at !== index && cancel());
    const told = isDone(settlement) ? settlement : (first ?? settlement);
    settle({ ...told, elapsedMs: clock.now() - startedAt });
  }

  function copy(): void {
    const now = clock.now();
    const deadlineMs = startedAt + request.deadlineMs - now;
    const budget = chooser.choose(request.to, 'messages', taken, request.wish)?.budget;
    if (isSettled || deadlineMs < hedgeMsMin || budget?.take(now, hedgePrice) !== true) return;
    left += 1;
    const other = { ...request, deadlineMs, wish: { ...wish, besides: new Set(taken) } };
    cancels.push(exchanges.begin(other, undefined, (settlement) => onSettled(settlement, 1)));
  }

  const afterMs = hedgeMs ?? chooser.latencyMs(request.to.service, hedgedShare);
  const timer =
    afterMs === undefined || afterMs >= request.deadlineMs
      ? undefined
      : clock.schedule(Math.max(hedgeMsMin, afterMs), copy);
  cancels.push(exchanges.begin({ ...request, wish }, undefined, (settlement) => onSettled(settlement, 0)));
  return () => {
    timer?.cancel();
    for (const cancel of cancels) cancel();
  };
}

function isDone({ outcome }: Settlement): boolean {
  return outcome === 'answered' || outcome === 'delivered' || outcome === 'stored';
}
