import { createCipheriv, createDecipheriv } from 'node:crypto';
import { sealTagBytes } from '../protocol/datagram.ts';

const algorithm = 'chacha20-poly1305';
const options = { authTagLength: sealTagBytes };

/** [K4] The ciphertext with its tag at the end. A nonce is never used twice with a key. */
export function seal(key: Uint8Array, nonce: Uint8Array, header: Uint8Array, payload: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithm, key, nonce, options);
  cipher.setAAD(header, { plaintextLength: payload.length });
  // Of Node's pool: it is copied into a datagram at once.
  const sealed = Buffer.allocUnsafe(payload.length + sealTagBytes);
  sealed.set(cipher.update(payload));
  cipher.final();
  sealed.set(cipher.getAuthTag(), payload.length);
  return sealed;
}

/** `undefined` when anything of it is not what was sealed. */
export function unseal(
  key: Uint8Array,
  nonce: Uint8Array,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const length = sealed.length - sealTagBytes;
  if (length < 0) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAAD(header, { plaintextLength: length });
  decipher.setAuthTag(sealed.subarray(length));
  const payload = decipher.update(sealed.subarray(0, length));
  try {
    decipher.final();
    return payload;
  } catch {
    return undefined;
  }
}
