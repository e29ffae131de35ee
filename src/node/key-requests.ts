import { FrameKind } from '../protocol/frame.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import {
  decodeKeyReply,
  decodeKeyRequest,
  encodeKeyReply,
  encodeKeyRequest,
  type KeyReply,
  type KeyRequest,
} from '../trust/key-frame.ts';

/** A node answers from memory and disk, but it may be busy, and nobody else waits for it: whoever takes longer is a straggler. */
const answerTimeoutMs = 10_000;

export interface KeyRequestsOptions {
  readonly clock: Clock;
  readonly cluster: string;
  /** False when there is no way to that node. */
  readonly send: (peer: NodeId, fields: KeyFrameFields, body: Uint8Array) => boolean;
  /** Does what another node asks of this one. */
  readonly perform: (request: KeyRequest) => Promise<KeyReply>;
}

export type KeyFrameFields = ReturnType<typeof keyFields>;

/** Key frames on links between nodes: questions, and their answers [K7]. */
export interface KeyRequests {
  ask(peer: NodeId, request: KeyRequest): Promise<KeyReply>;
  /** A text says what is wrong with the frame. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onLost(peer: NodeId): void;
  stop(): void;
}

interface Pending {
  readonly peer: NodeId;
  readonly timer: Timer;
  readonly settle: (reply: KeyReply) => void;
}

export function createKeyRequests(options: KeyRequestsOptions): KeyRequests {
  const { clock } = options;
  const pending = new Map<number, Pending>();
  let last = 0;

  function settle(correlation: number, reply: KeyReply): void {
    const found = pending.get(correlation);
    if (found === undefined) return;
    pending.delete(correlation);
    found.timer.cancel();
    found.settle(reply);
  }

  async function answer(peer: NodeId, correlation: number, body: Uint8Array): Promise<void> {
    const request = decodeKeyRequest(body, options.cluster);
    const reply =
      request === undefined || request.op === 'ring'
        ? refusal('this is not known here')
        : await options.perform(request);
    options.send(peer, keyFields(FrameKind.keyReply, correlation), encodeKeyReply(reply));
  }

  return {
    ask: (peer, request) =>
      new Promise((resolve) => {
        last = (last + 1) >>> 0;
        const correlation = last;
        const timer = clock.schedule(answerTimeoutMs, () => settle(correlation, refusal('no answer within 10 s')));
        pending.set(correlation, { peer, timer, settle: resolve });
        const isSent = options.send(peer, keyFields(FrameKind.key, correlation), encodeKeyRequest(request));
        if (!isSent) settle(correlation, refusal('not reached'));
      }),
    onFrame(peer, frame) {
      const body = new Uint8Array(frame.bytes.subarray(frame.start, frame.end));
      if (frame.kind === FrameKind.key) {
        void answer(peer, frame.correlation, body);
        return undefined;
      }
      const reply = decodeKeyReply(body);
      if (reply === undefined) return 'a key reply that makes no sense';
      if (pending.get(frame.correlation)?.peer === peer) settle(frame.correlation, reply);
      return undefined;
    },
    onLost(peer) {
      for (const [correlation, each] of pending) if (each.peer === peer) settle(correlation, refusal('not reached'));
    },
    stop() {
      for (const correlation of [...pending.keys()]) settle(correlation, refusal('this node is closing'));
    },
  };
}

function keyFields(kind: typeof FrameKind.key | typeof FrameKind.keyReply, correlation: number) {
  return {
    kind,
    flags: 0,
    hops: 0,
    to: noNode,
    from: noNode,
    correlation,
    deadlineMs: Number.POSITIVE_INFINITY,
  } as const;
}

function refusal(reason: string): KeyReply {
  return { ok: false, reason };
}
