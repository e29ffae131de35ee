import type { Settlement } from '../delivery/settlement.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageId } from '../protocol/ids.ts';
import type { VirtualNode } from './virtual-node.ts';

/** A start of a node: what happens in it is over when it ends. */
export interface NodeRun {
  readonly node: VirtualNode;
  readonly run: number;
}

/** Where and when a provider was handed a message. */
export interface Execution extends NodeRun {
  readonly at: number;
}

/** One message from the call to all that came of it. */
export interface CallRecord {
  readonly id: MessageId;
  readonly kind: 'call' | 'send' | 'publish';
  readonly service: string;
  readonly command: string;
  readonly idempotent: boolean;
  readonly deadlineMs: number;
  readonly origin: NodeRun;
  readonly startedAt: number;
  /** It was told to give up. */
  cancelled: boolean;
  /** One for a call or send; for a publication one for each instance, and none if it had no instance. */
  readonly settlements: Settlement[];
  /** When the caller was told: once, unless something is wrong. */
  readonly settledAt: number[];
  readonly executions: Execution[];
}

/** One side of a stream: what it sent, heard, and how it ended. */
export interface StreamSideRecord {
  readonly at: NodeRun;
  sentBytes: number;
  ended: boolean;
  receivedBytes: number;
  peerEnded: boolean;
  finished: number;
  readonly resets: ErrorCode[];
  /** It broke off the stream itself: nothing more is told to it. */
  brokenOff: boolean;
  /** What should not have happened, as text. */
  readonly faults: string[];
}

export interface StreamRecord {
  readonly number: number;
  readonly startedAt: number;
  readonly deadlineMs: number;
  readonly opener: StreamSideRecord;
  /** One in all, unless something is wrong. */
  readonly acceptors: StreamSideRecord[];
  accepted: boolean;
}

/** Everything that programs of a cluster did and were told. */
export interface History {
  readonly calls: Map<MessageId, CallRecord>;
  readonly streams: Map<number, StreamRecord>;
  /** What does not belong to one call or stream. */
  readonly faults: string[];
}

export function createHistory(): History {
  return { calls: new Map(), streams: new Map(), faults: [] };
}

export function streamSideRecord(at: NodeRun): StreamSideRecord {
  return {
    at,
    sentBytes: 0,
    ended: false,
    receivedBytes: 0,
    peerEnded: false,
    finished: 0,
    resets: [],
    brokenOff: false,
    faults: [],
  };
}

/** True while that start of the node goes on. */
export function isRunning({ node, run }: NodeRun): boolean {
  return node.run === run && node.node !== undefined;
}
