import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { FrameHeaderWriter } from '../protocol/frame-header-writer.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import { frameHeaderBytes } from '../protocol/limits.ts';
import { setMessageAttempt } from '../protocol/message-head.ts';
import type { Publication } from './publication.ts';
import { reusedHeader } from './reused-header.ts';

/** So much goes to one link before the next one gets the same: more is worked on later at the other end, less costs more writes. */
export const runBytesMax = 32_768;

const noBytes = new Uint8Array(0);

/** Publications of one turn for the same instances: their frames, which are the same for all of these. */
export class PublishRun {
  publications: Publication[] = [];
  private bytes = noBytes;
  private readonly header = new FrameHeaderWriter();
  private readonly fields = reusedHeader(FrameKind.message);
  private used = 0;

  constructor(self: NodeId) {
    // Whoever is at the other end: so the frame is the same for each.
    this.fields.to = noNode;
    this.fields.from = self;
  }

  /** False: it is for others, or there is no room. */
  add(publication: Publication, now: number): boolean {
    const { used } = this;
    const { rest } = publication.request.encoded;
    const end = used + frameHeaderBytes + rest.length;
    if (end > runBytesMax || !this.isFor(publication)) return false;
    // Most nodes never publish anything.
    if (this.bytes.length === 0) this.bytes = new Uint8Array(runBytesMax);
    const { bytes } = this;
    setFields(this.fields, publication, now);
    this.header.write(bytes, used, this.fields, rest.length);
    bytes.set(rest, used + frameHeaderBytes);
    setMessageAttempt(bytes, used + frameHeaderBytes, 0);
    this.used = end;
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
}

/** What the header of its frame says of it. */
export function setFields(fields: ReturnType<typeof reusedHeader>, publication: Publication, now: number): void {
  const { request, correlation, deadlineAt } = publication;
  fields.flags = FrameFlag.publish | (request.idempotent ? FrameFlag.idempotent : 0);
  fields.correlation = correlation;
  fields.deadlineMs = Math.max(0, deadlineAt - now);
}
