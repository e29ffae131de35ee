import { packedItemBytes } from '../protocol/gossip-packet.ts';
import { itemsMax } from '../protocol/limits.ts';
import { ItemType, type RawItem } from '../protocol/raw-item.ts';

/** News on its way to the others [M6]. */
export interface Dissemination {
  /**
   * A newer item under the same key takes the place of the older and begins anew. With a `share` below 1 it is sent so much
   * less often.
   */
  put(key: string, item: RawItem, share?: number): void;
  remove(key: string): void;
  /** Somebody else said the same: it counts as sent once more, for there is one fewer who does not know. */
  heardAgain(key: string, limit: number): void;
  /**
   * Items for one packet with so many bytes left, those sent fewest first, each counted as sent. One that was sent `limit`
   * times (loads: a quarter of that, for the next one is on its heels) is dropped.
   */
  take(room: number, limit: number): RawItem[];
  /** Something waits that is worth a packet of its own; loads only ride on packets that go anyway. */
  pressing(): boolean;
  size(): number;
}

interface Entry {
  readonly key: string;
  readonly item: RawItem;
  /** Of the limit; a load has a quarter, for the next one is on its heels. */
  readonly share: number;
  sent: number;
}

/** The smallest member item: with less room nothing is looked for. */
const itemBytesMin = 30;

/** Items too large for what is left that are passed over before giving up: bounds the work for one packet. */
const passedOverMax = 16;

export function createDissemination(): Dissemination {
  const entries = new Map<string, Entry>();
  /** By how often they were sent; in each the longest waiting first. */
  const bySent: Map<string, Entry>[] = [];
  let pressing = 0;

  function place(entry: Entry): void {
    const bucket = (bySent[entry.sent] ??= new Map<string, Entry>());
    bucket.set(entry.key, entry);
  }

  function drop(entry: Entry): void {
    entries.delete(entry.key);
    bySent[entry.sent]?.delete(entry.key);
    if (entry.item.type !== ItemType.load) pressing--;
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
    bySent[entry.sent]?.delete(entry.key);
    entry.sent++;
    place(entry);
  }

  function pick(room: number): Entry[] {
    const taken: Entry[] = [];
    let left = room;
    let passedOver = 0;
    for (const bucket of bySent) {
      if (bucket === undefined) continue;
      for (const entry of bucket.values()) {
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
    put(key, item, share = item.type === ItemType.load ? 1 / 4 : 1) {
      remove(key);
      const entry: Entry = { key, item, share, sent: 0 };
      entries.set(key, entry);
      place(entry);
      if (item.type !== ItemType.load) pressing++;
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
