import { FrameFlag, FrameKind, writeU32 } from '../protocol/frame.ts';
import { FrameHeaderWriter } from '../protocol/frame-header-writer.ts';
import { messageIdBytes, type NodeId, noNode } from '../protocol/ids.ts';
import { frameHeaderBytes } from '../protocol/limits.ts';
import { setMessageAttempt } from '../protocol/message-head.ts';
import { runMessageBytesMax, writeRunMessage } from '../protocol/message-run.ts';
import type { Publication } from './publication.ts';
import { reusedHeader } from './reused-header.ts';

/** So much goes to one link before the next one gets the same: more is worked on later at the other end, less costs more writes. */
export const runBytesMax = 32_768;

/** A frame is handed over when it is whole: with longer ones the other end would begin later. */
const runFrameBytesMax = 8_192;

const noBytes = new Uint8Array(0);

/** Publications of one turn for the same instances: their frames [F19], which are the same for all of these. */
export class PublishRun {
  publications: Publication[] = [];
  private bytes = noBytes;
  private readonly header = new FrameHeaderWriter();
  private readonly fields = reusedHeader(FrameKind.run);
  private used = 0;
  /** Where the last frame begins, and its head ends. */
  private frameAt = 0;
  private headEnd = 0;

  constructor(self: NodeId) {
    // Whoever is at the other end: so the frame is the same for each.
    this.fields.to = noNode;
    this.fields.from = self;
  }

  /** False: it is for others, or there is no room. */
  add(publication: Publication): boolean {
    const { rest, headBytes } = publication.request.encoded;
    if (this.used + bytesMaxOf(rest.length) > runBytesMax || !this.isFor(publication)) return false;
    // Most nodes never publish anything.
    if (this.bytes.length === 0) this.bytes = new Uint8Array(runBytesMax);
    const last = this.fields.correlation;
    const { flags, deadlineMs } = this.fields;
    // What is begun counts, as in a header: so it is the same for those that were late by about the same.
    setFields(this.fields, publication, Math.ceil(publication.request.deadlineMs));
    const isSame = flags === this.fields.flags && deadlineMs === this.fields.deadlineMs;
    if (isSame && this.hasRoomBehind(rest, headBytes)) this.append(publication, last);
    else this.begin(publication);
    writeU32(this.bytes, this.frameAt, this.used - this.frameAt - 4);
    this.publications.push(publication);
    return true;
  }

  /** Valid until the next one is added. */
  frames(): Uint8Array {
    return this.bytes.subarray(0, this.used);
  }

  /** Returns what there was; there is nothing now. */
  take(): readonly Publication[] {
    const { publications } = this;
    this.publications = [];
    this.used = 0;
    return publications;
  }

  private isFor({ targets }: Publication): boolean {
    const [first] = this.publications;
    return first === undefined || first.targets === targets;
  }

  /** It goes into the last frame: its head is the same but for its id. */
  private hasRoomBehind(rest: Uint8Array, headBytes: number): boolean {
    const { bytes, used, frameAt, headEnd } = this;
    if (used === 0 || used - frameAt + bytesMaxOf(rest.length) > runFrameBytesMax) return false;
    const start = frameAt + frameHeaderBytes;
    return headEnd - start === headBytes && isSameHead(bytes, start, rest, headBytes);
  }

  private begin({ request }: Publication): void {
    const { bytes, used } = this;
    const { rest, headBytes } = request.encoded;
    const start = used + frameHeaderBytes;
    this.frameAt = used;
    this.headEnd = start + headBytes;
    this.header.write(bytes, used, this.fields, 0);
    bytes.set(headBytes === rest.length ? rest : rest.subarray(0, headBytes), start);
    setMessageAttempt(bytes, start, 0);
    writeU32(bytes, this.headEnd, rest.length - headBytes);
    this.appendBody(this.headEnd + 4, rest, headBytes);
  }

  private append({ request, correlation }: Publication, last: number): void {
    const { rest, headBytes } = request.encoded;
    const at = writeRunMessage(this.bytes, this.used, { correlation, last }, rest, rest.length - headBytes);
    this.appendBody(at, rest, headBytes);
  }

  private appendBody(at: number, rest: Uint8Array, headBytes: number): void {
    if (rest.length > headBytes) this.bytes.set(rest.subarray(headBytes), at);
    this.used = at + rest.length - headBytes;
  }
}

/** What the header of its frame says of it. */
export function setFields(
  fields: ReturnType<typeof reusedHeader>,
  { request, correlation }: Publication,
  deadlineMs: number,
): void {
  fields.flags = FrameFlag.publish | (request.idempotent ? FrameFlag.idempotent : 0);
  fields.correlation = correlation;
  fields.deadlineMs = deadlineMs;
}

/** What it takes with a frame of its own. */
export function bytesMaxOf(restBytes: number): number {
  return frameHeaderBytes + runMessageBytesMax + restBytes;
}

/** All but the id and the attempt is. */
function isSameHead(bytes: Uint8Array, start: number, rest: Uint8Array, headBytes: number): boolean {
  if (bytes[start + messageIdBytes] !== rest[messageIdBytes]) return false;
  for (let i = messageIdBytes + 2; i < headBytes; i++) if (bytes[start + i] !== rest[i]) return false;
  return true;
}
