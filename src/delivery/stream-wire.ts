import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { hopsMax } from '../protocol/limits.ts';
import { writeReset } from '../protocol/reset.ts';
import { Writer } from '../protocol/writer.ts';
import type { Carrier } from './carrier.ts';
import type { StreamWire } from './stream-side.ts';

export interface StreamWireOptions {
  readonly peer: NodeId;
  /** The opener's id, in both directions. */
  readonly from: NodeId;
  readonly correlation: number;
  /** `FrameFlag.back` on the acceptor's side, else 0. */
  readonly flags: number;
  readonly wait: () => void;
  readonly over: () => void;
}

/** Speaks for one side of one stream over the carrier. */
export function createStreamWire(carrier: Carrier, options: StreamWireOptions): StreamWire {
  const { peer, from, correlation, flags, wait, over } = options;
  // Written out, in the order of all others: what is spread has a shape of its own, and each use of it is then slower.
  const fieldsOf = (kind: FrameKind, withFlags: number) => ({
    kind,
    flags: withFlags,
    hops: hopsMax,
    to: peer,
    from,
    correlation,
    deadlineMs: Number.POSITIVE_INFINITY,
  });
  return {
    data: (bytes, end) =>
      carrier.send(peer, fieldsOf(FrameKind.data, end ? flags | FrameFlag.end : flags), undefined, bytes),
    credit(bytes) {
      const rest = new Uint8Array([bytes >>> 24, bytes >>> 16, bytes >>> 8, bytes]);
      carrier.send(peer, fieldsOf(FrameKind.credit, flags), rest, undefined);
    },
    reset(code, text) {
      const writer = new Writer(128);
      writeReset(writer, { code, text });
      carrier.send(peer, fieldsOf(FrameKind.reset, flags), writer.view(), undefined);
    },
    wait,
    over,
  };
}
