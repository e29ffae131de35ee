import type { FrameFields, FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';
import { hopsMax } from '../protocol/limits.ts';

/** A frame's header between nodes, without a deadline, to be written over for each: whoever carries it has read it when `send` returns. */
export function reusedHeader(kind: FrameKind): { -readonly [Field in keyof FrameFields]: FrameFields[Field] } {
  return {
    kind,
    flags: 0,
    hops: hopsMax,
    to: noNode,
    from: noNode,
    correlation: 0,
    deadlineMs: Number.POSITIVE_INFINITY,
  };
}
