import type { AcceptedStream, MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { PieceSlab } from '../delivery/piece-slab.ts';
import { slotBytes } from './byte-sink.ts';
import type { RelayedSlots } from './relayed-slots.ts';
import { StreamCopies } from './stream-copies.ts';

/** Where what is passed on lies, of all streams of the agent's programs: in slots, and where those do not do in the slab. */
export interface RelayMemory {
  readonly slots: RelayedSlots;
  readonly slab: PieceSlab;
}

/**
 * Joins a stream that was opened to this agent and one that it opens onward. Each way holds at most the credit it has given:
 * bytes are worked off here when the onward stream has taken them, so a slow reader at one end slows the writer at the other.
 */
export function relayStream(
  accepted: AcceptedStream,
  open: (events: StreamEvents) => MeshStream,
  { slots, slab }: RelayMemory,
): StreamEvents {
  const forth = halfOf(
    () => accepted,
    () => onward,
    slots,
    slab,
  );
  const back = halfOf(
    () => onward,
    () => accepted,
    slots,
    slab,
  );
  // A failure may be told within this call, anything else only later.
  const onward: MeshStream = open({
    onReady: () => accepted.ready(),
    // A program does not know the name of its node: there the instance is this agent's own.
    onAccept: (head, instance) => accepted.accept(head, instance.node === '' ? undefined : instance),
    onData: back.pass,
    onDrain: forth.drained,
    onEnd: () => accepted.end(),
    onFinish() {},
    onReset: (code, reason) => accepted.reset(code, reason),
  });
  return {
    onReady() {},
    onAccept() {},
    onData: forth.pass,
    onDrain: back.drained,
    onEnd: () => onward.end(),
    onFinish() {},
    onReset: (code, reason) => onward.reset(code, reason),
  };
}

interface Half {
  pass(bytes: Uint8Array): void;
  drained(): void;
}

/** One direction of a relayed stream. */
function halfOf(from: () => MeshStream, to: () => MeshStream, slots: RelayedSlots, slab: PieceSlab): Half {
  let copies: StreamCopies | undefined;
  let owed = 0;
  function drained(): void {
    const count = owed;
    owed = 0;
    if (count > 0) from().consumed(count);
  }
  return {
    pass(bytes) {
      copies ??= new StreamCopies(to(), slots);
      // What waits may wait for long: there a slot is not to hold half of what it could.
      const isLoose = owed > 0 && bytes.length <= slotBytes / 2;
      owed += bytes.length;
      // A stream keeps what it is given until it is written; what came is valid only now.
      const isOwn = isLoose || !slots.hasRoom;
      if (isOwn ? copies.keep(slab.copy(bytes)) : copies.write(bytes)) drained();
      if (copies.isHolding) slots.watch(copies);
    },
    drained,
  };
}
