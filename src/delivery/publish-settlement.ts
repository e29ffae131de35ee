import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageId } from '../protocol/ids.ts';
import type { Settlement } from './settlement.ts';

/** What became of a message at one of the instances that it was published to. */
export interface PublishedAt {
  readonly service: string;
  /** '' when nobody knows. */
  readonly node: string;
  readonly outcome: 'delivered' | 'stored' | 'expired' | 'refused' | 'unknown';
  readonly code?: ErrorCode;
  readonly reason?: string;
}

/** How a message to every instance ended. */
export interface PublishSettlement {
  readonly id: MessageId;
  readonly elapsedMs: number;
  /** One for each, in no order. Mostly the same array as for the message before, where all is the same: nobody changes it. */
  readonly instances: readonly PublishedAt[];
  /** There is one at least, and every one has it. */
  readonly isDelivered: boolean;
}

/** They all have it: one array that nobody changes. */
export function deliveredAtAll(service: string, nodes: readonly string[]): readonly PublishedAt[] {
  return Object.freeze(nodes.map((node): PublishedAt => Object.freeze({ service, node, outcome: 'delivered' })));
}

/** What the exchange with the instance of `service` on `node` says. */
export function publishedAt({ outcome, code, reason }: Settlement, service: string, node: string): PublishedAt {
  if (outcome === 'answered' || outcome === 'delivered') return { service, node, outcome: 'delivered' };
  if (outcome === 'stored') return { service, node, outcome };
  return code === undefined ? { service, node, outcome, reason } : { service, node, outcome, reason, code };
}

/** They say the same. */
export function areAlike(some: readonly PublishedAt[], others: readonly PublishedAt[]): boolean {
  return some.length === others.length && some.every((one, i) => isAlike(one, others[i] as PublishedAt));
}

function isAlike(one: PublishedAt, other: PublishedAt): boolean {
  if (one === other) return true;
  if (one.node !== other.node || one.outcome !== other.outcome || one.code !== other.code) return false;
  return one.service === other.service && one.reason === other.reason;
}
