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
  const fields = { flags, hops: hopsMax, to: peer, from, correlation, deadlineMs: Number.POSITIVE_INFINITY };
  const dataFields = { ...fields, kind: FrameKind.data };
  const endFields = { ...dataFields, flags: flags | FrameFlag.end };
  return {
    data: (bytes, end) => carrier.send(peer, end ? endFields : dataFields, undefined, bytes),
    credit(bytes) {
      const rest = new Uint8Array([bytes >>> 24, bytes >>> 16, bytes >>> 8, bytes]);
      carrier.send(peer, { ...fields, kind: FrameKind.credit }, rest, undefined);
    },
    reset(code, text) {
      const writer = new Writer(128);
      writeReset(writer, { code, text });
      carrier.send(peer, { ...fields, kind: FrameKind.reset }, writer.view(), undefined);
    },
    wait,
    over,
  };
}
