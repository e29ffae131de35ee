import type { OrderedChannel } from './ordered-channel.ts';

/** Bytes under way or unread at the other end before the sending kernel takes no more. */
export const windowBytes = 262_144;

/** `write` returns false when this much waits in the process: the figure of the system streams. */
export const writeQueueBytes = 262_144;

/** The kernel sends long writes in pieces. */
const segmentBytesMax = 65_536;

/** What arrives at the other end. */
export interface SegmentReceiver {
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
  receiveReset(): void;
}

/** What one end of a connection sends: a queue in the process and a window in the kernel. */
export class OutboundHalf {
  queuedBytes = 0;
  /** `write` has returned false since the queue was last empty. */
  drainDue = false;
  endWanted = false;
  endSent = false;
  private readonly queue: Uint8Array[] = [];
  private readonly channel: OrderedChannel;
  private receiver: SegmentReceiver | undefined;
  private unacknowledgedBytes = 0;

  constructor(channel: OrderedChannel) {
    this.channel = channel;
  }

  connect(receiver: SegmentReceiver): void {
    this.receiver = receiver;
  }

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.queue.push(bytes);
    this.queuedBytes += bytes.length;
  }

  /** Gives the kernel what its window has room for. It copies, as the owner may use the bytes again afterwards. */
  pump(): void {
    const { receiver, queue } = this;
    if (receiver === undefined) return;
    let first = queue[0];
    while (first !== undefined && this.unacknowledgedBytes < windowBytes) {
      const count = Math.min(first.length, windowBytes - this.unacknowledgedBytes, segmentBytesMax);
      const segment = first.slice(0, count);
      if (count === first.length) queue.shift();
      else queue[0] = first.subarray(count);
      this.queuedBytes -= count;
      this.unacknowledgedBytes += count;
      this.channel.send(() => receiver.receive(segment));
      first = queue[0];
    }
    if (this.isEmpty && this.endWanted && !this.endSent) this.sendEnd();
  }

  sendEnd(): void {
    const { receiver } = this;
    this.endSent = true;
    if (receiver !== undefined) this.channel.send(() => receiver.receiveEnd());
  }

  sendReset(): void {
    const { receiver } = this;
    if (receiver !== undefined) this.channel.sendOnce(() => receiver.receiveReset());
  }

  /** The process at the other end has read `count` bytes. */
  acknowledge(count: number): void {
    this.unacknowledgedBytes -= count;
  }

  drop(): void {
    this.queue.length = 0;
    this.queuedBytes = 0;
  }
}
