import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { Writer } from '../protocol/writer.ts';
import { AlikeBatch } from './alike-batch.ts';
import type { Carrier } from './carrier.ts';
import type { DeliveryReply } from './provider.ts';
import { reusedHeader } from './reused-header.ts';
import { writeReply } from './write-reply.ts';

export interface RefusedRepliesOptions {
  readonly carrier: Carrier;
  readonly selfName: string;
  readonly loadOf: (service: string) => number | undefined;
}

/** What nobody here took in hand, told to those who sent it: to each in one frame per turn what has the same reason [F17]. */
export interface RefusedReplies {
  /** `said` has no body. */
  add(peer: NodeId, correlation: number, service: string, said: DeliveryReply): void;
  /** Sends what waits for the turn to end. */
  flush(): void;
  /** Nobody is there any more. */
  forget(peer: NodeId): void;
}

/** What was written last, and of what. */
interface Written {
  readonly service: string;
  readonly reason: string;
  readonly code: DeliveryReply['code'];
  readonly load: number | undefined;
  readonly rest: Uint8Array;
}

export function createRefusedReplies({ carrier, selfName, loadOf }: RefusedRepliesOptions): RefusedReplies {
  const batches = new Map<NodeId, AlikeBatch>();
  const writer = new Writer(256);
  const fields = reusedHeader(FrameKind.alike);
  let last: Written | undefined;

  function batchOf(peer: NodeId): AlikeBatch {
    const known = batches.get(peer);
    if (known !== undefined) return known;
    const batch = new AlikeBatch((first, rest) => {
      // Who is gone meanwhile need not be told.
      if (batches.get(peer) !== batch) return;
      fields.to = fields.from = peer;
      fields.correlation = first;
      carrier.send(peer, fields, rest, undefined);
    });
    batches.set(peer, batch);
    return batch;
  }

  /** One that refuses everything says the same again and again. */
  function restOf(service: string, said: DeliveryReply): Uint8Array {
    const { reason, code } = said;
    const load = loadOf(service);
    const isSame = last?.service === service && last.reason === reason && last.code === code && last.load === load;
    if (last === undefined || !isSame) {
      writeReply(writer, said, { load, service, node: selfName });
      last = { service, reason, code, load, rest: writer.copy() };
    }
    return last.rest;
  }

  return {
    add: (peer, correlation, service, said) => batchOf(peer).add(correlation, restOf(service, said)),
    flush() {
      for (const batch of batches.values()) batch.flush();
    },
    forget: (peer) => void batches.delete(peer),
  };
}
