import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isRunning } from '../runtime/is-running.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import type { PushHead } from './push-wire.ts';

/** Partial files whose digest so far is remembered: it saves reading them again after a broken link. */
const rememberedMax = 64;

const readBytes = 1_048_576;

const ending = '.part';

/** A file that is being received. */
export interface PartialFile {
  readonly path: string;
  /** Where it waits while nobody has it in hand. */
  readonly restingPath: string;
  readonly handle: FileHandle;
  /** How much of it is there, and the digest of that. */
  bytes: number;
  hash: Hash;
}

interface Claim {
  readonly transfer: string;
  readonly giveUp: () => void;
  readonly released: Promise<void>;
}

/**
 * The partial files of one directory: each belongs to one push at a time. Whoever has one in hand has renamed it, with the
 * number of its process in the name, so that several receivers may share a directory.
 */
export interface PartialFiles {
  /**
   * Opens the partial file of a push. An older stream of the same push gives way; another push of the same file gets a
   * partial file of its own. `giveUp` is called when this one is to give way.
   */
  claim(head: PushHead, giveUp: () => void): Promise<PartialFile>;
  /** Closes it. `isKept`: it is to be continued, and what of it is there is known. */
  release(partial: PartialFile, isKept: boolean): Promise<void>;
}

export function createPartialFiles(directory: string): PartialFiles {
  const claims = new Map<string, Claim>();
  const releases = new Map<string, () => void>();
  const remembered = new Map<string, { readonly bytes: number; readonly inode: number; readonly hash: Hash }>();

  async function pathFor({ name, content, transfer }: PushHead): Promise<string> {
    for (let number = 1; ; number++) {
      const path = join(directory, `.${name}.${content}${number === 1 ? '' : `-${number}`}.part`);
      const claim = claims.get(path);
      if (claim === undefined) return path;
      if (claim.transfer !== transfer) continue;
      claim.giveUp();
      await claim.released;
      // Somebody else may have been faster.
      number -= 1;
    }
  }

  return {
    async claim(head, giveUp) {
      const path = await pathFor(head);
      const released = new Promise<void>((resolve) => releases.set(path, resolve));
      claims.set(path, { transfer: head.transfer, giveUp, released });
      try {
        const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
        const inHand = await takeInHand(directory, path);
        const handle = await open(inHand, O_RDWR | O_CREAT | O_NOFOLLOW, 0o666);
        const { size: bytes, ino } = await handle.stat();
        const known = remembered.get(path);
        remembered.delete(path);
        const hash = known?.bytes === bytes && known.inode === ino ? known.hash : await hashOf(handle, bytes);
        return { path: inHand, restingPath: path, handle, bytes, hash };
      } catch (error) {
        free(path);
        throw error;
      }
    },
    async release(partial, isKept) {
      const { path, restingPath, handle, bytes, hash } = partial;
      try {
        const inode = await handle.stat().then(({ ino }) => ino);
        await handle.close();
        if (isKept && bytes === 0) await unlink(path).catch(() => undefined);
        else if (isKept && (await isRenamed(path, restingPath))) {
          remembered.set(restingPath, { bytes, inode, hash });
          const oldest = remembered.keys().next().value;
          if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest);
        }
      } finally {
        // Also where the disk fails: else the next stream of the push would wait for it for ever.
        free(restingPath);
      }
    },
  };

  function free(path: string): void {
    claims.delete(path);
    releases.get(path)?.();
    releases.delete(path);
  }
}

/** What waits there, or was left by a process that is gone; else there is nothing yet. Returns the name it has from now on. */
async function takeInHand(directory: string, path: string): Promise<string> {
  const stem = path.slice(0, -ending.length);
  const inHand = `${stem}.${process.pid.toString(36)}${ending}`;
  if (await isRenamed(path, inHand)) return inHand;
  const begin = `${basename(stem)}.`;
  for (const name of await readdir(directory)) {
    if (!name.startsWith(begin) || !name.endsWith(ending)) continue;
    const owner = name.slice(begin.length, -ending.length);
    if (!/^[0-9a-z]{1,7}$/.test(owner) || isRunning(Number.parseInt(owner, 36))) continue;
    if (await isRenamed(join(directory, name), inHand)) break;
  }
  return inHand;
}

/** False: it is not there, or no more. */
async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Digest of the first `bytes` of a file. */
export async function hashOf(handle: FileHandle, bytes: number): Promise<Hash> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, bytes));
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, bytes - at), at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash;
}
