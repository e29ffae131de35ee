import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Carrier } from './carrier.ts';
import { DeliveredBatch } from './delivered-batch.ts';
import { reusedHeader } from './reused-header.ts';

export interface DeliveredRepliesOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly carrier: Carrier;
  readonly selfName: string;
  readonly loadOf: (service: string) => number | undefined;
}

/** What this node's instances have in hand, told to those who sent it: to each in one frame per turn [F15]. */
export interface DeliveredReplies {
  /** Returns the time, for which the clock is asked once a turn. */
  add(peer: NodeId, correlation: number, service: string): number;
  /** Sends what waits for the turn to end. */
  flush(): void;
  /** Nobody is there any more. */
  forget(peer: NodeId): void;
}

export function createDeliveredReplies({
  clock,
  carrier,
  selfName,
  loadOf,
}: DeliveredRepliesOptions): DeliveredReplies {
  const batches = new Map<NodeId, DeliveredBatch>();
  const here = [selfName];
  const fields = reusedHeader(FrameKind.delivered);
  let turnAt: number | undefined;
  // Messages of one peer mostly follow each other.
  let lastPeer: NodeId | undefined;
  let last: DeliveredBatch | undefined;

  function batchOf(peer: NodeId): DeliveredBatch {
    if (last !== undefined && peer === lastPeer) return last;
    let batch = batches.get(peer);
    if (batch === undefined) {
      batch = new DeliveredBatch((first, rest) => {
        turnAt = undefined;
        fields.to = fields.from = peer;
        fields.correlation = first;
        carrier.send(peer, fields, rest, undefined);
      }, loadOf);
      batches.set(peer, batch);
    }
    lastPeer = peer;
    last = batch;
    return batch;
  }

  return {
    add(peer, correlation, service) {
      turnAt ??= clock.now();
      // What waited may go now, and with it this turn's time.
      const now = turnAt;
      batchOf(peer).add(correlation, service, here);
      return now;
    },
    flush() {
      for (const batch of batches.values()) batch.flush();
    },
    forget(peer) {
      batches.delete(peer);
      lastPeer = last = undefined;
    },
  };
}
