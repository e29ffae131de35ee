import { FogataError } from '../protocol/fogata-error.ts';
import { isName } from '../protocol/names.ts';
import type { Storage } from '../runtime/storage.ts';
import { fileErrorText } from '../runtime/system-error.ts';
import { clusterKeyBytes } from './derive.ts';
import { keyOfRing, type RingKey, type RingState, ringKeyOf, ringKeysMax } from './ring-state.ts';

/** The name of the key file in the data directory. */
export const ringFileName = 'keys.json';

/** Larger than a full ring can be; what is larger was not written by this code. */
const bytesMax = 16_384;

/** A ring as text: how it is stored, and how it is handed to who joins. */
export function encodeRing({ cluster, keys, inUse, usedAt }: RingState): string {
  const rows = keys.map(({ id, secret, madeAt }) => ({ id, key: Buffer.from(secret).toString('base64url'), madeAt }));
  return `${JSON.stringify({ cluster, inUse, usedAt, keys: rows }, undefined, 1)}\n`;
}

/** `undefined` when it is no ring. Ids are made anew: a key under a false name would be a key nobody can find. */
export function decodeRing(text: string): RingState | undefined {
  if (text.length > bytesMax) return undefined;
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(file)) return undefined;
  const { cluster, inUse, usedAt, keys } = file;
  if (typeof cluster !== 'string' || !isName(cluster) || typeof inUse !== 'string' || !isTime(usedAt)) return undefined;
  if (!Array.isArray(keys) || keys.length > ringKeysMax) return undefined;
  const decoded: RingKey[] = [];
  for (const row of keys as readonly unknown[]) {
    const key = decodeKey(row, cluster);
    if (key === undefined) return undefined;
    decoded.push(key);
  }
  const state: RingState = { cluster, keys: decoded, inUse, usedAt };
  const isDistinct = new Set(decoded.map(({ id }) => id)).size === decoded.length;
  return isDistinct && keyOfRing(state, inUse) !== undefined ? state : undefined;
}

/** A key as it stands in a file or a key frame. */
export function decodeKey(row: unknown, cluster: string): RingKey | undefined {
  if (!isObject(row) || typeof row['key'] !== 'string' || !isTime(row['madeAt'])) return undefined;
  if (!/^[A-Za-z0-9_-]{43}$/.test(row['key'])) return undefined;
  const secret = new Uint8Array(Buffer.from(row['key'], 'base64url'));
  return secret.length === clusterKeyBytes ? ringKeyOf(secret, cluster, row['madeAt']) : undefined;
}

/** The stored ring; `undefined` when there is none. One that cannot be read stops whoever needs it: to go on unsealed would be worse. */
export async function loadRing(storage: Storage): Promise<RingState | undefined> {
  const bytes = await storage.read(ringFileName);
  if (bytes === undefined) return undefined;
  const state = decodeRing(new TextDecoder().decode(bytes));
  if (state !== undefined) return state;
  throw new FogataError('config', `${ringFileName} in the data directory is damaged: join again with a new token`);
}

export async function storeRing(storage: Storage, state: RingState): Promise<void> {
  try {
    await storage.write(ringFileName, new TextEncoder().encode(encodeRing(state)));
  } catch (error) {
    throw new FogataError('storage', `the key ring cannot be stored: ${fileErrorText(error)}`, { cause: error });
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
