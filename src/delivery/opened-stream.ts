import type { InstanceTrack } from '../selection/instance-track.ts';
import type { OpenedStream, StreamEvents, StreamInstance } from './mesh-stream.ts';
import type { StreamSide } from './stream-side.ts';

/** A stream this node opened, as its table knows it. */
export interface Opened {
  readonly track: InstanceTrack;
  readonly events: StreamEvents;
  readonly side: StreamSide;
  readonly deadlineAt: number;
  readonly instance: StreamInstance;
  written: boolean;
  ready: boolean;
  accepted: boolean;
  notBegun: boolean;
  readonly openedAt: number;
  /** The instance's track knows how it fared: told once, with the answer or with what came in its place. */
  heard: boolean;
  /** The owner takes the answer for a failure of the instance. */
  isFault: boolean;
}

/** As its owner knows it. `linkBytes`: what of all that its link was given may still be held by reference. */
export function openedStream(stream: Opened, linkBytes: () => number): OpenedStream {
  const { write, end, reset, consumed, isOver, queuedBytes } = stream.side;
  return {
    begun() {
      return stream.written && !stream.notBegun;
    },
    write,
    end,
    reset,
    consumed,
    unwrittenBytes: () => (isOver() ? Number.POSITIVE_INFINITY : queuedBytes() + linkBytes()),
    blame() {
      stream.isFault = true;
    },
  };
}
