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
  /** In order of their beginning, so the oldest come first. */
  const entries = new Map<MessageId, Entry>();

  function trim(now: number): void {
    for (const [id, entry] of entries) {
      const old = now - entry.doneAt > rememberMs;
      if (!old && entries.size <= executedMax) return;
      entries.delete(id);
    }
  }

  return {
    begin(id, now) {
      const entry = entries.get(id);
      if (entry === undefined) {
        entries.set(id, { doneAt: Number.POSITIVE_INFINITY, reply: undefined, waiting: undefined });
        if (entries.size > executedMax || entries.size % 64 === 0) trim(now);
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
