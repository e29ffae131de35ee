import type { Random } from '../runtime/random.ts';

/** [K3] Six bytes that say when the node was started (its first incarnation), three of chance. */
export const epochBytes = 9;
export const counterBytes = 3;

/** Datagrams of one epoch: what three bytes count, from 1. */
export const counterMax = 2 ** (8 * counterBytes) - 1;

const timeBytes = 6;

/** An epoch: bytes for the nonce, and a text that sorts as time does. */
export interface Epoch {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly timeMs: number;
}

/** Thousands of senders that start in the same second still draw different ones: else two would use the same nonces. */
export function drawEpoch(timeMs: number, random: Random): Epoch {
  const bytes = new Uint8Array(epochBytes);
  let rest = timeMs;
  for (let i = timeBytes - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(random.bytes(epochBytes - timeBytes), timeBytes);
  return { bytes, name: epochName(bytes), timeMs };
}

/** The epoch a nonce begins with. */
export function epochName(nonce: Uint8Array): string {
  let name = '';
  for (let i = 0; i < epochBytes; i++) name += String.fromCharCode(nonce[i] as number);
  return name;
}

/** The counter a nonce ends with. */
export function counterOf(nonce: Uint8Array): number {
  const at = epochBytes;
  return ((nonce[at] as number) << 16) | ((nonce[at + 1] as number) << 8) | (nonce[at + 2] as number);
}

export function nonceOf(epoch: Epoch, counter: number): Uint8Array {
  const nonce = Buffer.allocUnsafe(epochBytes + counterBytes);
  nonce.set(epoch.bytes);
  nonce[epochBytes] = counter >>> 16;
  nonce[epochBytes + 1] = counter >>> 8;
  nonce[epochBytes + 2] = counter;
  return nonce;
}
