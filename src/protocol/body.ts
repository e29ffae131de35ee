import { FogataError } from './fogata-error.ts';
import { bodyBytesMax } from './limits.ts';

/** Whatever JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** What a body is for programs: nothing, bytes, text, or anything JSON can say. */
export type BodyValue = Uint8Array | JsonValue | undefined;

/** In the order of their numbers on the wire. */
export const bodyKinds = ['none', 'bytes', 'text', 'json'] as const;

export type BodyKind = (typeof bodyKinds)[number];

/** A body as it is carried. */
export interface Body {
  readonly kind: BodyKind;
  readonly bytes: Uint8Array;
}

/** A body that cannot be what its kind says. */
export type BodyFault = 'utf8' | 'json' | 'not-empty';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const noBytes = new Uint8Array(0);
const noBody: Body = { kind: 'none', bytes: noBytes };

/**
 * A string becomes text, all else but bytes and `undefined` JSON. Bytes are not copied.
 * Throws FogataError: `too-large` above 1 MiB, `invalid` for what JSON cannot say (cycles, BigInt, functions).
 */
export function toBody(value: BodyValue): Body {
  if (value === undefined) return noBody;
  if (value instanceof Uint8Array) return checked('bytes', value);
  if (typeof value === 'string') return checked('text', encoded(value));
  return checked('json', encoded(toJson(value)));
}

/** Never throws. Bytes are not copied: they are valid as long as what they lie in. */
export function fromBody(
  kind: BodyKind,
  bytes: Uint8Array,
): { readonly ok: true; readonly value: BodyValue } | { readonly ok: false; readonly reason: BodyFault } {
  if (kind === 'bytes') return { ok: true, value: bytes };
  if (kind === 'none') return bytes.length === 0 ? { ok: true, value: undefined } : { ok: false, reason: 'not-empty' };
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, reason: 'utf8' };
  }
  if (kind === 'text') return { ok: true, value: text };
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue };
  } catch {
    return { ok: false, reason: 'json' };
  }
}

function checked(kind: BodyKind, bytes: Uint8Array): Body {
  if (bytes.length > bodyBytesMax) throw tooLarge();
  return { kind, bytes };
}

/** A string of more units than the bound has more bytes too: it need not be encoded to know. */
function encoded(text: string): Uint8Array {
  if (text.length > bodyBytesMax) throw tooLarge();
  return encoder.encode(text);
}

function toJson(value: JsonValue): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value) as string | undefined;
  } catch (error) {
    throw new FogataError('invalid', 'the body cannot be written as JSON', { cause: error });
  }
  if (text === undefined) throw new FogataError('invalid', 'the body cannot be written as JSON');
  return text;
}

function tooLarge(): FogataError {
  return new FogataError('too-large', `a body has at most ${bodyBytesMax} bytes; larger things go by stream`);
}
