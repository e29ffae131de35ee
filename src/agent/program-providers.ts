import { provideOptionsOf } from '../api/provide-options-of.ts';
import type { ServeOptions } from '../api/serve.ts';
import { CorrelationTable } from '../delivery/correlation-table.ts';
import { bareDelivered } from '../delivery/delivered-batch.ts';
import type { WorkingState } from '../delivery/flap-damping.ts';
import type { Delivery, DeliveryReply, ForwardedWork, Provider, Provision } from '../delivery/provider.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { type FrameFields, FrameFlag, FrameKind } from '../protocol/frame.ts';
import { queuedBytesMax } from '../protocol/limits.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { programFrame, reusedFrame } from './program-frame.ts';
import type { ProgramStreams } from './program-streams.ts';
import type { ProgramTools } from './program-tools.ts';

const noBytes = new Uint8Array(0);

const repliesPerTold = 64;

const encoder = new TextEncoder();

/**
 * The services that one program serves over its link: what reaches the node goes to the program (frame 6, under a
 * correlation of the agent's choice), its answer comes back (frame 7).
 */
export class ProgramProviders {
  readonly #node: FogataNode;
  readonly #link: FrameLink;
  readonly #streams: Pick<ProgramStreams, 'pass'>;
  readonly #provisions = new Map<string, Provision>();
  #waiting = new CorrelationTable<ForwardedWork>();
  readonly #tools: ProgramTools;
  readonly #fields = reusedFrame(FrameKind.message);
  /** Messages that were refused since it was last told, by service. */
  readonly #missed = new Map<string, number>();
  #repliesSinceTold = 0;
  #closed = false;

  constructor(node: FogataNode, link: FrameLink, tools: ProgramTools, streams: Pick<ProgramStreams, 'pass'>) {
    this.#node = node;
    this.#link = link;
    this.#tools = tools;
    this.#streams = streams;
  }

  get count(): number {
    return this.#provisions.size;
  }

