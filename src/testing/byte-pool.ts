/** Many packets share a piece of memory: to allocate one for each would cost more than to fill it. */
const pieceBytes = 65_536;

/** Copies bytes to where nobody else writes. */
export interface BytePool {
  copy(bytes: Uint8Array): Uint8Array;
}

export function createBytePool(): BytePool {
  let piece = new Uint8Array(pieceBytes);
  let used = 0;

  return {
    copy(bytes) {
      const { length } = bytes;
      if (length > pieceBytes / 4) return bytes.slice();
      if (used + length > pieceBytes) {
        piece = new Uint8Array(pieceBytes);
        used = 0;
      }
      const copy = piece.subarray(used, used + length);
      copy.set(bytes);
      used += length;
      return copy;
    },
  };
}
