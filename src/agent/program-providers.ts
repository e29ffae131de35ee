import { provideOptionsOf } from '../api/provide-options-of.ts';
import type { ServeOptions } from '../api/serve.ts';
import type { WorkingState } from '../delivery/flap-damping.ts';
import type { Delivery, DeliveryReply, Provider, Provision } from '../delivery/provider.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { queuedBytesMax } from '../protocol/limits.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { decodeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import { programFrame } from './program-frame.ts';
import type { ProgramStreams } from './program-streams.ts';

type Respond = (reply: DeliveryReply) => void;

const noBytes = new Uint8Array(0);

/**
 * The services that one program serves over its link: what reaches the node goes to the program (frame 6, under a
 * correlation of the agent's choice), its answer comes back (frame 7).
 */
export class ProgramProviders {
  readonly #node: FogataNode;
  readonly #link: FrameLink;
  readonly #streams: Pick<ProgramStreams, 'pass'>;
  readonly #provisions = new Map<string, Provision>();
  readonly #waiting = new Map<number, Respond>();
  readonly #writer = new Writer();
  #closed = false;
  #lastCorrelation = 0;

  constructor(node: FogataNode, link: FrameLink, streams: Pick<ProgramStreams, 'pass'>) {
    this.#node = node;
    this.#link = link;
    this.#streams = streams;
  }

  get count(): number {
    return this.#provisions.size;
  }

  /** Throws FogataError `invalid` for what may not be served so. */
  register(
    service: string,
    options: Omit<ServeOptions, 'onStream'>,
    kinds: { readonly messages: boolean; readonly streams: boolean } = { messages: true, streams: false },
  ): void {
    if (this.#closed) throw new FogataError('closed', 'the link is closed');
    if (this.#provisions.has(service)) throw new FogataError('invalid', `this program serves "${service}" already`);
    const provider: Provider = {
      deliver: (delivery, respond) => this.#deliver(delivery, respond),
      open: kinds.streams ? (stream) => this.#streams.pass(stream) : undefined,
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
    const decoded = decodeReplyHead(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad reply: ${decoded.reason}`;
    const respond = this.#waiting.get(frame.correlation);
    // The caller gave up while the reply was under way.
    if (respond === undefined) return undefined;
    this.#waiting.delete(frame.correlation);
    const { outcome, code, reason, params, bodyKind } = decoded.head;
    if (outcome === 'stored') {
      respond(without('unknown', 'protocol', 'the program answered "stored", which only an outbox can'));
      return undefined;
    }
    respond({ outcome, code, reason, params, bodyKind, body: frame.bytes.slice(decoded.bodyStart, frame.end) });
    return undefined;
  }

  /** The program is gone: nothing more comes to it, and what it had in hand is unknown. */
  close(): void {
    this.#closed = true;
    // First the places, so that nothing that is settled now is tried here again.
    for (const provision of this.#provisions.values()) void provision.withdraw(0);
    this.#provisions.clear();
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const respond of all) respond(without('unknown', 'link-lost', 'the program that had it is gone'));
  }

  #deliver(delivery: Delivery, respond: Respond): () => void {
    const link = this.#link;
    if (this.#closed) {
      respond(without('refused', 'link-lost', 'the program is gone'));
      return () => undefined;
    }
    if (link.queuedBytes > queuedBytesMax) {
      respond(without('refused', 'busy', 'the program does not read what is sent to it'));
      return () => undefined;
    }
    const correlation = this.#nextCorrelation();
    this.#waiting.set(correlation, respond);
    const flags = (delivery.replyWanted ? FrameFlag.replyWanted : 0) | (delivery.idempotent ? FrameFlag.idempotent : 0);
    const fields = programFrame(FrameKind.message, correlation, flags, delivery.deadlineMs);
    this.#writer.reset();
    writeMessageHead(this.#writer, delivery.head);
    link.send(fields, this.#writer.view(), delivery.body.length > 0 ? delivery.body : undefined);
    return () => {
      if (this.#waiting.delete(correlation))
        link.send(programFrame(FrameKind.cancel, correlation), undefined, undefined);
    };
  }

  /** Unique among those that are waiting, also after four thousand million messages. */
  #nextCorrelation(): number {
    do this.#lastCorrelation = this.#lastCorrelation >= 0xffff_ffff ? 1 : this.#lastCorrelation + 1;
    while (this.#waiting.has(this.#lastCorrelation));
    return this.#lastCorrelation;
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
