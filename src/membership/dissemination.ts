import { packedItemBytes } from '../protocol/gossip-packet.ts';
import { itemsMax } from '../protocol/limits.ts';
import type { RawItem } from '../protocol/raw-item.ts';

/** News on its way to the others [M6]. */
export interface Dissemination {
  /**
   * A newer item under the same key takes the place of the older and begins anew. With a `share` below 1 it is sent so much
   * less often. What `presses` is worth a packet of its own; the rest rides on packets that go anyway.
   */
  put(key: string, item: RawItem, share?: number, presses?: boolean): void;
  remove(key: string): void;
  /** Somebody else said the same: it counts as sent once more, for there is one fewer who does not know. */
  heardAgain(key: string, limit: number): void;
  /**
   * Items for one packet with so many bytes left, those sent fewest first, each counted as sent. One that was sent `limit`
   * times (with a share: so much fewer) is dropped.
   */
  take(room: number, limit: number): RawItem[];
  /** Something waits that is worth a packet of its own. */
  pressing(): boolean;
  size(): number;
}

interface Entry {
  readonly key: string;
  readonly item: RawItem;
  /** Of the limit. */
  readonly share: number;
  readonly presses: boolean;
  sent: number;
  /** Its neighbours in the queue of those that were sent as often. */
  before: Entry | undefined;
  after: Entry | undefined;
}

/** Those that were sent equally often, the longest waiting first. A list, for what is sent changes its queue each time. */
interface Queue {
  first: Entry | undefined;
  last: Entry | undefined;
}

/** The smallest member item: with less room nothing is looked for. */
const itemBytesMin = 30;

/** Items too large for what is left that are passed over before giving up: bounds the work for one packet. */
const passedOverMax = 16;

export function createDissemination(): Dissemination {
  const entries = new Map<string, Entry>();
  const bySent: Queue[] = [];
  let pressing = 0;

  function queueOf(sent: number): Queue {
    for (let count = bySent.length; count <= sent; count++) bySent.push({ first: undefined, last: undefined });
    return bySent[sent] as Queue;
  }

  function place(entry: Entry): void {
    const queue = queueOf(entry.sent);
    entry.before = queue.last;
    entry.after = undefined;
    if (queue.last === undefined) queue.first = entry;
    else queue.last.after = entry;
    queue.last = entry;
  }

  function displace(entry: Entry): void {
    const queue = queueOf(entry.sent);
    if (entry.before === undefined) queue.first = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) queue.last = entry.before;
    else entry.after.before = entry.before;
  }

  function drop(entry: Entry): void {
    entries.delete(entry.key);
    displace(entry);
    if (entry.presses) pressing--;
  }

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry !== undefined) drop(entry);
  }

  /** Once more out of the queue: into the next bucket, or away. */
  function countSent(entry: Entry, limit: number): void {
    if (entry.sent + 1 >= Math.ceil(limit * entry.share)) {
      drop(entry);
      return;
    }
    displace(entry);
    entry.sent++;
    place(entry);
  }

  function pick(room: number): Entry[] {
    const taken: Entry[] = [];
    let left = room;
    let passedOver = 0;
    for (const { first } of bySent) {
      for (let entry = first; entry !== undefined; entry = entry.after) {
        if (left < itemBytesMin || taken.length >= itemsMax - 2 || passedOver > passedOverMax) return taken;
        const bytes = packedItemBytes(entry.item);
        if (bytes > left) {
          passedOver++;
          continue;
        }
        left -= bytes;
        taken.push(entry);
      }
    }
    return taken;
  }

  return {
    put(key, item, share = 1, presses = true) {
      remove(key);
      const entry: Entry = { key, item, share, presses, sent: 0, before: undefined, after: undefined };
      entries.set(key, entry);
      place(entry);
      if (presses) pressing++;
    },
    remove,
    heardAgain(key, limit) {
      const entry = entries.get(key);
      if (entry !== undefined) countSent(entry, limit);
    },
    take(room, limit) {
      if (entries.size === 0) return [];
      const taken = pick(room);
      for (const entry of taken) countSent(entry, limit);
      return taken.map((entry) => entry.item);
    },
    pressing: () => pressing > 0,
    size: () => entries.size,
  };
}
