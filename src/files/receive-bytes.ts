import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { ByteChannel } from '../api/byte-channel.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { PartialFile } from './partial-files.ts';
import { beginBytes, digestBytes } from './push-wire.ts';

/**
 * Writes what comes behind what is there, or anew when the sender begins at 0. `partial` says at each moment what is on the
 * disk, which is at most `bytesMax`. Returns the digest that came behind the bytes, in hexadecimal.
 */
export async function receiveBytes(
  channel: ByteChannel,
  partial: PartialFile,
  bytesMax: number = Number.POSITIVE_INFINITY,
): Promise<string> {
  let tail: Buffer = Buffer.alloc(0);
  let hasBegun = false;
  // Broken off by an error of this side, the channel is to tell it; so leaving the loop must not end it.
  for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
    const piece = tail.length === 0 ? (chunk as Buffer) : Buffer.concat([tail, chunk as Buffer]);
    let from = 0;
    if (!hasBegun) {
      if (piece.length < beginBytes) {
        tail = piece;
        continue;
      }
      await begin(partial, Number(piece.readBigUInt64BE(0)));
      hasBegun = true;
      from = beginBytes;
    }
    // The last bytes are the digest, and which are the last shows only at the end.
    const to = Math.max(from, piece.length - digestBytes);
    if (to > from) {
      const bytes = piece.subarray(from, to);
      if (partial.bytes + bytes.length > bytesMax)
        throw new FogataError('protocol', `more than the ${bytesMax} bytes came that were announced`);
      await writeAll(partial.handle, bytes, partial.bytes);
      partial.hash.update(bytes);
      partial.bytes += bytes.length;
    }
    tail = piece.subarray(to);
  }
  if (channel.errored !== null) throw channel.errored;
  if (!hasBegun || tail.length !== digestBytes) throw new FogataError('protocol', 'the file ends without its digest');
  return tail.toString('hex');
}

async function begin(partial: PartialFile, offset: number): Promise<void> {
  if (offset === partial.bytes) return;
  if (offset !== 0) throw new FogataError('protocol', `it begins at ${offset}, and ${partial.bytes} bytes are there`);
  await partial.handle.truncate(0);
  partial.bytes = 0;
  partial.hash = createHash('sha256');
}

/** The system may take less than it is given: then it says why with the next write. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