  /** Throws FogataError `invalid` for what may not be served so. */
  register(
    service: string,
    options: Omit<ServeOptions, 'onStream' | 'onMissed'>,
    kinds: { readonly messages: boolean; readonly streams: boolean } = { messages: true, streams: false },
  ): void {
    if (this.#closed) throw new FogataError('closed', 'the link is closed');
    if (this.#provisions.has(service)) throw new FogataError('invalid', `this program serves "${service}" already`);
    const provider: Provider = {
      deliver: (delivery, respond) => this.#deliver(delivery, respond),
      forward: (frame, work) => this.#forward(frame, work),
      open: kinds.streams ? (stream) => this.#streams.pass(stream) : undefined,
      missed: () => this.#miss(service),
    };
    const provideOptions = provideOptionsOf(options, { ...kinds, http: false });
    this.#provisions.set(service, this.#node.provide(service, provider, provideOptions));
  }

  /** Throws FogataError `invalid` where the program does not serve it. */
  async withdraw(service: string, graceMs: number): Promise<void> {
    const provision = this.#provisionOf(service);
    this.#provisions.delete(service);
    await provision.withdraw(graceMs);
  }

  setLoad(service: string, load: number): void {
    this.#provisionOf(service).setLoad(load);
  }

  setState(service: string, state: WorkingState): void {
    this.#provisionOf(service).setState(state);
  }

  heartbeat(service: string, state: WorkingState, note: string): void {
    this.#provisionOf(service).heartbeat(state, note);
  }

  /** A reply (frame 7) of the program. Returns what is wrong with the frame, which is the end of the link. */
  onReply(frame: ReceivedFrame): string | undefined {
    const { bytes, start, end } = frame;
    const { reply, reader } = this.#tools;
    reader.reset(bytes, start, end);
    const malformed = reply.read(reader);
    if (malformed !== undefined) return `bad reply: ${malformed}`;
    const work = this.#waiting.get(frame.correlation);
    // The caller gave up while the reply was under way.
    if (work === undefined) return undefined;
    this.#waiting.delete(frame.correlation);
    if (this.#missed.size > 0) this.#tellMissed(1);
    const { outcome, code, reason, params, bodyKind } = reply;
    if (outcome === 'stored') {
      work.respond(without('unknown', 'protocol', 'the program answered "stored", which only an outbox can'));
    } else if (reply.node === this.#node.name && reply.service === work.service) {
      work.pass(code, bytes.subarray(start, end), frame.readAt);
    } else {
      const body = this.#tools.copies.take(bytes, reply.bodyStart, end);
      work.respond({ outcome, code, reason, params, bodyKind, body });
    }
    return undefined;
  }

  /** The program is gone: nothing more comes to it, and what it had in hand is unknown. */
  close(): void {
    this.#closed = true;
    // First the places, so that nothing that is settled now is tried here again.
    for (const provision of this.#provisions.values()) void provision.withdraw(0);
    this.#provisions.clear();
    const all = this.#waiting.inOrder();
    this.#waiting = new CorrelationTable();
    for (const work of all) work.respond(without('unknown', 'link-lost', 'the program that had it is gone'));
  }

  /** Many replies in one [F15]. Returns what is wrong with the frame, likewise. */
  onDelivered(frame: ReceivedFrame): string | undefined {
    const { delivered, reader } = this.#tools;
    const malformed = delivered.read(frame, reader);
    if (malformed !== undefined) return `bad delivered: ${malformed}`;
    const { values, count } = delivered.correlations;
    for (let i = 0; i < count; i++) {
      const correlation = values[i] as number;
      const work = this.#waiting.get(correlation);
      if (work === undefined) continue;
      this.#waiting.delete(correlation);
      work.respond(bareDelivered);
    }
    if (this.#missed.size > 0) this.#tellMissed(count);
    return undefined;
  }

  /** For those who have a message in pieces; a node passes it on as it came. */
  #deliver(delivery: Delivery, respond: (reply: DeliveryReply) => void): () => void {
    const { head, body, deadlineMs } = delivery;
    const flags = (delivery.replyWanted ? FrameFlag.replyWanted : 0) | (delivery.idempotent ? FrameFlag.idempotent : 0);
    // No service has this name: what is answered is taken apart.
    const work: ForwardedWork = { service: '', respond, pass() {} };
    this.#tools.writer.reset();
    writeMessageHead(this.#tools.writer, head);
    const rest = body.length > 0 ? body : undefined;
    return this.#give(head.service, work, { flags, deadlineMs }, this.#tools.writer.view(), rest);
  }

  #forward(frame: ReceivedFrame, work: ForwardedWork): () => void {
    return this.#give(work.service, work, frame, frame.bytes.subarray(frame.start, frame.end), undefined);
  }

  #give(
    service: string,
    work: ForwardedWork,
    { flags, deadlineMs, readAt }: Pick<FrameFields, 'flags' | 'deadlineMs'> & Pick<ReceivedFrame, 'readAt'>,
    head: Uint8Array,
    body: Uint8Array | undefined,
  ): () => void {
    const link = this.#link;
    if (this.#closed) {
      work.respond(without('refused', 'link-lost', 'the program is gone'));
      return nothing;
    }
    if (link.queuedBytes() > queuedBytesMax) {
      this.#miss(service);
      work.respond(without('refused', 'busy', 'the program does not read what is sent to it'));
      return nothing;
    }
    const correlation = this.#waiting.next();
    this.#waiting.set(correlation, work);
    const fields = this.#fields;
    fields.flags = flags & (FrameFlag.replyWanted | FrameFlag.idempotent);
    fields.correlation = correlation;
    fields.deadlineMs = deadlineMs;
    fields.reckonedAt = readAt;
    link.send(fields, head, body);
    return () => {
      if (this.#waiting.get(correlation) !== work) return;
      this.#waiting.delete(correlation);
      link.send(programFrame(FrameKind.cancel, correlation), undefined, undefined);
    };
  }

  #miss(service: string): void {
    this.#missed.set(service, (this.#missed.get(service) ?? 0) + 1);
  }

  /** It reads again. One that is always behind is told now and then, not with each reply. */
  #tellMissed(repliesCount: number): void {
    this.#repliesSinceTold += repliesCount;
    if (this.#repliesSinceTold < repliesPerTold && this.#waiting.size > 0) return;
    this.#repliesSinceTold = 0;
    for (const [service, count] of this.#missed) {
      const event = encoder.encode(JSON.stringify({ type: 'missed', service, count }));
      this.#link.send(programFrame(FrameKind.event, 0), undefined, event);
    }
    this.#missed.clear();
  }

  #provisionOf(service: string): Provision {
    const provision = this.#provisions.get(service);
    if (provision !== undefined) return provision;
    throw new FogataError('invalid', `this program does not serve ${JSON.stringify(service)}`);
  }
}

function without(outcome: 'refused' | 'unknown', code: DeliveryReply['code'], reason: string): DeliveryReply {
  return { outcome, code, reason, params: {}, bodyKind: 'none', body: noBytes };
}

function nothing(): void {}
