import { KnownBlocks } from './known-blocks.ts';
import { MessageIdTexts } from './message-id-texts.ts';
import { readAscii } from './utf8.ts';

/** A power of two. With more names in use than this some are made anew now and then. */
const slots = 256;

/** Whom a message names. */
export interface MessageNames {
  readonly service: string;
  readonly node: string;
  readonly command: string;
  readonly fromService: string;
  readonly fromNode: string;
}

/** Who answers. */
export interface ReplyNames {
  readonly service: string;
  readonly node: string;
}

/**
 * The texts of the last names that were read. On a link they are nearly always the same few again: finding one is cheaper
 * than making it, and maps find what they were given before without looking at its characters. Holds at most 256 of 63
 * characters each, whatever is read.
 */
export class NameCache {
  /** All names of a message without parameters, of a reply with neither reason nor parameters. */
  readonly ofMessages = new KnownBlocks<MessageNames>();
  readonly ofReplies = new KnownBlocks<ReplyNames>();
  readonly ids = new MessageIdTexts();
  private readonly texts: string[] = new Array<string>(slots).fill('');

  /** The text of bytes that are known to be ASCII, at least one. */
  read(bytes: Uint8Array, start: number, end: number): string {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 16)) & (slots - 1);
    const text = this.texts[slot] as string;
    if (isTextOf(text, bytes, start, end)) return text;
    const made = readAscii(bytes, start, end);
    this.texts[slot] = made;
    return made;
  }
}

function isTextOf(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
