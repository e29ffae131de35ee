import type { ByteCopies } from './byte-copies.ts';
import { clusterTagBytes, isTagAt } from './cluster-tag.ts';
import { FogataError } from './fogata-error.ts';
import { datagramAcceptedBytesMax, datagramBytesMax } from './limits.ts';
import { versionNewest, versionOldest } from './version.ts';

/** Why a datagram is ignored [D2] [D4]. The set is closed so that each can be a counter. */
export const datagramReasons = [
  'datagram-too-short',
  'datagram-too-long',
  'magic',
  'version',
  'flags',
  'other-cluster',
  'sealed', // and this node has no key
  'not-sealed', // and this node has one
  'unknown-key',
  'bad-seal',
  'replayed', // authentic, but seen before or too old to tell [K5]
  'too-many-epochs', // more new senders at once than there are nodes: a flood
] as const;

export type DatagramReason = (typeof datagramReasons)[number];

export type DecodedDatagram =
  | { readonly ok: true; readonly version: number; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: DatagramReason };

/** A sealed datagram, laid out but not opened. All parts are views of the datagram. */
export interface SealedDatagram {
  readonly keyId: Uint8Array;
  readonly nonce: Uint8Array;
  /** With the tag at its end. */
  readonly ciphertext: Uint8Array;
  /** Magic, version, flags and key id: what the seal vouches for beside the payload. */
  readonly header: Uint8Array;
}

/** Opens what was sealed with one of a node's keys. Never throws. */
export interface DatagramOpener {
  open(sealed: SealedDatagram): Uint8Array | 'unknown-key' | 'bad-seal' | 'replayed' | 'too-many-epochs';
}

/** Seals for a cluster with a key. The result is key id, nonce and ciphertext with its tag. */
export interface DatagramSealer {
  readonly keyId: Uint8Array;
  /** `header` is what the seal vouches for beside the payload. */
  seal(payload: Uint8Array, header: Uint8Array): { readonly nonce: Uint8Array; readonly ciphertext: Uint8Array };
}

/** Magic, version, flags and cluster tag or key id. */
export const envelopeBytes = 14;
export const nonceBytes = 12;
export const sealTagBytes = 16;

const magic = [0x46, 0x47, 0x54, 0x41] as const;
const versionOffset = 4;
const flagsOffset = 5;
const tagOffset = 6;
const sealedFlag = 1;

/** Made once for each reason: a flood of bad datagrams allocates nothing. */
const refusals = Object.fromEntries(datagramReasons.map((reason) => [reason, { ok: false, reason }])) as Readonly<
  Record<DatagramReason, { readonly ok: false; readonly reason: DatagramReason }>
>;

/** An open datagram around the payload. Beacons are always of version 1 [B4]. `copies`: where it is made, beside others. */
export function encodeDatagram(
  tag: Uint8Array,
  payload: Uint8Array,
  version: number = versionOldest,
  copies?: ByteCopies,
): Uint8Array {
  const bytes = newEnvelope(envelopeBytes + payload.length, version, 0, { tag, copies });
  bytes.set(payload, envelopeBytes);
  return bytes;
}

export function encodeSealedDatagram(
  sealer: DatagramSealer,
  payload: Uint8Array,
  version: number = versionOldest,
): Uint8Array {
  const length = envelopeBytes + nonceBytes + payload.length + sealTagBytes;
  const bytes = newEnvelope(length, version, sealedFlag, { tag: sealer.keyId, copies: undefined });
  const { nonce, ciphertext } = sealer.seal(payload, bytes.subarray(0, envelopeBytes));
  if (nonce.length !== nonceBytes || ciphertext.length !== payload.length + sealTagBytes) {
    throw new RangeError('a sealer made parts of the wrong length');
  }
  bytes.set(nonce, envelopeBytes);
  bytes.set(ciphertext, envelopeBytes + nonceBytes);
  return bytes;
}

/** Total. With an opener only sealed datagrams are heard, without one only open ones of the cluster [D4]. */
export function decodeDatagram(bytes: Uint8Array, tag: Uint8Array, opener?: DatagramOpener): DecodedDatagram {
  if (bytes.length > datagramAcceptedBytesMax) return refusals['datagram-too-long'];
  if (bytes.length <= envelopeBytes) return refusals['datagram-too-short'];
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic[i]) return refusals.magic;
  const version = bytes[versionOffset] as number;
  if (version < versionOldest || version > versionNewest) return refusals.version;
  const flags = bytes[flagsOffset] as number;
  if ((flags & ~sealedFlag) !== 0) return refusals.flags;
  if ((flags & sealedFlag) !== 0) return opener === undefined ? refusals.sealed : openSealed(bytes, version, opener);
  if (opener !== undefined) return refusals['not-sealed'];
  if (!isTagAt(bytes, tagOffset, tag)) return refusals['other-cluster'];
  return { ok: true, version, payload: bytes.subarray(envelopeBytes) };
}

function openSealed(bytes: Uint8Array, version: number, opener: DatagramOpener): DecodedDatagram {
  if (bytes.length <= envelopeBytes + nonceBytes + sealTagBytes) return refusals['datagram-too-short'];
  const payload = opener.open({
    keyId: bytes.subarray(tagOffset, envelopeBytes),
    nonce: bytes.subarray(envelopeBytes, envelopeBytes + nonceBytes),
    ciphertext: bytes.subarray(envelopeBytes + nonceBytes),
    header: bytes.subarray(0, envelopeBytes),
  });
  return typeof payload === 'string' ? refusals[payload] : { ok: true, version, payload };
}

function newEnvelope(
  length: number,
  version: number,
  flags: number,
  { tag, copies }: { readonly tag: Uint8Array; readonly copies: ByteCopies | undefined },
): Uint8Array {
  if (length > datagramBytesMax) throw new FogataError('too-large', `a datagram has at most ${datagramBytesMax} bytes`);
  if (tag.length !== clusterTagBytes) throw new RangeError('a cluster tag or key id has 8 bytes');
  const bytes = copies === undefined ? new Uint8Array(length) : copies.room(length);
  for (let at = 0; at < magic.length; at++) bytes[at] = magic[at] as number;
  bytes[versionOffset] = version;
  bytes[flagsOffset] = flags;
  bytes.set(tag, tagOffset);
  return bytes;
}
