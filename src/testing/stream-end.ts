import type { ByteStream, StreamAddress, StreamEvents } from '../runtime/streams.ts';
import { systemError } from '../runtime/system-error.ts';
import { InboundHalf, type InboundReader } from './inbound-half.ts';
import { createOrderedChannel, type OrderedChannel } from './ordered-channel.ts';
import { OutboundHalf, type SegmentReceiver, writeQueueBytes } from './outbound-half.ts';
import type { Simulation } from './simulation.ts';
import type { Path, Topology } from './topology.ts';
import type { KernelResource, ProcessEnd, ProcessState } from './virtual-process.ts';

/** How often a kernel tries again to tell a sender, cut off from it, what has been read. */
const creditRetryMs = 1_000;

/** `closing`: both halves have ended, `onClose` is due. */
type Phase = 'dialling' | 'open' | 'closing' | 'closed';

/** One end of a connection: what its process holds, and what the kernel knows. */
export class StreamEnd implements SegmentReceiver, KernelResource, InboundReader {
  readonly process: ProcessState;
  readonly channel: OrderedChannel;
  private readonly simulation: Simulation;
  private readonly topology: Topology;
  private readonly path: Path;
  private readonly isUnix: boolean;
  private readonly outbound: OutboundHalf;
  private readonly inbound = new InboundHalf();
  private events: StreamEvents | undefined;
  private peer: StreamEnd | undefined;
  private phase: Phase = 'dialling';
  private uncreditedBytes = 0;
  private creditDue = false;
  private pumpDue = false;
  private readDue = false;

  constructor(simulation: Simulation, topology: Topology, process: ProcessState, path: Path, isUnix: boolean) {
    this.simulation = simulation;
    this.topology = topology;
    this.process = process;
    this.path = path;
    this.isUnix = isUnix;
    this.channel = createOrderedChannel(simulation, topology, path, () => {
      this.fail(systemError('ETIMEDOUT', 'no answer from the other side'));
    });
    this.outbound = new OutboundHalf(this.channel);
    process.resources.add(this);
  }

  isOpen(): boolean {
    return this.phase === 'open';
  }

  isDialling(): boolean {
    return this.phase === 'dialling';
  }

  isStarted(): boolean {
    return this.events !== undefined;
  }

  get queuedBytes(): number {
    return this.outbound.queuedBytes;
  }

  /** The kernels' handshake is over. */
  establish(peer: StreamEnd): void {
    this.peer = peer;
    this.outbound.connect(peer);
    this.phase = 'open';
  }

  /** The process that dialled learns of it; what it has written so far leaves. */
  tellConnected(): void {
    if (this.phase !== 'open') return;
    this.events?.onConnect();
    this.pump();
    this.read();
  }

  start(events: StreamEvents): void {
    if (this.events !== undefined) throw new Error('a stream is started once');
    this.events = events;
  }

  write(bytes: Uint8Array): boolean {
    const { outbound } = this;
    if (outbound.endWanted || this.phase === 'closing' || this.phase === 'closed') return true;
    outbound.push(bytes);
    this.pump();
    if (outbound.queuedBytes < writeQueueBytes) return true;
    outbound.drainDue = true;
    return false;
  }

  end(): void {
    this.outbound.endWanted = true;
    this.pump();
  }

  pause(): void {
    this.inbound.paused = true;
  }

  resume(): void {
    if (!this.inbound.paused) return;
    this.inbound.paused = false;
    this.simulation.after(0, this.process, () => this.read());
  }

  destroy(): void {
    if (this.phase === 'closing' || this.phase === 'closed') return;
    if (this.phase === 'open' && !this.outbound.endSent) {
      if (this.isUnix) this.outbound.sendEnd();
      else this.outbound.sendReset();
    }
    this.release();
    const error = systemError('ECONNABORTED', 'destroyed on this side');
    this.simulation.after(0, this.process, () => this.events?.onClose(error));
  }

  /** Closes with an error; the process is told, the other end is not. */
  fail(error: Error): void {
    if (this.phase === 'closed') return;
    this.release();
    this.simulation.call(this.process, () => this.events?.onClose(error));
  }

