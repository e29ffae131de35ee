import { type Decoded, type MalformedReason, malformed } from './decoded.ts';
import { type MessageId, type NodeId, noNode, readMessageId, readNodeId } from './ids.ts';
import type { NameCache } from './name-cache.ts';
import { isCommandAt, isNameAt } from './names.ts';
import { readAscii, readUtf8 } from './utf8.ts';

const twoTo32 = 4_294_967_296;
const highMax = 0x1f_ffff;
const noMessage = '00000000000000000000000000000000' as MessageId;
const noBytes = new Uint8Array(0);

/**
 * A cursor over bytes that never leaves its bounds and never throws. The first failure sticks: all reads after it return
 * zero, '' or no bytes, so a decoder reads all its fields and asks once. Loops must ask `failed` too.
 */
export class Reader {
  bytes: Uint8Array;
  end: number;
  position: number;
  private failure: MalformedReason | undefined = undefined;
  /** Undefined: texts are made anew. */
  readonly names: NameCache | undefined;

  /** `names`: where those who read much keep the texts of names and commands. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length, names?: NameCache) {
    this.bytes = bytes;
    this.names = names;
    this.position = start;
    this.end = Math.min(end, bytes.length);
  }

  /** For those who read so many that a cursor for each would be felt. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = Math.min(end, bytes.length);
    this.failure = undefined;
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  get reason(): MalformedReason | undefined {
    return this.failure;
  }

  get left(): number {
    return this.end - this.position;
  }

  /** Only the first reason is kept. */
  fail(reason: MalformedReason): void {
    this.failure ??= reason;
    this.position = this.end;
  }

  /** The value, unless something failed on the way to it. Bytes that are left are ignored [N6]. */
  result<Value>(value: Value): Decoded<Value> {
    return this.failure === undefined ? { ok: true, value } : malformed(this.failure);
  }

  /** For layouts that are exact: what is left is a failure. */
  expectEnd(): void {
    if (this.position !== this.end) this.fail('long');
  }

  u8(): number {
    const at = this.take(1);
    return at < 0 ? 0 : (this.bytes[at] as number);
  }

  u16(): number {
    const at = this.take(2);
    return at < 0 ? 0 : ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  u32(): number {
    const at = this.take(4);
    if (at < 0) return 0;
    const { bytes } = this;
    const low = ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    return (bytes[at] as number) * 0x100_0000 + low;
  }

  /** [N1] */
  u64(): number {
    const high = this.u32();
    const low = this.u32();
    if (high <= highMax) return high * twoTo32 + low;
    this.fail('number');
    return 0;
  }

  /** A `u8` that may not be above the bound. */
  count8(max: number): number {
    return this.bounded(this.u8(), max);
  }

  count16(max: number): number {
    return this.bounded(this.u16(), max);
  }

  count32(max: number): number {
    return this.bounded(this.u32(), max);
  }

  /** A `u8` that counts from 1 into a closed list of words. */
  word<Word>(words: readonly Word[]): Word {
    const word = words[this.u8() - 1];
    if (word !== undefined) return word;
    this.fail('range');
    return words[0] as Word;
  }

  nodeIdOrNone(): NodeId {
    const at = this.take(8);
    return at < 0 ? noNode : readNodeId(this.bytes, at);
  }

  nodeId(): NodeId {
    const id = this.nodeIdOrNone();
    if (id === noNode) this.fail('id');
    return id;
  }

  messageId(): MessageId {
    const at = this.take(16);
    return at < 0 ? noMessage : readMessageId(this.bytes, at);
  }

  str8(): string {
    return this.text(this.u8());
  }

  str16(): string {
    return this.text(this.u16());
  }

  /** [N7] */
  name(): string {
    const length = this.u8();
    const at = this.take(length);
    if (at < 0) return '';
    if (isNameAt(this.bytes, at, at + length)) return this.known(at, at + length);
    this.fail('name');
    return '';
  }

  nameOrNone(): string {
    if (this.position < this.end && this.bytes[this.position] === 0) {
      this.position++;
      return '';
    }
    return this.name();
  }

  command(): string {
    const length = this.u8();
    const at = this.take(length);
    if (at < 0) return '';
    if (isCommandAt(this.bytes, at, at + length)) return this.known(at, at + length);
    this.fail('name');
    return '';
  }

  /** A view, not a copy. */
  raw(count: number): Uint8Array {
    const at = this.take(count);
    return at < 0 ? noBytes : this.bytes.subarray(at, at + count);
  }

  skip(count: number): void {
    this.take(count);
  }

  private known(start: number, end: number): string {
    return this.names === undefined ? readAscii(this.bytes, start, end) : this.names.read(this.bytes, start, end);
  }

  private text(length: number): string {
    const at = this.take(length);
    if (at < 0) return '';
    const text = readUtf8(this.bytes, at, at + length);
    if (text !== undefined) return text;
    this.fail('utf8');
    return '';
  }

  /** Where the next `count` bytes begin; -1 when they are not there. */
  private take(count: number): number {
    const at = this.position;
    if (count > this.end - at) {
      this.fail('short');
      return -1;
    }
    this.position = at + count;
    return at;
  }

  private bounded(count: number, max: number): number {
    if (count <= max) return count;
    this.fail('count');
    return 0;
  }
}
