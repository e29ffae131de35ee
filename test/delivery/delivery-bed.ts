import type { CarryResult, FramesCarrier } from '../../src/delivery/carrier.ts';
import type { Chooser, Chosen } from '../../src/delivery/chooser.ts';
import type { ExchangeRequest } from '../../src/delivery/exchange-request.ts';
import type { DeliveryReply } from '../../src/delivery/provider.ts';
import { type FrameFields, FrameKind } from '../../src/protocol/frame.ts';
import { createFrameParser } from '../../src/protocol/frame-parser.ts';
import type { MessageId, NodeId } from '../../src/protocol/ids.ts';
import { decodeMessageHead, type MessageHead, writeMessageHead } from '../../src/protocol/message-head.ts';
import type { ReceivedFrame } from '../../src/protocol/received-frame.ts';
import { decodeReplyHead, type ReplyHead, writeReplyHead } from '../../src/protocol/reply-head.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { InstanceTrack } from '../../src/selection/instance-track.ts';
import { RetryBudget } from '../../src/selection/retry-budget.ts';
import { deliveredRest } from './delivered-frames.ts';
import { messagesIn } from './run-frames.ts';

export const self = '00000000000000ee' as NodeId;
export const nodeOf = (number: number) => number.toString(16).padStart(16, '0') as NodeId;
export const messageIdOf = (number: number) => number.toString(16).padStart(32, '0') as MessageId;

export const noBytes = new Uint8Array(0);

export interface SentFrame extends FrameFields {
  readonly peer: NodeId;
  readonly rest: Uint8Array;
}

export interface FakeCarrier extends FramesCarrier {
  readonly sent: SentFrame[];
  result: (peer: NodeId, fields: FrameFields) => CarryResult;
  ofKind(kind: number): SentFrame[];
}

export function fakeCarrier(): FakeCarrier {
  const carrier: FakeCarrier = {
    sent: [],
    result: () => 'written',
    send(peer, fields, head, body) {
      const result = carrier.result(peer, fields);
      const rest = Buffer.concat([head ?? noBytes, body ?? noBytes]);
      if (result !== 'busy' && result !== 'unreachable') carrier.sent.push({ ...fields, peer, rest });
      return result;
    },
    sendFrames(peer, frames) {
      const whole: SentFrame[] = [];
      createFrameParser().push(frames, (frame) => {
        // As if each message of a run had a frame of its own.
        for (const one of frame.kind === FrameKind.run ? messagesIn(frame) : [frame]) {
          const { kind, flags, hops, to, from, correlation, deadlineMs, bytes, start, end } = one;
          whole.push({ kind, flags, hops, to, from, correlation, deadlineMs, peer, rest: bytes.slice(start, end) });
        }
      });
      const result = carrier.result(peer, whole[0] as SentFrame);
      // Only an open link takes them.
      if (result === 'held') return undefined;
      if (result !== 'busy' && result !== 'unreachable') carrier.sent.push(...whole);
      return result;
    },
    ofKind: (kind) => carrier.sent.filter((frame) => frame.kind === kind),
  };
  return carrier;
}

/** Chooses the first of `nodes` that is not to be avoided. */
export interface FakeChooser extends Chooser {
  nodes: NodeId[];
  readonly chosen: Map<NodeId, Chosen>;
}

export function fakeChooser(nodes: NodeId[]): FakeChooser {
  const chosen = new Map<NodeId, Chosen>();
  const budget = new RetryBudget();
  const chosenOf = (node: NodeId): Chosen => {
    const name = `n${node.slice(-1)}`;
    const one = chosen.get(node) ?? { node, name, track: new InstanceTrack(), budget };
    chosen.set(node, one);
    return one;
  };
  const chooser: FakeChooser = {
    nodes,
    chosen,
    choose(_to, _kind, avoid) {
      const node = chooser.nodes.find((one) => !avoid.has(one));
      return node === undefined ? undefined : chosenOf(node);
    },
    isAnother: (_to, _kind, node, avoid) => chooser.nodes.some((one) => one !== node && !avoid.has(one)),
    every: () => chooser.nodes.map(chosenOf),
    whyNone: ({ service }) => `nobody serves ${service}`,
    nameOf: (node) => chosenOf(node).name,
    noteLoad() {},
    latencyMs: () => undefined,
  };
  return chooser;
}

export function requestOf(fields: Partial<ExchangeRequest> = {}): ExchangeRequest {
  return {
    id: undefined,
    to: { service: 'crm', node: '' },
    command: 'GET',
    params: {},
    bodyKind: 'none',
    body: noBytes,
    replyWanted: true,
    idempotent: false,
    deadlineMs: 1_000,
    fromService: '',
    ...fields,
  };
}

export function replyOf(fields: Partial<DeliveryReply> = {}): DeliveryReply {
  return { outcome: 'answered', code: undefined, reason: '', params: {}, bodyKind: 'none', body: noBytes, ...fields };
}

export function received(fields: Partial<FrameFields>, rest: Uint8Array): ReceivedFrame {
  return {
    kind: 0,
    flags: 0,
    hops: 8,
    to: self,
    from: nodeOf(1),
    correlation: 1,
    deadlineMs: Number.POSITIVE_INFINITY,
    ...fields,
    bytes: rest,
    start: 0,
    end: rest.length,
  };
}

export function replyFrame(correlation: number, fields: Partial<ReplyHead> = {}, body = noBytes): ReceivedFrame {
  const writer = new Writer();
  const service = fields.outcome === 'refused' ? '' : 'crm';
  writeReplyHead(writer, {
    outcome: 'answered',
    code: undefined,
    bodyKind: body.length > 0 ? 'bytes' : 'none',
    load: undefined,
    service,
    node: service === '' ? '' : 'n1',
    reason: '',
    params: {},
    ...fields,
  });
  return received({ kind: FrameKind.reply, correlation }, Buffer.concat([writer.copy(), body]));
}

/** The instance of crm on `node` has all of these. */
export function deliveredFrame(correlations: readonly number[], node = 'n1', load?: number): ReceivedFrame {
  const fields = { kind: FrameKind.delivered, correlation: correlations[0] ?? 0 };
  return received(fields, deliveredRest('crm', [node], correlations, load));
}

export function headOf(fields: Partial<MessageHead> = {}): MessageHead {
  return {
    id: messageIdOf(1),
    bodyKind: 'none',
    attempt: 0,
    service: 'crm',
    node: '',
    command: 'GET',
    fromService: '',
    fromNode: 'n1',
    params: {},
    ...fields,
  };
}

export function messageRest(fields: Partial<MessageHead> = {}, body = noBytes): Uint8Array {
  const writer = new Writer();
  writeMessageHead(writer, headOf({ bodyKind: body.length > 0 ? 'bytes' : 'none', ...fields }));
  return Buffer.concat([writer.copy(), body]);
}

export function saidIn({ rest }: SentFrame): ReplyHead & { readonly body: Uint8Array } {
  const decoded = decodeReplyHead(rest, 0, rest.length);
  if (!decoded.ok) throw new Error(`a malformed reply was sent: ${decoded.reason}`);
  return { ...decoded.head, body: rest.subarray(decoded.bodyStart) };
}

export function askedIn({ rest }: SentFrame): MessageHead {
  const decoded = decodeMessageHead(rest, 0, rest.length);
  if (!decoded.ok) throw new Error(`a malformed message was sent: ${decoded.reason}`);
  return decoded.head;
}
