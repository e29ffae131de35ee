/** Places; of two that want the same one the later has it. As many as news that is under way in a large cluster at once. */
const placesMax = 512;

/** Longer ones are not kept. */
export const keptBytesMax = 1_024;

/** All bytes kept lie here, the latest over the oldest: so many that 512 items of the usual length stay. */
const ringBytes = 65_536;

/** Bytes that choose the place: all by which items of one type tell themselves apart. */
const hashedBytes = 32;

/** What was decoded a while ago. Gossip brings each item many times, and to compare its bytes costs less than to decode them. */
export interface RecentlyDecoded<Value> {
  /** What these very bytes, of this type, were decoded to. */
  find(type: number, bytes: Uint8Array, start: number, end: number): Value | undefined;
  /** Keeps a copy of the bytes. The value is handed to all who bring them again: it must never change. */
  add(type: number, bytes: Uint8Array, start: number, end: number, value: Value): void;
}

export function createRecentlyDecoded<Value>(): RecentlyDecoded<Value> {
  const values: (Value | undefined)[] = new Array<undefined>(placesMax).fill(undefined);
  const types = new Uint8Array(placesMax);
  const lengths = new Uint16Array(placesMax);
  /** Where each begins, counted from the first byte ever kept: what is a ring's length behind has been written over. */
  const begins = new Float64Array(placesMax);
  const ring = new Uint8Array(ringBytes);
  let written = 0;

  function isKeptAt(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (lengths[place] !== end - start) return false;
    const begin = begins[place] as number;
    if (written - begin > ringBytes) return false;
    const from = begin % ringBytes;
    for (let at = start; at < end; at++) if (ring[from + at - start] !== bytes[at]) return false;
    return true;
  }

  return {
    find(type, bytes, start, end) {
      const place = placeOf(type, bytes, start, end);
      return types[place] === type && isKeptAt(place, bytes, start, end) ? values[place] : undefined;
    },
    add(type, bytes, start, end, value) {
      const length = end - start;
      if (length > keptBytesMax) return;
      // None lies across the end.
      const left = ringBytes - (written % ringBytes);
      if (length > left) written += left;
      const place = placeOf(type, bytes, start, end);
      values[place] = value;
      types[place] = type;
      lengths[place] = length;
      begins[place] = written;
      const from = written % ringBytes;
      for (let at = 0; at < length; at++) ring[from + at] = bytes[start + at] as number;
      written += length;
    },
  };
}

function placeOf(type: number, bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + hashedBytes);
  let hash = 0x811c9dc5 ^ type;
  for (let at = start; at < last; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & (placesMax - 1);
}
