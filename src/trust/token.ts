import { fnv1a32 } from '../protocol/fnv.ts';
import { Reader } from '../protocol/reader.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { readAddress, writeAddress } from '../protocol/wire-address.ts';
import { Writer } from '../protocol/writer.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';

export const invitationIdBytes = 8;
export const invitationSecretBytes = 16;

/** Where to ask: more would make the line longer, and one that works is enough. */
export const tokenAddressesMax = 4;

/** What one line says to who is to join [K8]. */
export interface Token {
  readonly cluster: string;
  readonly addresses: readonly SocketAddress[];
  /** 16 hexadecimal digits. */
  readonly invitation: string;
  readonly secret: Uint8Array;
  /** Wall time, milliseconds; whole seconds. */
  readonly expiresAt: number;
}

export type DecodedToken =
  | { readonly ok: true; readonly token: Token }
  /** `typo`: it is a token, but not all of it as it was printed. */
  | { readonly ok: false; readonly reason: 'no-token' | 'typo' | 'version' };

const prefix = 'fogata';
const version = 1;
const checkBytes = 4;
/** Longer than any token: what follows was not printed by this code. */
const textMax = 600;

export function encodeToken(token: Token): string {
  const writer = new Writer(256);
  writer.u8(version);
  writer.raw(Buffer.from(token.invitation, 'hex'));
  writer.raw(token.secret);
  writer.u64(Math.ceil(token.expiresAt / 1_000));
  writer.name(token.cluster);
  const addresses = token.addresses.slice(0, tokenAddressesMax);
  writer.u8(addresses.length);
  for (const address of addresses) writeAddress(writer, address);
  writer.u32(fnv1a32(writer.view()));
  return prefix + encodeBase32(writer.view());
}

/** Total. Blanks and line breaks, as mail programs and terminals put them in, are overlooked. */
export function decodeToken(text: string): DecodedToken {
  const bare = text.slice(0, 2 * textMax).replace(/\s/g, '');
  if (bare.length > textMax || bare.slice(0, prefix.length).toLowerCase() !== prefix) {
    return { ok: false, reason: 'no-token' };
  }
  const bytes = decodeBase32(bare.slice(prefix.length));
  if (bytes === undefined || bytes.length <= checkBytes) return { ok: false, reason: 'typo' };
  const end = bytes.length - checkBytes;
  const check = new Reader(bytes, end, bytes.length).u32();
  if (check !== fnv1a32(bytes.subarray(0, end))) return { ok: false, reason: 'typo' };
  if (bytes[0] !== version) return { ok: false, reason: 'version' };
  return decodeFields(new Reader(bytes, 1, end));
}

function decodeFields(reader: Reader): DecodedToken {
  const invitation = Buffer.from(reader.raw(invitationIdBytes)).toString('hex');
  const secret = reader.raw(invitationSecretBytes).slice();
  const expiresAt = reader.u64() * 1_000;
  const cluster = reader.name();
  const count = reader.count8(tokenAddressesMax);
  const addresses: SocketAddress[] = [];
  for (let i = 0; i < count && reader.reason === undefined; i++) addresses.push(readAddress(reader));
  if (reader.reason !== undefined) return { ok: false, reason: 'typo' };
  return { ok: true, token: { cluster, addresses, invitation, secret, expiresAt } };
}
