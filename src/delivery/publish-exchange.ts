import type { Address } from '../protocol/address.ts';
import type { BodyKind } from '../protocol/body.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import type { MessageId } from '../protocol/ids.ts';
import { setMessageId, writeMessageHead } from '../protocol/message-head.ts';
import { noTexts, type TextRecord } from '../protocol/text-record.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Chooser, Chosen } from './chooser.ts';
import type { Settle } from './exchange.ts';
import type { EncodedMessage, ExchangeRequest } from './exchange-request.ts';
import type { Exchanges } from './exchanges.ts';
import { MessageHeads } from './message-heads.ts';
import {
  areAlike,
  deliveredAtAll,
  type PublishedAt,
  type PublishSettlement,
  publishedAt,
} from './publish-settlement.ts';

export interface PublisherOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly exchanges: Pick<Exchanges, 'beginAll'>;
  readonly chooser: Pick<Chooser, 'every'>;
  readonly selfName: string;
  readonly newMessageId: () => MessageId;
  /** What it gave last, as it goes over the wire; undefined: it is read from the text. */
  readonly newIdBytes?: Uint8Array | undefined;
}

type OnPublished = (settlement: PublishSettlement) => void;

/**
 * One exchange with every instance that may take work. What goes over the wire is encoded once: the frames differ in their
 * headers only. `settle` is called once all are settled, maybe before this returns. Returns how to give up those that are not.
 */
export type Publish = (request: ExchangeRequest, settle: OnPublished) => () => void;

export function createPublisher(options: PublisherOptions): Publish {
  const { clock, exchanges, chooser } = options;
  const encode = createEncodeOnce(options.selfName, options.newIdBytes);
  // The same instances are nearly always asked for again.
  let lastTargets: readonly Chosen[] = [];
  let lastDelivered: readonly PublishedAt[] = [];
  // One that refuses everything refuses the next one too.
  let lastMixed: readonly PublishedAt[] = [];

  function deliveredAt(service: string, targets: readonly Chosen[]): readonly PublishedAt[] {
    if (targets !== lastTargets) {
      lastTargets = targets;
      lastDelivered = deliveredAtAll(
        service,
        targets.map(({ name }) => name),
      );
    }
    return lastDelivered;
  }

  return (request, settle) => {
    const isNew = request.id === undefined;
    const id = request.id ?? options.newMessageId();
    const targets = chooser.every(request.to, 'messages');
    if (targets.length === 0) {
      settle({ id, elapsedMs: 0, instances: [], isDelivered: false });
      return nothing;
    }
    const startedAt = clock.now();
    const onSettled = (others: Published['others']): void => {
      const delivered = deliveredAt(request.to.service, targets);
      const elapsedMs = clock.now() - startedAt;
      if (others === undefined) return settle({ id, elapsedMs, instances: delivered, isDelivered: true });
      const instances = targets.map((target, i) => others.get(target) ?? (delivered[i] as PublishedAt));
      if (!areAlike(instances, lastMixed)) lastMixed = Object.freeze(instances.map((each) => Object.freeze(each)));
      const isDelivered = lastMixed.every(({ outcome }) => outcome === 'delivered');
      settle({ id, elapsedMs, instances: lastMixed, isDelivered });
    };
    const published = new Published(request, id, targets.length, onSettled);
    // A program's is as it has to be.
    const isEncoded = request.encoded !== undefined || published.encodeBy(encode, isNew);
    if (isEncoded) published.encoded = published;
    return exchanges.beginAll(published, targets, published.settle);
  };
}

const noBytes = new Uint8Array(0);
/** With its head it shares an allocation with others. */
const shortBodyBytesMax = 1_024;

/** A message on its way to every instance. For each of them it is the request, and takes what becomes of it there. */
class Published implements ExchangeRequest, EncodedMessage {
  readonly id: MessageId;
  readonly to: Address;
  readonly replyWanted = false;
  readonly idempotent: boolean;
  readonly deadlineMs: number;
  /** Undefined where it cannot be: each exchange then says why. */
  encoded: EncodedMessage | undefined = undefined;
  /** All that is more, or less, than `delivered`. */
  others: Map<Chosen, PublishedAt> | undefined = undefined;
  readonly settle: Settle = (settlement, only) => {
    this.others ??= new Map();
    if (only !== undefined) this.others.set(only, publishedAt(settlement, this.to.service, only.name));
    this.delivered();
  };
  /** Where it was encoded here. */
  private own: Uint8Array = noBytes;
  private left: number;
  private readonly given: ExchangeRequest;
  private readonly onSettled: (others: Published['others']) => void;

  constructor(given: ExchangeRequest, id: MessageId, count: number, onSettled: (others: Published['others']) => void) {
    this.given = given;
    this.id = id;
    this.to = { service: given.to.service, node: '*' };
    this.idempotent = given.idempotent;
    this.deadlineMs = given.deadlineMs;
    this.left = count;
    this.onSettled = onSettled;
  }

  /** `isNew`: its id has just been made. False: it cannot be. */
  encodeBy(encode: EncodeOnce, isNew: boolean): boolean {
    this.own = encode(this, isNew);
    return this.own.length > 0;
  }

  get rest(): Uint8Array {
    return this.given.encoded?.rest ?? this.own;
  }

  get headBytes(): number {
    const { encoded, body } = this.given;
    return encoded?.headBytes ?? this.own.length - (isShort(body) ? body.length : 0);
  }

  get bodyApart(): Uint8Array | undefined {
    const { encoded, body } = this.given;
    return encoded === undefined && !isShort(body) ? body : undefined;
  }

  get command(): string {
    return this.given.command;
  }

  get params(): TextRecord {
    return this.given.params;
  }

  get bodyKind(): BodyKind {
    return this.given.bodyKind;
  }

  get body(): Uint8Array {
    return this.given.body;
  }

  get fromService(): string {
    return this.given.fromService;
  }

  /** It has it. Nothing of its answer is of interest but that. */
  pass(): void {
    this.delivered();
  }

  delivered(): void {
    this.left -= 1;
    if (this.left === 0) this.onSettled(this.others);
  }
}

/** It goes beside the head: to copy it once more costs less than to look at it for each instance. */
function isShort(body: Uint8Array): boolean {
  return body.length <= shortBodyBytesMax;
}

/** The head, and a short body behind it; empty where it cannot be written. */
type EncodeOnce = (message: Published, isNew: boolean) => Uint8Array;

/** What is small lies side by side: it needs no memory of its own. */
function createEncodeOnce(fromNode: string, newIdBytes: Uint8Array | undefined): EncodeOnce {
  const writer = new Writer();
  const heads = new MessageHeads();
  const copies = new ByteCopies();

  /** Valid until the next one. */
  function headOf(message: Published): Uint8Array {
    const { id, to, command, bodyKind, fromService, params } = message;
    const { service, node } = to;
    writer.reset();
    writeMessageHead(writer, { id, bodyKind, attempt: 0, service, node, command, fromService, fromNode, params });
    if (params === noTexts) heads.add(message, writer.copy());
    return writer.view();
  }

  return (message, isNew) => {
    const { body } = message;
    try {
      const head = heads.find(message) ?? headOf(message);
      const bytes = copies.room(head.length + (isShort(body) ? body.length : 0));
      bytes.set(head);
      if (bytes.length > head.length) bytes.set(body, head.length);
      setMessageId(bytes, 0, message.id, isNew ? newIdBytes : undefined);
      return bytes;
    } catch {
      return noBytes;
    }
  };
}

function nothing(): void {}
