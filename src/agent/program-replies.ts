import { publishedBody, triedBody } from '../api/program-reply.ts';
import { publishOutcomeOf } from '../api/publish-outcome-of.ts';
import { AlikeBatch } from '../delivery/alike-batch.ts';
import { DeliveredBatch } from '../delivery/delivered-batch.ts';
import type { PublishSettlement } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { Address } from '../protocol/address.ts';
import type { Body } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameKind } from '../protocol/frame.ts';
import { alikeReplyBytesMax, membersMax } from '../protocol/limits.ts';
import { type ReplyHead, writeReplyHead } from '../protocol/reply-head.ts';
import type { Writer } from '../protocol/writer.ts';
import { reusedFrame } from './program-frame.ts';

const noBytes = new Uint8Array(0);
const noBody: Body = { kind: 'none', bytes: noBytes };
const nobody = { service: '', node: '', params: {} } as const;

type ReplyFields = Omit<ReplyHead, 'bodyKind' | 'load'>;

/** How a program is told what became of what it asked for: alone, or many of a turn in one frame. */
export class ProgramReplies {
  readonly #link: FrameLink;
  readonly #writer: Writer;
  readonly #onSent: () => void;
  readonly #fields = {
    one: reusedFrame(FrameKind.reply),
    delivered: reusedFrame(FrameKind.delivered),
    alike: reusedFrame(FrameKind.alike),
  };
  readonly #delivered: DeliveredBatch;
  readonly #alike: AlikeBatch;
  /** The node that the last one was delivered at. */
  #at: readonly string[] = [''];
  /** Of the last that was delivered at all, and their names. */
  #published: PublishSettlement['instances'] = [];
  #publishedNodes: readonly string[] = [];
  /** Of the last that was not, and what its program is told of it. */
  #told: PublishSettlement['instances'] | undefined = undefined;
  #tale: Uint8Array = noBytes;

  /** `onSent`: what was delivered or published has been told. */
  constructor(link: FrameLink, writer: Writer, onSent: () => void) {
    this.#link = link;
    this.#writer = writer;
    this.#onSent = onSent;
    const sendBy = (fields: ReturnType<typeof reusedFrame>) => (first: number, rest: Uint8Array) => {
      fields.correlation = first;
      link.send(fields, rest, undefined);
      onSent();
    };
    this.#delivered = new DeliveredBatch(sendBy(this.#fields.delivered), () => undefined);
    this.#alike = new AlikeBatch(sendBy(this.#fields.alike));
  }

  /** How many wait for the end of the turn. */
  get waiting(): number {
    return this.#delivered.count + this.#alike.count;
  }

  /** `rest`: of the reply frame. */
  pass(correlation: number, rest: Uint8Array): void {
    this.#send(correlation, rest, undefined);
  }

  delivered(correlation: number, service: string, node: string): void {
    if (node !== this.#at[0]) this.#at = [node];
    this.#delivered.add(correlation, service, this.#at);
  }

  settled(correlation: number, settlement: Settlement): void {
    this.#say(correlation, fieldsOf(settlement), bodyOf(settlement));
  }

  failed(correlation: number, outcome: 'refused' | 'expired', code: ErrorCode, reason: string): void {
    this.#say(correlation, { outcome, code, reason, ...nobody }, noBody);
  }

  /** The same array of instances is the same tale: one that refuses everything is told of once for many [F17]. */
  published(correlation: number, settlement: PublishSettlement, to: Address): void {
    const { instances, isDelivered } = settlement;
    if (isDelivered && instances.length <= membersMax) {
      if (instances !== this.#published) {
        this.#published = instances;
        this.#publishedNodes = instances.map(({ node }) => node);
      }
      return this.#delivered.add(correlation, to.service, this.#publishedNodes);
    }
    if (instances !== this.#told) {
      const { outcome, code, reason = '' } = publishOutcomeOf(settlement, to);
      const body = publishedBody(instances);
      const carried = this.#write({ outcome, code, reason, ...nobody }, body);
      this.#writer.raw(carried.bytes);
      this.#tale = this.#writer.copy();
      this.#told = instances;
    }
    if (this.#tale.length <= alikeReplyBytesMax) this.#alike.add(correlation, this.#tale);
    else {
      this.#send(correlation, this.#tale, undefined);
      this.#onSent();
    }
  }

  #say(correlation: number, fields: ReplyFields, body: Body): void {
    const { bytes } = this.#write(fields, body);
    this.#send(correlation, this.#writer.view(), bytes.length > 0 ? bytes : undefined);
  }

  /** Leaves the head in the writer and returns the body that belongs to it. */
  #write(fields: ReplyFields, body: Body): Body {
    const writer = this.#writer;
    writer.reset();
    try {
      writeReplyHead(writer, { ...fields, bodyKind: body.kind, load: undefined });
      return body;
    } catch (error) {
      const { code, message } = FogataError.from(error);
      const reason = `the reply cannot be carried: ${message}`;
      writer.reset();
      writeReplyHead(writer, { outcome: 'unknown', code, reason, ...nobody, bodyKind: 'none', load: undefined });
      return noBody;
    }
  }

  #send(correlation: number, head: Uint8Array, body: Uint8Array | undefined): void {
    const { one } = this.#fields;
    one.correlation = correlation;
    this.#link.send(one, head, body);
  }
}

function fieldsOf({ outcome, code, reason, instance, params }: Settlement): ReplyFields {
  return { outcome, code, reason, params, service: instance?.service ?? '', node: instance?.node ?? '' };
}

/** Only an answer has a body of the instance's; elsewhere its place tells what was tried. */
function bodyOf({ outcome, bodyKind, body, tried }: Settlement): Body {
  return outcome === 'answered' ? { kind: bodyKind, bytes: body } : triedBody(tried);
}