  /** The kernel closes for a process that is gone: in order, unless bytes were left unread. */
  processEnded(how: ProcessEnd): void {
    const wasOpen = this.phase === 'open';
    const { hasUnread } = this.inbound;
    this.release();
    if (how === 'power-lost') this.channel.abandon();
    else if (wasOpen && hasUnread) this.outbound.sendReset();
    else if (wasOpen && !this.outbound.endSent) this.outbound.sendEnd();
  }

  receive(bytes: Uint8Array): void {
    if (this.phase === 'closed') {
      // Nobody here knows of this connection any more.
      this.outbound.sendReset();
      return;
    }
    this.note('stream-data', bytes.length);
    this.simulation.trace.content(bytes);
    this.inbound.receive(bytes);
    this.read();
  }

  receiveEnd(): void {
    if (this.phase === 'closed') return;
    this.note('stream-end', 0);
    this.inbound.receiveEnd();
    this.read();
  }

  receiveReset(): void {
    if (this.phase === 'closed') return;
    this.note('stream-reset', 0);
    this.fail(systemError('ECONNRESET', 'reset by the other side'));
  }

  /** Hands over what has arrived, as far as the process wants it. */
  read(): void {
    if (this.events === undefined || this.inbound.paused || this.phase !== 'open') return;
    if (!this.process.frozen) {
      this.simulation.programRan();
      this.inbound.read(this);
      return;
    }
    if (this.readDue) return;
    this.readDue = true;
    this.simulation.call(this.process, () => {
      this.readDue = false;
      this.read();
    });
  }

  onBytes(bytes: Uint8Array): void {
    this.credit(bytes.length);
    this.events?.onData(bytes);
  }

  onEnd(): void {
    this.events?.onEnd();
    this.closeWhenDone();
  }

  private pump(): void {
    if (this.phase !== 'open' || !this.process.alive) return;
    const { outbound } = this;
    outbound.pump();
    if (!outbound.isEmpty) return;
    if (outbound.drainDue) {
      outbound.drainDue = false;
      this.simulation.after(0, this.process, () => {
        if (this.phase === 'open' && !outbound.endWanted) this.events?.onDrain();
      });
    }
    this.closeWhenDone();
  }

  private closeWhenDone(): void {
    if (this.phase !== 'open' || !this.outbound.endSent || !this.inbound.endTold) return;
    this.phase = 'closing';
    this.simulation.after(0, this.process, () => {
      if (this.phase === 'closed') return;
      this.release();
      this.events?.onClose(undefined);
    });
  }

  private release(): void {
    this.phase = 'closed';
    this.outbound.drop();
    this.inbound.drop();
    this.process.resources.delete(this);
  }

  /** Tells the sender what was read, at once; while it cannot be reached, later. */
  private credit(count: number): void {
    this.uncreditedBytes += count;
    if (this.topology.isOpen(this.path)) {
      this.peer?.receiveCredit(this.uncreditedBytes);
      this.uncreditedBytes = 0;
    } else if (!this.creditDue) {
      this.creditDue = true;
      this.simulation.after(creditRetryMs, undefined, () => {
        this.creditDue = false;
        if (this.phase !== 'closed') this.credit(0);
      });
    }
  }

  private receiveCredit(count: number): void {
    this.outbound.acknowledge(count);
    if (this.outbound.isEmpty || this.pumpDue || this.phase !== 'open') return;
    this.pumpDue = true;
    this.simulation.after(this.topology.drawLatencyMs(this.path), this.process, () => {
      this.pumpDue = false;
      this.pump();
    });
  }

  private note(kind: 'stream-data' | 'stream-end' | 'stream-reset', size: number): void {
    const { path, simulation } = this;
    simulation.trace.note(kind, simulation.nowMs, path.to.host.party, path.from.host.party, size);
  }
}

/** The end as its process may use it. */
export function byteStream(end: StreamEnd, remote: StreamAddress): ByteStream {
  return {
    remote,
    get queuedBytes() {
      return end.queuedBytes;
    },
    start: (events) => end.start(events),
    write: (bytes) => end.write(bytes),
    writeBoth(first, second) {
      end.write(first);
      return end.write(second);
    },
    gather() {},
    together: (write) => write(),
    pause: () => end.pause(),
    resume: () => end.resume(),
    end: () => end.end(),
    destroy: () => end.destroy(),
  };
}
