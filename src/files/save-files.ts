import { statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteChannel, IncomingStream, StreamTable } from '../api/byte-channel.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { makeDirectory } from '../runtime/make-directory.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import { createPartialFiles, type PartialFile, type PartialFiles } from './partial-files.ts';
import { placeFile } from './place-file.ts';
import { type PushHead, pushCommand, pushHead, type SavedFile } from './push-wire.ts';
import { receiveBytes } from './receive-bytes.ts';

/** Who sent a file: the name of its node, and of the service in whose name it was sent. */
type Sender = IncomingStream['from'];

/** What becomes of the files that are sent here. */
export type SaveEvent =
  /** `offset`: so much of it was there from before. */
  | {
      readonly type: 'begun';
      readonly name: string;
      readonly from: Sender;
      readonly bytes: number | undefined;
      readonly offset: number;
    }
  | ({ readonly type: 'saved'; readonly from: Sender; readonly path: string } & SavedFile)
  /** `bytes` of it are kept, and the next push of the same file goes on behind them. */
  | {
      readonly type: 'broken';
      readonly name: string;
      readonly from: Sender;
      readonly bytes: number;
      readonly code: string;
      readonly reason: string;
    };

export interface SaveFilesOptions {
  /** Replace a file of the same name. Default false: the next free name is taken, `report-1.pdf`. */
  readonly overwrite?: boolean;
  readonly onEvent?: (event: SaveEvent) => void;
}

/** Pushes that are remembered as done, so that one whose answer was lost is not saved twice. */
const doneMax = 1_024;

/**
 * Takes files that others push, for `onStream` of `serve()`: `mesh.serve('inbox', {}, { onStream: saveFiles('in') })`. A file
 * has its name only once it is whole, verified by SHA-256 and synced to the disk; until then it is `.NAME.….part` and the
 * push goes on where it broke off. The directory is made if it is missing.
 */
export function saveFiles(directory: string, options: SaveFilesOptions = {}): StreamTable {
  const partials = createPartialFiles(directory);
  const done = new Map<string, SavedFile>();
  const context: SaveContext = { directory, partials, done, overwrite: options.overwrite === true, tell };
  function tell(event: SaveEvent): void {
    options.onEvent?.(event);
  }
  return { [pushCommand]: (stream) => save(context, stream) };
}

interface SaveContext {
  readonly directory: string;
  readonly partials: PartialFiles;
  readonly done: Map<string, SavedFile>;
  readonly overwrite: boolean;
  readonly tell: (event: SaveEvent) => void;
}

async function save(context: SaveContext, stream: IncomingStream): Promise<void> {
  const head = pushHead(stream.params);
  const before = context.done.get(head.transfer);
  if (before !== undefined) {
    stream.accept({ params: { saved: 'yes' } }).end(JSON.stringify(before));
    return;
  }
  const { directory, partials } = context;
  let channel: ByteChannel | undefined;
  let partial: PartialFile | undefined;
  const giveUp = (): void => {
    channel?.destroy(new FogataError('cancelled', 'another stream of the same push has taken its place'));
  };
  try {
    await makeDirectory(directory);
    partial = await partials.claim(head, giveUp);
    await checkRoom(directory, head, partial);
    const sha256 = partial.hash.copy().digest('hex');
    channel = stream.accept({ params: { offset: `${partial.bytes}`, sha256 } });
    context.tell({ type: 'begun', name: head.name, from: stream.from, bytes: head.bytes, offset: partial.bytes });
    const saved = await receive(context, head, partial, channel);
    context.tell({ type: 'saved', from: stream.from, path: join(directory, saved.name), ...saved });
    channel.end(JSON.stringify(saved));
  } catch (error) {
    // What comes from a stream cannot go on, nor what its sender calls void: to keep it would only fill the disk.
    const isVoid = head.bytes === undefined || (error instanceof FogataError && error.code === 'failed');
    if (partial !== undefined && isVoid) partial.bytes = 0;
    const { code, message } = toldError(error, partial);
    if (partial !== undefined) {
      await partials.release(partial, true).catch(() => undefined);
      const { name } = head;
      context.tell({ type: 'broken', name, from: stream.from, bytes: partial.bytes, code, reason: message });
    }
    throw new FogataError(code, message, { cause: error });
  }
}

/** The whole file, in its place. */
async function receive(
  context: SaveContext,
  head: PushHead,
  partial: PartialFile,
  channel: ByteChannel,
): Promise<SavedFile> {
  const { directory, partials, overwrite, done } = context;
  const digest = await receiveBytes(channel, partial, head.bytes);
  const { bytes } = partial;
  if (head.bytes !== undefined && bytes !== head.bytes) {
    throw new FogataError('protocol', `${bytes} bytes came, ${head.bytes} were announced`);
  }
  const sha256 = partial.hash.copy().digest('hex');
  if (sha256 !== digest) {
    await partial.handle.truncate(0);
    partial.bytes = 0;
    throw new FogataError('failed', 'what came is not what was sent (SHA-256): nothing of it is kept');
  }
  await partial.handle.sync();
  const name = await placeFile(partial.path, directory, head.name, overwrite);
  const saved = { name, bytes, sha256 };
  done.set(head.transfer, saved);
  const oldest = done.keys().next().value;
  if (done.size > doneMax && oldest !== undefined) done.delete(oldest);
  await partials.release(partial, false);
  return saved;
}

/** Refuses at once what cannot fit, as long as nobody else needs the room. */
async function checkRoom(directory: string, head: PushHead, partial: PartialFile): Promise<void> {
  if (head.bytes === undefined) return;
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const needed = head.bytes - partial.bytes;
  if (needed <= free) return;
  if (partial.bytes === 0) await unlink(partial.path).catch(() => undefined);
  throw new FogataError('storage', `the disk is too full: ${needed} bytes are needed, ${free} are free`);
}

/** What the sender is told: no paths of this host. */
function toldError(error: unknown, partial: PartialFile | undefined): FogataError {
  if (error instanceof FogataError) return error;
  const system = systemErrorCode(error);
  const { code } = FogataError.from(error);
  const kept = partial === undefined || partial.bytes === 0 ? '' : `; ${partial.bytes} bytes are kept`;
  if (system === 'ENOSPC' || system === 'EDQUOT') return new FogataError('storage', `the disk is full${kept}`);
  return new FogataError(
    code === 'failed' ? 'storage' : code,
    `the file cannot be saved (${system ?? 'unknown'})${kept}`,
  );
}
