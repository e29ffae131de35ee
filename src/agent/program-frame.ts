import type { FrameFields, FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';

/** A frame's header on a program's link: it goes to whoever is at the other end ([F12]). */
export function programFrame(
  kind: FrameKind,
  correlation: number,
  flags = 0,
  deadlineMs: number = Number.POSITIVE_INFINITY,
): FrameFields {
  return { kind, correlation, flags, deadlineMs, hops: 0, to: noNode, from: noNode };
}

/** A header to be written over for each frame: a link has read it when `send` returns. */
export function reusedFrame(kind: FrameKind): { -readonly [Field in keyof FrameFields]: FrameFields[Field] } {
  return { ...programFrame(kind, 0), reckonedAt: undefined };
}
