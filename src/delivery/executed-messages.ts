import type { MessageId } from '../protocol/ids.ts';
import { executedMax } from '../protocol/limits.ts';
import type { DeliveryReply } from './provider.ts';

/** What is known of a message id ([F11]). */
export type Execution =
  | { readonly state: 'new' }
  /** In hand: `join` tells its reply too. */
  | { readonly state: 'running'; join(respond: (reply: DeliveryReply) => void): void }
  /** Done. `reply` is undefined when it was too large to keep. */
  | { readonly state: 'done'; readonly reply: DeliveryReply | undefined };

/** Remembers what was executed here, so that a message that comes twice is executed once. */
export interface ExecutedMessages {
  /** Looks the id up; a new one counts as running from now on. */
  begin(id: MessageId, now: number): Execution;
  end(id: MessageId, reply: DeliveryReply, now: number): void;
  /** It was not executed after all: it may come again. */
  forget(id: MessageId): void;
}

interface Entry {
  doneAt: number;
  reply: DeliveryReply | undefined;
  waiting: ((reply: DeliveryReply) => void)[] | undefined;
}

/** [F11] */
const rememberMs = 60_000;
/** A reply above this size is not kept: a repetition is then refused as `duplicate`. */
const replyBytesMax = 4_096;

export function createExecutedMessages(): ExecutedMessages {
  const entries = new Map<MessageId, Entry>();
  /** Ids in order of their beginning, as a ring: a Map walked from its oldest end slows down with every deletion. */
  const ring: (MessageId | undefined)[] = [];
  let oldest = 0;
  let next = 0;
  let held = 0;

  function dropOldest(): void {
    const id = ring[oldest];
    ring[oldest] = undefined;
    oldest = (oldest + 1) % executedMax;
    held -= 1;
    if (id !== undefined) entries.delete(id);
  }

  function remember(id: MessageId, now: number): void {
    if (held === executedMax) dropOldest();
    ring[next] = id;
    next = (next + 1) % executedMax;
    held += 1;
    // Two for one, so that what is too old goes sooner than it comes.
    for (let i = 0; i < 2 && held > 1; i++) {
      const first = ring[oldest];
      const entry = first === undefined ? undefined : entries.get(first);
      if (entry !== undefined && now - entry.doneAt <= rememberMs) return;
      dropOldest();
    }
  }

  return {
    begin(id, now) {
      const entry = entries.get(id);
      if (entry === undefined) {
        entries.set(id, { doneAt: Number.POSITIVE_INFINITY, reply: undefined, waiting: undefined });
        remember(id, now);
        return { state: 'new' };
      }
      if (entry.doneAt !== Number.POSITIVE_INFINITY) return { state: 'done', reply: entry.reply };
      return {
        state: 'running',
        join(respond) {
          entry.waiting ??= [];
          entry.waiting.push(respond);
        },
      };
    },
    end(id, reply, now) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      entry.doneAt = now;
      if (reply.body.length <= replyBytesMax) entry.reply = reply;
      const waiting = entry.waiting;
      entry.waiting = undefined;
      for (const respond of waiting ?? []) respond(reply);
    },
    forget(id) {
      entries.delete(id);
    },
  };
}
