import { closeSync, openSync, readSync } from 'node:fs';

const pieceBytes = 65_536;

/**
 * What a file holds, or standard input (0). Undefined: there is more, of which no more is read, for it may never end.
 * Throws the system's error.
 */
export function readAtMost(source: string | 0, bytesMax: number): Uint8Array | undefined {
  const file = source === 0 ? source : openSync(source, 'r');
  try {
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; bytes <= bytesMax; ) {
      const piece = new Uint8Array(pieceBytes);
      const count = readSync(file, piece);
      if (count === 0) return Buffer.concat(pieces, bytes);
      pieces.push(piece.subarray(0, count));
      bytes += count;
    }
    return undefined;
  } finally {
    if (file !== 0) closeSync(file);
  }
}
