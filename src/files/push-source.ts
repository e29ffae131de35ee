import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { constants, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { FogataError } from '../protocol/fogata-error.ts';
import { fileErrorText } from '../runtime/system-error.ts';
import { hashOf } from './partial-files.ts';

/** What is to be sent. */
export interface PushSource {
  readonly name: string;
  /** Undefined: until it ends. */
  readonly bytes: number | undefined;
  /** What tells this file from others of the same name. */
  readonly mark: string;
  /** Digest of the first `bytes`; undefined when it cannot be read again. */
  prefix(bytes: number): Promise<Hash | undefined>;
  /** Once only where `prefix` gives nothing. */
  read(from: number): AsyncIterable<Uint8Array>;
  /** After it was read: rejects with FogataError `failed` where the file no longer is what this digest is of. */
  confirm(digest: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** One read: large enough that the disk is not what it waits for. */
const readBytes = 262_144;

/** A named pipe that nobody writes to would keep even the opening waiting, and nothing could end that. It is told as no file. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A file of this host. Rejects with FogataError `invalid` when it cannot be read. */
export async function fileSource(path: string, name: string = basename(path)): Promise<PushSource> {
  const handle = await open(path, readOnly).catch((error: unknown) => {
    throw new FogataError('invalid', `cannot read ${path}: ${fileErrorText(error)}`, { cause: error });
  });
  const stat = await handle.stat();
  const changed = (how: string): FogataError =>
    new FogataError('failed', `${path} ${how} while it was read: push it again`);
  if (!stat.isFile()) {
    await handle.close();
    throw new FogataError('invalid', `${path} is no file`);
  }
  if (stat.size === 0 && (await handle.read(Buffer.alloc(1), 0, 1, 0)).bytesRead > 0) {
    await handle.close();
    throw new FogataError('invalid', `${path} does not say how long it is: send it by standard input`);
  }
  return {
    name,
    bytes: stat.size,
    mark: `${stat.size} ${stat.mtimeMs}`,
    prefix: async (bytes) => (bytes > stat.size ? undefined : hashOf(handle, bytes)),
    async *read(from) {
      // What is appended meanwhile is not of it.
      for (let at = from; at < stat.size; ) {
        // A channel keeps what it is given, so each read has a buffer of its own.
        const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, stat.size - at));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw changed('became shorter');
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    async confirm(digest) {
      const { size, mtimeMs } = await handle.stat();
      if (size === stat.size && mtimeMs === stat.mtimeMs) return;
      // Touched, appended to, or written over: that only its bytes can tell.
      if (!(await hashOf(handle, stat.size)).digest().equals(digest)) throw changed('changed');
    },
    close: () => handle.close(),
  };
}

/** What comes from a stream: it cannot be read again, so a broken link ends the push. */
export function readableSource(readable: Readable, name: string, mark: string): PushSource {
  return {
    name,
    bytes: undefined,
    mark,
    prefix: async (bytes) => (bytes === 0 ? createHash('sha256') : undefined),
    read: () => readable as AsyncIterable<Uint8Array>,
    confirm: async () => undefined,
    close: async () => void readable.destroy(),
  };
}
