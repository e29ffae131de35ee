/** Places; of two that want the same one the later has it. As many as news that is under way in a large cluster at once. */
const placesMax = 512;

/** Longer ones are not kept: 512 of them are half a mebibyte at most. */
export const keptBytesMax = 1_024;

/** Bytes that choose the place: all by which items of one type tell themselves apart. */
const hashedBytes = 32;

/** What was decoded a while ago. Gossip brings each item many times, and to compare its bytes costs less than to decode them. */
export interface RecentlyDecoded<Value> {
  /** What these very bytes, of this type, were decoded to. */
  find(type: number, bytes: Uint8Array, start: number, end: number): Value | undefined;
  /** Keeps a copy of the bytes. The value is handed to all who bring them again: it must never change. */
  add(type: number, bytes: Uint8Array, start: number, end: number, value: Value): void;
}

interface Kept<Value> {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly value: Value;
}

export function createRecentlyDecoded<Value>(): RecentlyDecoded<Value> {
  const places: (Kept<Value> | undefined)[] = new Array<undefined>(placesMax).fill(undefined);

  return {
    find(type, bytes, start, end) {
      const kept = places[placeOf(type, bytes, start, end)];
      return kept !== undefined && kept.type === type && isSame(kept.bytes, bytes, start, end) ? kept.value : undefined;
    },
    add(type, bytes, start, end, value) {
      if (end - start > keptBytesMax) return;
      places[placeOf(type, bytes, start, end)] = { type, bytes: bytes.slice(start, end), value };
    },
  };
}

function placeOf(type: number, bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + hashedBytes);
  let hash = 0x811c9dc5 ^ type;
  for (let at = start; at < last; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & (placesMax - 1);
}

function isSame(kept: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (kept.length !== end - start) return false;
  for (let at = 0; at < kept.length; at++) if (kept[at] !== bytes[start + at]) return false;
  return true;
}
