import { FogataError } from './fogata-error.ts';
import { type MessageId, type NodeId, writeMessageId, writeNodeId } from './ids.ts';
import { frameBytesMax, integerMax } from './limits.ts';
import { checkCommand, checkName, isCommand, isName } from './names.ts';
import { writeUtf8 } from './utf8.ts';

const twoTo32 = 4_294_967_296;

/**
 * Bytes that grow as they are written and are used again after `reset`. An integer out of range is a programmer's error
 * (RangeError); a text that is too long or no name is the user's (FogataError `too-large`, `invalid`).
 */
export class Writer {
  /** Replaced when it grows: do not hold on to it across writes. */
  bytes: Uint8Array;
  length = 0;
  private readonly bytesMax: number;
  private seen: Uint8Array | undefined = undefined;

  /** `bytesMax` keeps a mistake from taking all memory; by default a whole frame fits. */
  constructor(bytesAtFirst = 2_048, bytesMax: number = frameBytesMax + 4) {
    this.bytes = new Uint8Array(bytesAtFirst);
    this.bytesMax = bytesMax;
  }

  reset(): void {
    this.length = 0;
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array {
    // Heads are mostly as long as the last one was: a window costs more to make than to look at again.
    const { seen } = this;
    if (seen !== undefined && seen.length === this.length && seen.buffer === this.bytes.buffer) return seen;
    this.seen = this.bytes.subarray(0, this.length);
    return this.seen;
  }

  /** What was written, for keeps. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  u8(value: number): void {
    if ((value & 0xff) !== value) throw outOfRange(value, 'u8');
    const at = this.room(1);
    this.bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.room(2);
    this.setU16(at, value);
  }

  u32(value: number): void {
    const at = this.room(4);
    this.setU32(at, value);
  }

  u64(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > integerMax) throw outOfRange(value, 'u64');
    const at = this.room(8);
    this.setU32(at, Math.floor(value / twoTo32));
    this.setU32(at + 4, value % twoTo32);
  }

  setU8(at: number, value: number): void {
    if ((value & 0xff) !== value) throw outOfRange(value, 'u8');
    this.bytes[at] = value;
  }

  setU16(at: number, value: number): void {
    if ((value & 0xffff) !== value) throw outOfRange(value, 'u16');
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }

  setU32(at: number, value: number): void {
    if (value >>> 0 !== value) throw outOfRange(value, 'u32');
    const { bytes } = this;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** Where a word stands in its closed list, from 1. */
  word<Word>(words: readonly Word[], word: Word): void {
    this.u8(words.indexOf(word) + 1);
  }

  nodeId(id: NodeId): void {
    if (id.length !== 16) throw new RangeError('a node id has 16 digits');
    const at = this.room(8);
    writeNodeId(this.bytes, at, id);
  }

  messageId(id: MessageId): void {
    if (id.length !== 32) throw new RangeError('a message id has 32 digits');
    const at = this.room(16);
    writeMessageId(this.bytes, at, id);
  }

  str8(text: string): void {
    const at = this.room(1);
    const written = this.text(text, 255);
    this.bytes[at] = written;
  }

  str16(text: string): void {
    const at = this.room(2);
    this.setU16(at, this.text(text, 65_535));
  }

  /** [N7] */
  name(text: string): void {
    if (!isName(text)) throw new FogataError('invalid', checkName(text) ?? 'not a name');
    this.ascii(text);
  }

  nameOrNone(text: string): void {
    if (text === '') this.u8(0);
    else this.name(text);
  }

  command(text: string): void {
    if (!isCommand(text)) throw new FogataError('invalid', checkCommand(text) ?? 'not a command');
    this.ascii(text);
  }

  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** Makes room for so many bytes and says where they begin. What lies there is whatever was there before. */
  room(count: number): number {
    const at = this.length;
    const wanted = at + count;
    if (wanted > this.bytes.length) this.grow(wanted);
    this.length = wanted;
    return at;
  }

  private ascii(text: string): void {
    const { length } = text;
    const at = this.room(1 + length);
    const { bytes } = this;
    bytes[at] = length;
    for (let i = 0; i < length; i++) bytes[at + 1 + i] = text.charCodeAt(i);
  }

  /** Writes the text and returns how many bytes that were. */
  private text(text: string, max: number): number {
    if (text.length > max) throw tooLong(max);
    const at = this.length;
    let written = writeUtf8(this.bytes, at, text);
    if (written < 0) {
      this.grow(Math.max(at + text.length, Math.min(at + 3 * text.length, this.bytesMax)));
      written = writeUtf8(this.bytes, at, text);
    }
    if (written < 0 || written > max) throw tooLong(max);
    this.length = at + written;
    return written;
  }

  private grow(wanted: number): void {
    if (wanted > this.bytesMax) throw new FogataError('too-large', `more than ${this.bytesMax} bytes`);
    const larger = new Uint8Array(Math.min(this.bytesMax, Math.max(wanted, 2 * this.bytes.length)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

function outOfRange(value: number, type: string): RangeError {
  return new RangeError(`${value} is no ${type}`);
}

function tooLong(max: number): FogataError {
  return new FogataError('too-large', `a text has more than ${max} bytes`);
}
