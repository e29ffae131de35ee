import { hkdfSync } from 'node:crypto';

/** A cluster key [K1]. */
export const clusterKeyBytes = 32;

const none = new Uint8Array(0);

/** What a derived secret is for. Each purpose gives another secret, so that none tells anything of another. */
export type Purpose = 'key id' | 'datagram' | 'link' | 'invite';

/** [K2] HKDF-SHA-256. The cluster's name goes in: the same key under another name is another key. */
export function derive(
  secret: Uint8Array,
  salt: Uint8Array,
  purpose: Purpose,
  cluster: string,
  count: number,
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, `fogata 1 ${purpose} ${cluster}`, count));
}

/** [K6] What both ends of a link prove that they know. */
export function linkSecret(key: Uint8Array, cluster: string): Uint8Array {
  return derive(key, none, 'link', cluster, 32);
}

/** [K8] What who joins proves that it knows. */
export function inviteSecret(secret: Uint8Array, cluster: string): Uint8Array {
  return derive(secret, none, 'invite', cluster, 32);
}

/** [K2] Names a key without telling anything of it: eight bytes. */
export function keyIdBytesOf(key: Uint8Array, cluster: string): Uint8Array {
  return derive(key, none, 'key id', cluster, 8);
}
