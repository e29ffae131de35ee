import type { MessageId } from '../protocol/ids.ts';
import { executedMax } from '../protocol/limits.ts';
import type { DeliveryReply } from './provider.ts';

/** What is known of a message id ([F11]). */
export interface Execution {
  readonly id: MessageId;
  /** It is over; else somebody has it in hand. */
  readonly isDone: boolean;
  /** Undefined while it is in hand, and when it was too large to keep. */
  readonly reply: DeliveryReply | undefined;
}

/** Remembers what was executed here, so that a message that comes twice is executed once. */
export interface ExecutedMessages {
  find(id: MessageId, now: number): Execution | undefined;
  /** It is in hand from now on. Only for what `find` does not know. */
  begin(id: MessageId, now: number): Execution;
  /** Tells the reply of what is in hand to one more. False: too many wait for it. */
  join(execution: Execution, respond: (reply: DeliveryReply) => void): boolean;
  /** `isExecuted` false: it came to nothing, and may come again. */
  end(execution: Execution, reply: DeliveryReply, isExecuted: boolean, now: number): void;
  /** It was given up, and doing it again is harmless. */
  forget(execution: Execution): void;
  /** Bytes of the replies that are kept. */
  readonly keptBytes: number;
}

class Entry implements Execution {
  readonly id: MessageId;
  doneAt = Number.POSITIVE_INFINITY;
  reply: DeliveryReply | undefined = undefined;
  replyBytes = 0;
  waiting: ((reply: DeliveryReply) => void)[] | undefined = undefined;

  constructor(id: MessageId) {
    this.id = id;
  }

  get isDone(): boolean {
    return this.doneAt !== Number.POSITIVE_INFINITY;
  }
}

/** [F11] */
const rememberMs = 60_000;
/** A reply above this size is not kept: a repetition is then refused as `duplicate`. */
const replyBytesMax = 4_096;
/** Nor is any while so many bytes are kept. */
const keptBytesMax = 16_777_216;
/** Repetitions that wait for one reply: an honest origin sends the next when the link of the last is gone. */
const waitingMax = 8;

export function createExecutedMessages(): ExecutedMessages {
  const entries = new Map<MessageId, Entry>();
  /** In the order of their beginning, as a ring: a Map walked from its oldest end slows down with every deletion. */
  const ring: (Entry | undefined)[] = [];
  let oldest = 0;
  let next = 0;
  let held = 0;
  let keptBytes = 0;

  function drop(entry: Entry): void {
    if (entries.get(entry.id) === entry) entries.delete(entry.id);
    keptBytes -= entry.replyBytes;
    entry.replyBytes = 0;
    entry.reply = undefined;
  }

  function shift(): Entry | undefined {
    const entry = ring[oldest];
    ring[oldest] = undefined;
    oldest = (oldest + 1) % executedMax;
    held -= 1;
    return entry;
  }

  function push(entry: Entry): void {
    ring[next] = entry;
    next = (next + 1) % executedMax;
    held += 1;
  }

  function remember(entry: Entry, now: number): void {
    // Two for one, so that what is too old goes sooner than it comes. What is still in hand gets in line again.
    for (let i = 0; i < 2 && held > 0; i++) {
      const first = ring[oldest];
      const isCurrent = first !== undefined && entries.get(first.id) === first;
      if (isCurrent && first.isDone && now - first.doneAt <= rememberMs) break;
      shift();
      if (first === undefined) continue;
      if (isCurrent && !first.isDone) push(first);
      else drop(first);
    }
    const given = held === executedMax ? shift() : undefined;
    if (given !== undefined) drop(given);
    entries.set(entry.id, entry);
    push(entry);
  }

  function keep(entry: Entry, reply: DeliveryReply): void {
    const bytes = sizeOf(reply);
    if (bytes > replyBytesMax || keptBytes + bytes > keptBytesMax || entries.get(entry.id) !== entry) return;
    entry.reply = reply;
    entry.replyBytes = bytes;
    keptBytes += bytes;
  }

  return {
    find(id, now) {
      const entry = entries.get(id);
      if (entry === undefined || !entry.isDone || now - entry.doneAt <= rememberMs) return entry;
      drop(entry);
      return undefined;
    },
    begin(id, now) {
      const entry = new Entry(id);
      remember(entry, now);
      return entry;
    },
    join(execution, respond) {
      const entry = execution as Entry;
      entry.waiting ??= [];
      if (entry.waiting.length >= waitingMax) return false;
      entry.waiting.push(respond);
      return true;
    },
    end(execution, reply, isExecuted, now) {
      const entry = execution as Entry;
      if (entry.isDone) return;
      entry.doneAt = now;
      if (isExecuted) keep(entry, reply);
      else drop(entry);
      const { waiting } = entry;
      entry.waiting = undefined;
      for (const respond of waiting ?? []) respond(reply);
    },
    forget: (execution) => drop(execution as Entry),
    get keptBytes() {
      return keptBytes;
    },
  };
}

/** About what it takes in memory: one unit for each byte or character. */
function sizeOf(reply: DeliveryReply): number {
  let size = reply.body.length + reply.reason.length;
  for (const name in reply.params) size += name.length + (reply.params[name] ?? '').length;
  return size;
}
