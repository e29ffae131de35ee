import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Carrier } from './carrier.ts';
import { DeliveredBatch } from './delivered-batch.ts';
import { reusedHeader } from './reused-header.ts';

export interface DeliveredRepliesOptions {
  readonly carrier: Carrier;
  readonly selfName: string;
  readonly loadOf: (service: string) => number | undefined;
}

/** What this node's instances have in hand, told to those who sent it: to each in one frame per turn [F15]. */
export interface DeliveredReplies {
  add(peer: NodeId, correlation: number, service: string): void;
  /** Sends what waits for the turn to end. */
  flush(): void;
  /** Nobody is there any more. */
  forget(peer: NodeId): void;
}

export function createDeliveredReplies({ carrier, selfName, loadOf }: DeliveredRepliesOptions): DeliveredReplies {
  const batches = new Map<NodeId, DeliveredBatch>();
  const here = [selfName];
  const fields = reusedHeader(FrameKind.delivered);
  // Messages of one peer mostly follow each other.
  let lastPeer: NodeId | undefined;
  let last: DeliveredBatch | undefined;

  function batchOf(peer: NodeId): DeliveredBatch {
    if (last !== undefined && peer === lastPeer) return last;
    let batch = batches.get(peer);
    if (batch === undefined) {
      batch = new DeliveredBatch((first, rest) => {
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
    add: (peer, correlation, service) => batchOf(peer).add(correlation, service, here),
    flush() {
      for (const batch of batches.values()) batch.flush();
    },
    forget(peer) {
      batches.delete(peer);
      lastPeer = last = undefined;
    },
  };
}
