import { readNodeId } from '../protocol/ids.ts';
import { clusterKeyBytes, keyIdBytesOf } from './derive.ts';

/** Keys of one ring [K1]: a rotation needs two, and a few more may be under way when several were interrupted. */
export const ringKeysMax = 8;

/** A cluster key and its name. */
export interface RingKey {
  /** 16 hexadecimal digits [K2]. */
  readonly id: string;
  readonly secret: Uint8Array;
  /** Wall time at which it was made, in milliseconds: tells the newer one of two. */
  readonly madeAt: number;
}

/** All that is to be kept of a ring. Nothing in it changes: a change makes another one. */
export interface RingState {
  readonly cluster: string;
  /** Oldest first. */
  readonly keys: readonly RingKey[];
  /** Id of the key that what is sent is sealed with. */
  readonly inUse: string;
  /** Grows with every change of `inUse` anywhere in the cluster: who has the higher one is ahead [K10]. */
  readonly usedAt: number;
}

export type RingChange =
  | { readonly op: 'add'; readonly key: RingKey }
  | { readonly op: 'use'; readonly id: string; readonly usedAt: number }
  | { readonly op: 'remove'; readonly id: string };

export type RingResult =
  | { readonly ok: true; readonly state: RingState }
  | { readonly ok: false; readonly reason: string };

export function ringKeyOf(secret: Uint8Array, cluster: string, madeAt: number): RingKey {
  if (secret.length !== clusterKeyBytes) throw new RangeError(`a cluster key has ${clusterKeyBytes} bytes`);
  return { id: readNodeId(keyIdBytesOf(secret, cluster), 0), secret, madeAt };
}

/** A ring with one key, in use. */
export function newRing(cluster: string, secret: Uint8Array, now: number): RingState {
  const key = ringKeyOf(secret, cluster, now);
  return { cluster, keys: [key], inUse: key.id, usedAt: now };
}

export function keyOfRing(state: RingState, id: string): RingKey | undefined {
  return state.keys.find((key) => key.id === id);
}

/** [K7] Each change may be asked for twice: the second time changes nothing. */
export function changeRing(state: RingState, change: RingChange): RingResult {
  switch (change.op) {
    case 'add':
      return addKey(state, change.key);
    case 'use':
      return useKey(state, change.id, change.usedAt);
    case 'remove':
      return removeKey(state, change.id);
  }
}

function addKey(state: RingState, key: RingKey): RingResult {
  if (keyOfRing(state, key.id) !== undefined) return { ok: true, state };
  if (state.keys.length >= ringKeysMax) {
    return { ok: false, reason: `a ring has at most ${ringKeysMax} keys: remove one first` };
  }
  const keys = [...state.keys, key].sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  return { ok: true, state: { ...state, keys } };
}

function useKey(state: RingState, id: string, usedAt: number): RingResult {
  if (keyOfRing(state, id) === undefined) return { ok: false, reason: `key ${id} is not in the ring: add it first` };
  if (usedAt < state.usedAt) return { ok: false, reason: `key ${state.inUse} was taken into use later` };
  if (state.inUse === id && state.usedAt === usedAt) return { ok: true, state };
  return { ok: true, state: { ...state, inUse: id, usedAt } };
}

function removeKey(state: RingState, id: string): RingResult {
  if (state.inUse === id) return { ok: false, reason: `key ${id} is in use: use another one first` };
  if (keyOfRing(state, id) === undefined) return { ok: true, state };
  return { ok: true, state: { ...state, keys: state.keys.filter((key) => key.id !== id) } };
}
