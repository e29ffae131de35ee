import type { Storage } from '../runtime/storage.ts';
import { assertStorageKey } from '../runtime/storage-key.ts';
import { systemError } from '../runtime/system-error.ts';
import type { Simulation } from './simulation.ts';
import type { ProcessState } from './virtual-process.ts';

/** What an SSD takes to sync a small file and its directory, and to read one. */
const writeMs = 2;
const readMs = 0.1;

/** Why a disk may fail. */
export type DiskFailure = 'ENOSPC' | 'EIO' | 'EROFS';

/** A host's disk. It keeps what was written through power cuts; a write that was not yet confirmed is lost with its process. */
export interface VirtualDisk {
  /** Until called with `undefined` writes and deletes are refused with this error; with `EIO` reads as well. */
  failWith(failure: DiskFailure | undefined): void;
  /** Each program of the host has its own directory, by name, which its next incarnation finds again. */
  forProcess(process: ProcessState): Storage;
}

export function createVirtualDisk(simulation: Simulation): VirtualDisk {
  const files = new Map<string, Uint8Array>();
  let failure: DiskFailure | undefined;
  let idleAt = 0;

  /** One thing after the other. `work` runs when it is done; that of a process which has ended meanwhile never is. */
  function perform<Result>(process: ProcessState, takesMs: number, work: () => Result): Promise<Result> {
    idleAt = Math.max(idleAt, simulation.nowMs) + takesMs;
    return new Promise((resolve, reject) => {
      simulation.at(idleAt, process, () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  function change(process: ProcessState, key: string, value: Uint8Array | undefined): Promise<void> {
    return perform(process, writeMs, () => {
      if (failure !== undefined) throw systemError(failure, `write ${key}`);
      simulation.trace.note('disk', simulation.nowMs, process.party, 0, value?.length ?? 0, key);
      const path = `${process.name}/${key}`;
      if (value === undefined) files.delete(path);
      else files.set(path, value);
    });
  }

  return {
    failWith(given) {
      failure = given;
    },
    forProcess: (process) => ({
      async read(key) {
        assertStorageKey(key);
        return perform(process, readMs, () => {
          if (failure === 'EIO') throw systemError(failure, `read ${key}`);
          return files.get(`${process.name}/${key}`)?.slice();
        });
      },
      async write(key, value) {
        assertStorageKey(key);
        return change(process, key, value.slice());
      },
      async delete(key) {
        assertStorageKey(key);
        return change(process, key, undefined);
      },
    }),
  };
}
