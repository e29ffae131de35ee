import type { FrameFields } from './frame.ts';

/** Where the rest of a frame, or what stands for one, begins and ends in `bytes`. */
export type FramedBytes = Pick<ReceivedFrame, 'bytes' | 'start' | 'end' | 'readNumber' | 'readEnd'>;

/** A frame as it came off a link. The object and its `bytes` are valid only during the call that hands it over. */
export interface ReceivedFrame extends FrameFields {
  readonly bytes: Uint8Array;
  /** Where the rest (after the fixed header) begins and ends in `bytes`. */
  readonly start: number;
  readonly end: number;
  /**
   * Monotonic milliseconds when it was taken up: a message or open itself, of others all that came at once. Undefined: now. Asking
   * the clock costs as much as reading a header.
   */
  readAt?: number | undefined;
  /** The number of the read that brought it: of the same link's frames those with the same number lie side by side. Undefined: alone. */
  readonly readNumber?: number | undefined;
  /** Where what came with it ends in `bytes`. */
  readonly readEnd?: number | undefined;
}
