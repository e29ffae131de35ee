import { PieceSlab } from '../delivery/piece-slab.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import { ReceivedDelivered } from '../protocol/delivered.ts';
import { NameCache } from '../protocol/name-cache.ts';
import { Reader } from '../protocol/reader.ts';
import { ReceivedHead } from '../protocol/received-head.ts';
import { ReceivedReply } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import { collectedByAgentEveryBytes, YoungCollector } from '../runtime/young-collector.ts';
import type { RelayMemory } from './relay-stream.ts';
import { RelayedSlots } from './relayed-slots.ts';

/**
 * What is needed for a moment to read or write one head, or to keep a piece of a stream. All programs of an agent share it, for one frame is dealt with
 * after the other: a thousand idle programs hold nothing of the kind.
 */
export interface ProgramTools {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly copies: ByteCopies;
  readonly head: ReceivedHead;
  readonly reply: ReceivedReply;
  readonly delivered: ReceivedDelivered;
  readonly relay: RelayMemory;
}

export function createProgramTools(clock: Clock): ProgramTools {
  return {
    reader: new Reader(new Uint8Array(0), 0, 0, new NameCache()),
    writer: new Writer(),
    copies: new ByteCopies(),
    head: new ReceivedHead(),
    reply: new ReceivedReply(),
    delivered: new ReceivedDelivered(),
    relay: { slots: new RelayedSlots(clock), slab: new PieceSlab(new YoungCollector(collectedByAgentEveryBytes)) },
  };
}
