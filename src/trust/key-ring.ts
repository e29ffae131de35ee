import { FogataError } from '../protocol/fogata-error.ts';
import type { Storage } from '../runtime/storage.ts';
import { loadRing, storeRing } from './ring-file.ts';
import { changeRing, keyOfRing, type RingChange, type RingKey, type RingState } from './ring-state.ts';

/** The keys of a running node. Changes are stored before they count. */
export interface KeyRing {
  readonly state: RingState;
  /** What is sent is sealed with it. */
  readonly inUse: RingKey;
  find(id: string): RingKey | undefined;
  /** One after the other, in the order asked for. Rejects with `not-allowed` by the rules of [K7], `storage` when the disk fails. */
  change(change: RingChange): Promise<void>;
  /** Takes over another state of the same cluster, as who joins again is given it. */
  replace(state: RingState): Promise<void>;
  /** Told after every change. Returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** The ring of `storage`; `undefined` when there is none. */
export async function openKeyRing(storage: Storage): Promise<KeyRing | undefined> {
  const state = await loadRing(storage);
  return state === undefined ? undefined : createKeyRing(state, storage);
}

export function createKeyRing(first: RingState, storage: Storage): KeyRing {
  const listeners = new Set<() => void>();
  let state = first;
  let last: Promise<unknown> = Promise.resolve();

  async function take(next: RingState): Promise<void> {
    if (next === state) return;
    await storeRing(storage, next);
    state = next;
    for (const listener of listeners) listener();
  }

  function inOrder(step: () => Promise<void>): Promise<void> {
    const done = last.then(step);
    last = done.catch(() => undefined);
    return done;
  }

  return {
    get state() {
      return state;
    },
    get inUse() {
      const key = keyOfRing(state, state.inUse);
      if (key === undefined) throw new Error('a ring has its key in use');
      return key;
    },
    find: (id) => keyOfRing(state, id),
    change: (change) =>
      inOrder(async () => {
        const changed = changeRing(state, change);
        if (!changed.ok) throw new FogataError('not-allowed', changed.reason);
        await take(changed.state);
      }),
    replace: (next) =>
      inOrder(async () => {
        if (next.cluster !== state.cluster) throw new FogataError('invalid', `this is a ring of "${next.cluster}"`);
        await take(next);
      }),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
