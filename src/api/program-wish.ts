import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { LabelSelector } from '../protocol/address.ts';
import type { Decision } from '../selection/decision.ts';
import type { Strategy } from '../selection/strategy.ts';

/**
 * What a program wants of the choice for its next message or open, in a frame of its own before it (frame 19, JSON) under the
 * same correlation; most have none. The account of the choices comes back in another (frame 20) before the reply.
 */
export interface ProgramWish {
  readonly labels?: LabelSelector;
  readonly strategy?: Strategy;
  readonly sticky?: string;
  /** As in MessageOptions. */
  readonly hedge?: boolean | number;
  readonly explain?: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Undefined: there is nothing to be said. */
export function encodeWish({
  to,
  wish,
  hedge,
}: Pick<ExchangeRequest, 'to' | 'wish' | 'hedge'>): Uint8Array | undefined {
  if (wish === undefined && hedge === undefined && to.labels === undefined) return undefined;
  const said: ProgramWish = {
    ...(to.labels === undefined ? {} : { labels: to.labels }),
    ...(wish?.strategy === undefined ? {} : { strategy: wish.strategy }),
    ...(wish === undefined || wish.key === '' ? {} : { sticky: wish.key }),
    ...(hedge === undefined ? {} : { hedge: hedge.afterMs ?? true }),
    ...(wish?.decisions === undefined ? {} : { explain: true }),
  };
  return encoder.encode(JSON.stringify(said));
}

export function encodeDecisions(decisions: readonly Decision[]): Uint8Array {
  return encoder.encode(JSON.stringify(decisions));
}

/** Never throws: what cannot be read is no account. The agent is of the same version of the contract. */
export function readDecisions(bytes: Uint8Array): readonly Decision[] {
  try {
    const said: unknown = JSON.parse(decoder.decode(bytes));
    return Array.isArray(said) ? (said as Decision[]) : [];
  } catch {
    return [];
  }
}
