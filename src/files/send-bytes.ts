import type { Hash } from 'node:crypto';
import type { ByteChannel } from '../api/byte-channel.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { PushSource } from './push-source.ts';
import { beginBytes } from './push-wire.ts';

/** Sends what of the source is missing, and the digest of all of it once it is known to be one state of the file. `hash` is that of the part before `from`. */
export async function sendBytes(
  channel: ByteChannel,
  source: PushSource,
  from: number,
  hash: Hash,
  onSent: (bytes: number) => void,
): Promise<void> {
  const begin = Buffer.alloc(beginBytes);
  begin.writeBigUInt64BE(BigInt(from));
  await write(channel, begin);
  for await (const bytes of source.read(from)) {
    hash.update(bytes);
    await write(channel, bytes);
    onSent(bytes.length);
  }
  const digest = hash.digest();
  await source.confirm(digest);
  await write(channel, digest);
  channel.end();
}

/** Resolves when more may be written. Rejects with why the channel is gone. */
function write(channel: ByteChannel, bytes: Uint8Array): Promise<void> | undefined {
  if (channel.destroyed) throw goneError(channel);
  if (channel.write(bytes)) return undefined;
  return new Promise((resolve, reject) => {
    const drained = (): void => {
      channel.off('close', closed);
      resolve();
    };
    const closed = (): void => {
      channel.off('drain', drained);
      reject(goneError(channel));
    };
    channel.once('drain', drained).once('close', closed);
  });
}

/** Why a channel is gone. */
export function goneError({ errored }: ByteChannel): FogataError {
  return errored === null ? new FogataError('link-lost', 'the stream was closed') : FogataError.from(errored);
}
