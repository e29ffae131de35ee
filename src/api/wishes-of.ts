import type { ChoiceWish } from '../delivery/chooser.ts';
import type { Hedge } from '../delivery/exchange-request.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { deadlineMsMax, deadlineMsMin, stickyKeyBytesMax } from '../protocol/limits.ts';
import { utf8Bytes } from '../protocol/utf8.ts';
import { type Strategy, strategies } from '../selection/strategy.ts';
import type { MessageOptions } from './outcome.ts';

export interface Wishes {
  readonly wish?: ChoiceWish;
  readonly hedge?: Hedge;
}

/** The part of the options that is about the choice of an instance. */
export type WishOptions = Pick<MessageOptions, 'strategy' | 'sticky' | 'hedge' | 'explain' | 'idempotent'>;

/** What is wanted of the choice, checked; nothing where nothing is. Throws FogataError `invalid` or `too-large`. */
export function wishesOf(options: WishOptions, verb: 'call' | 'send' | 'publish' | 'open' | 'resolve'): Wishes {
  const { sticky, hedge, explain } = options;
  if (!hasWishes(options)) return {};
  if (verb === 'publish') {
    throw new FogataError('invalid', 'publish reaches every instance: there is nothing to choose or to hedge');
  }
  const strategy = strategyOf(options.strategy, sticky);
  const decisions = explain === true ? [] : undefined;
  const wish = { strategy, key: sticky ?? '', besides: undefined, taken: undefined, decisions };
  return hedge !== undefined && hedge !== false ? { wish, hedge: hedgeOf(hedge, options.idempotent, verb) } : { wish };
}

/** Most have none. */
export function hasWishes({ strategy, sticky, hedge, explain }: WishOptions): boolean {
  return strategy !== undefined || sticky !== undefined || (hedge !== undefined && hedge !== false) || explain === true;
}

export function isStrategy(text: unknown): text is Strategy {
  return strategies.some((strategy) => strategy === text);
}

function strategyOf(strategy: unknown, sticky: unknown): Strategy | undefined {
  if (strategy !== undefined && !isStrategy(strategy)) {
    throw new FogataError('invalid', `a strategy is one of ${strategies.join(', ')}, not ${JSON.stringify(strategy)}`);
  }
  if (sticky === undefined) {
    if (strategy === 'sticky')
      throw new FogataError('invalid', 'the strategy "sticky" needs a key: what belongs together');
    return strategy;
  }
  if (typeof sticky !== 'string' || sticky === '') throw new FogataError('invalid', 'the key of sticky is a text');
  if (utf8Bytes(sticky).length > stickyKeyBytesMax) {
    throw new FogataError('too-large', `the key of sticky has at most ${stickyKeyBytesMax} bytes`);
  }
  if (strategy !== undefined && strategy !== 'sticky') {
    throw new FogataError('invalid', `a key makes the choice sticky: it cannot be ${strategy} as well`);
  }
  return 'sticky';
}

function hedgeOf(hedge: true | number, idempotent: boolean | undefined, verb: string): Hedge {
  if (idempotent !== true) {
    throw new FogataError('invalid', 'only what is idempotent can be hedged: it may be done twice');
  }
  if (verb === 'open') throw new FogataError('invalid', 'a stream cannot be hedged: it is not carried twice');
  if (hedge === true) return { afterMs: undefined };
  if (typeof hedge === 'number' && hedge >= deadlineMsMin && hedge <= deadlineMsMax) return { afterMs: hedge };
  throw new FogataError(
    'invalid',
    `hedge is true or ${deadlineMsMin} to ${deadlineMsMax} milliseconds, not ${String(hedge)}`,
  );
}
