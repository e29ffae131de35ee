import { FogataError } from '../protocol/fogata-error.ts';
import { checkFileName } from './file-name.ts';

/** The command of a stream that carries a file (docs/protocol.md, section 12). */
export const pushCommand = 'push';

/** Where the bytes begin: a `u64` before them. */
export const beginBytes = 8;

/** SHA-256 of the whole file: behind its bytes. */
export const digestBytes = 32;

/** What the open of a push says. */
export interface PushHead {
  readonly name: string;
  /** Undefined: as many as come. */
  readonly bytes: number | undefined;
  /** One push, however often its stream is opened. */
  readonly transfer: string;
  /** The same for the same file, also in another push: 8 hexadecimal digits. */
  readonly content: string;
}

export function pushParams({ name, bytes, transfer, content }: PushHead): Record<string, string> {
  return { name, transfer, content, ...(bytes === undefined ? {} : { bytes: `${bytes}` }) };
}

/** Throws FogataError `invalid`, naming the parameter. */
export function pushHead(params: Readonly<Record<string, string>>): PushHead {
  const { name = '', bytes, transfer = '', content = '' } = params;
  const wrong = checkFileName(name);
  if (wrong !== undefined) throw new FogataError('invalid', wrong);
  if (!/^[0-9a-f]{32}$/.test(transfer)) throw new FogataError('invalid', 'transfer: 32 hexadecimal digits are needed');
  if (!/^[0-9a-f]{8}$/.test(content)) throw new FogataError('invalid', 'content: 8 hexadecimal digits are needed');
  return { name, transfer, content, bytes: bytes === undefined ? undefined : countOf('bytes', bytes) };
}

/** A count of bytes in a parameter. Throws FogataError `invalid`. */
export function countOf(param: string, text: string): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new FogataError('invalid', `${param}: a count of bytes is needed, not ${JSON.stringify(text.slice(0, 40))}`);
}

/** What the receiver says once the file is in its place. */
export interface SavedFile {
  readonly name: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Throws FogataError `protocol`. */
export function savedFile(text: string): SavedFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const { name, bytes, sha256 } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (typeof name === 'string' && typeof bytes === 'number' && typeof sha256 === 'string')
    return { name, bytes, sha256 };
  throw new FogataError('protocol', 'the receiver did not say what it has saved');
}
