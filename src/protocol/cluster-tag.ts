import { utf8Bytes } from './utf8.ts';

export const clusterTagBytes = 8;

/** Which cluster a datagram or link belongs to: FNV-1a 64 of the cluster's name, as eight bytes. No secret, only a sieve. */
export function clusterTag(clusterName: string): Uint8Array {
  let hash = 0xcbf29ce484222325n;
  for (const byte of utf8Bytes(clusterName)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  const tag = new Uint8Array(clusterTagBytes);
  for (let i = 0; i < clusterTagBytes; i++) tag[i] = Number((hash >> BigInt(56 - 8 * i)) & 255n);
  return tag;
}

/** Whether the tag stands at the offset; the caller has checked that eight bytes are there. */
export function isTagAt(bytes: Uint8Array, offset: number, tag: Uint8Array): boolean {
  for (let i = 0; i < clusterTagBytes; i++) {
    if (bytes[offset + i] !== tag[i]) return false;
  }
  return true;
}
