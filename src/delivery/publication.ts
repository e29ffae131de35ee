import type { NodeId } from '../protocol/ids.ts';
import { bodyBytesMax } from '../protocol/limits.ts';
import type { Chosen } from './chooser.ts';
import { Exchange, type Settle } from './exchange.ts';
import { bodyBytesOf, type EncodedMessage, type ExchangeRequest } from './exchange-request.ts';

/** One that is written once for all who get it. */
export interface PublishedRequest extends ExchangeRequest {
  readonly encoded: EncodedMessage;
}

export function isPublished(request: ExchangeRequest): request is PublishedRequest {
  return request.encoded !== undefined && bodyBytesOf(request) <= bodyBytesMax;
}

/** How far it is with one of them. `waiting`: for the end of the turn, or for a link. */
export const Part = { settled: 0, waiting: 1, written: 2 } as const;

/** A message under way to several instances, under the same correlation on each link, as long as nothing is special about it. */
export class Publication {
  readonly request: PublishedRequest;
  readonly targets: readonly Chosen[];
  readonly settle: Settle;
  readonly correlation: number;
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** When it was sent. */
  sentAt: number;
  /** For each target. */
  readonly parts: number[];
  /** How many are not settled. */
  left: number;

  constructor(
    request: PublishedRequest,
    targets: readonly Chosen[],
    settle: Settle,
    key: { readonly correlation: number; readonly now: number },
  ) {
    this.request = request;
    this.targets = targets;
    this.settle = settle;
    this.correlation = key.correlation;
    this.startedAt = key.now;
    this.sentAt = key.now;
    this.deadlineAt = key.now + request.deadlineMs;
    this.left = targets.length;
    this.parts = new Array<number>(targets.length).fill(Part.waiting);
  }

  /** What goes on by itself with one of them, from where it is. */
  exchangeAt(place: number, correlation: number): Exchange {
    const { request, settle, startedAt: now } = this;
    const only = this.targets[place];
    const exchange = new Exchange(request, only, settle, { correlation, id: undefined, now });
    exchange.sentUnder = this.correlation;
    exchange.attempts = 1;
    exchange.attemptAt = this.sentAt;
    exchange.chosen = only;
    exchange.written = this.parts[place] === Part.written;
    return exchange;
  }

  /** Where `peer` stands among the targets; -1: nowhere. */
  placeOf(peer: NodeId): number {
    return this.targets.findIndex(({ node }) => node === peer);
  }
}
