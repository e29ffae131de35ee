import { answerDigest, answerWanted, digestOf, type SyncView } from '../directory/anti-entropy.ts';
import { packDelta } from '../directory/pack-delta.ts';
import { FrameKind } from '../protocol/frame.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { type Delta, decodeSync, writeDelta, writeDigest } from '../protocol/sync.ts';
import { Writer } from '../protocol/writer.ts';

/** Exchanges with other nodes what one side lacks (section 7 of the protocol). */
export interface Synchroniser {
  /** Says to `peer` what is held here; it answers with what is missing. */
  begin(peer: NodeId): void;
  /** Asks `peer` for members and their records. */
  ask(peer: NodeId, wanted: readonly NodeId[]): void;
  /** Returns a fault when the frame is malformed. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
}

export interface SynchroniserOptions {
  readonly view: SyncView;
  /** Sends the rest of a sync frame to a node. */
  readonly send: (peer: NodeId, rest: Uint8Array) => void;
  /** What came and was asked for or not: to be merged. */
  readonly onDelta: (peer: NodeId, delta: Delta) => void;
}

export function createSynchroniser(options: SynchroniserOptions): Synchroniser {
  const { view, send } = options;

  function sendDelta(peer: NodeId, delta: Delta): void {
    for (const part of packDelta(delta)) {
      const writer = new Writer();
      writeDelta(writer, part.items, part.wanted);
      send(peer, writer.copy());
    }
  }

  return {
    begin(peer) {
      const writer = new Writer();
      writeDigest(writer, digestOf(view, true));
      send(peer, writer.copy());
    },
    ask(peer, wanted) {
      const writer = new Writer(64);
      writeDelta(writer, [], wanted);
      send(peer, writer.copy());
    },
    onFrame(peer, frame) {
      const decoded = decodeSync(frame.bytes, frame.start, frame.end);
      if (!decoded.ok) return `bad sync: ${decoded.reason}`;
      const sync = decoded.value;
      if (sync.kind === 'digest') {
        if (sync.answerWanted) sendDelta(peer, answerDigest(view, sync));
        return undefined;
      }
      options.onDelta(peer, sync);
      if (sync.wanted.length > 0) sendDelta(peer, answerWanted(view, sync.wanted));
      return undefined;
    },
  };
}

/** Header fields of every sync frame. */
export const syncFields = {
  kind: FrameKind.sync,
  flags: 0,
  hops: 1,
  to: noNode,
  from: noNode,
  correlation: 0,
  deadlineMs: Number.POSITIVE_INFINITY,
} as const;
