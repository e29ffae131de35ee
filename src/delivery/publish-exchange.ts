import { ByteCopies } from '../protocol/byte-copies.ts';
import type { MessageId } from '../protocol/ids.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Chooser, Chosen } from './chooser.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import type { Exchanges } from './exchanges.ts';
import type { Settlement } from './settlement.ts';

export interface PublishTools {
  readonly clock: Pick<Clock, 'now'>;
  readonly exchanges: Pick<Exchanges, 'begin'>;
  readonly chooser: Pick<Chooser, 'every'>;
  readonly newMessageId: () => MessageId;
  readonly encode: EncodeOnce;
}

/** The head of a message, as it goes over the wire. Undefined where it cannot be written: each exchange then says why. */
export type EncodeOnce = (request: ExchangeRequest, id: MessageId) => Uint8Array | undefined;

/** How a message to every instance ended: one settlement for each, in the order in which they came. */
export interface PublishSettlement {
  readonly id: string;
  readonly elapsedMs: number;
  readonly instances: readonly Settlement[];
}

const noBytes = new Uint8Array(0);
const noParams = Object.freeze({});

/**
 * One exchange with every instance that may take work. What goes over the wire is encoded once: the frames differ in their
 * headers only. `settle` is called once all are settled, maybe before this returns. Returns how to give up those that are not.
 */
export function beginPublish(
  tools: PublishTools,
  request: ExchangeRequest,
  settle: (settlement: PublishSettlement) => void,
): () => void {
  const { clock, exchanges } = tools;
  const id = request.id ?? tools.newMessageId();
  const { service } = request.to;
  const startedAt = clock.now();
  const targets = tools.chooser.every(request.to, 'messages');
  const instances: Settlement[] = [];

  function settled(settlement: Settlement): void {
    instances.push(settlement);
    if (instances.length === targets.length) settle({ id, elapsedMs: clock.now() - startedAt, instances });
  }

  function onSettled(settlement: Settlement, only?: Chosen): void {
    settled(only === undefined ? settlement : { ...settlement, instance: { service, node: only.name } });
  }

  /** It has it. Nothing of its answer is of interest but that. */
  function pass(_rest: Uint8Array, only?: Chosen): void {
    settled(deliveredAt(id, { service, node: only?.name ?? '' }, clock.now() - startedAt));
  }

  if (targets.length === 0) {
    settle({ id, elapsedMs: 0, instances });
    return () => undefined;
  }
  const addressed = addressedToAll(request, id);
  const rest = tools.encode(addressed, id);
  const each = rest === undefined ? addressed : { ...addressed, encoded: { rest, bodyApart: request.body, pass } };
  const cancels: (() => void)[] = [];
  for (const target of targets) cancels.push(exchanges.begin(each, target, onSettled));
  return () => {
    for (const cancel of cancels) cancel();
  };
}

function addressedToAll(request: ExchangeRequest, id: MessageId): ExchangeRequest {
  return {
    id,
    to: { service: request.to.service, node: '*' },
    command: request.command,
    params: request.params,
    bodyKind: request.bodyKind,
    body: request.body,
    replyWanted: false,
    idempotent: request.idempotent,
    deadlineMs: request.deadlineMs,
    fromService: request.fromService,
  };
}

/** Heads lie side by side: small ones need no memory of their own. */
export function createEncodeOnce(fromNode: string): EncodeOnce {
  const writer = new Writer();
  const copies = new ByteCopies();
  return ({ to, command, bodyKind, fromService, params }, id) => {
    const { service, node } = to;
    writer.reset();
    try {
      writeMessageHead(writer, { id, bodyKind, attempt: 0, service, node, command, fromService, fromNode, params });
    } catch {
      return undefined;
    }
    return copies.take(writer.bytes, 0, writer.length);
  };
}

function deliveredAt(id: MessageId, instance: Settlement['instance'], elapsedMs: number): Settlement {
  return {
    outcome: 'delivered',
    id,
    instance,
    code: undefined,
    reason: '',
    params: noParams,
    bodyKind: 'none',
    body: noBytes,
    tried: [],
    elapsedMs,
  };
}
