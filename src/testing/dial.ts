import type { ByteStream, SecureDial, SecureListen, StreamAddress } from '../runtime/streams.ts';
import { systemError } from '../runtime/system-error.ts';
import type { ScheduledEvent } from './event-queue.ts';
import type { Simulation } from './simulation.ts';
import { byteStream, StreamEnd } from './stream-end.ts';
import { type Path, reverse, type Topology } from './topology.ts';
import type { ProcessState } from './virtual-process.ts';

/** Wait before the first SYN is sent again; doubled each time. */
const synRetryMs = 1_000;

/** A dial that nothing answers gives up after this long. */
export const dialTimeoutMs = 60_000;

/** Connections a frozen process may leave untaken; a SYN above this is ignored. */
export const backlogMax = 511;

/** Whoever takes the connection at the other end. */
export interface Acceptor {
  readonly process: ProcessState;
  readonly onStream: (stream: ByteStream, identity: string | undefined) => void;
  readonly secure: SecureListen | undefined;
  readonly open: boolean;
  /** Connections the kernel made that the process, frozen, has not taken yet. */
  waiting: number;
}

export interface DialOptions {
  /** The end that dials. */
  readonly end: StreamEnd;
  readonly path: Path;
  /** The dialling side as the accepted stream shows it. */
  readonly remote: StreamAddress;
  readonly secure: SecureDial | undefined;
  /** Asked when a SYN arrives: `undefined` is answered by a reset. */
  findListener(): Acceptor | undefined;
}

/**
 * TCP's handshake. SYN and SYN-ACK may be lost and are sent again after 1, 2, 4, … s, so a dial into a cut succeeds when
 * it heals in time. The accepting kernel needs no help of its process; the process learns of it with the third packet.
 */
export class Dial {
  private readonly simulation: Simulation;
  private readonly topology: Topology;
  private readonly options: DialOptions;
  private readonly timeout: ScheduledEvent;
  private accepted: { readonly end: StreamEnd; readonly by: Acceptor } | undefined;
  private retry: ScheduledEvent | undefined;
  private settled = false;

  constructor(simulation: Simulation, topology: Topology, options: DialOptions) {
    this.simulation = simulation;
    this.topology = topology;
    this.options = options;
    this.timeout = simulation.after(dialTimeoutMs, undefined, () => {
      this.abandon();
      options.end.fail(systemError('ETIMEDOUT', 'nobody answered the dial'));
    });
  }

  begin(): void {
    this.attempt(synRetryMs);
  }

  private attempt(waitMs: number): void {
    if (!this.options.end.isDialling()) {
      // The owner has closed, or its process is gone.
      this.abandon();
      return;
    }
    this.cross(this.options.path, () => this.synArrives());
    this.retry = this.simulation.after(waitMs, undefined, () => this.attempt(waitMs * 2));
  }

  private synArrives(): void {
    const { end, path, remote } = this.options;
    if (this.accepted === undefined) {
      const by = this.options.findListener();
      if (by === undefined) {
        this.cross(reverse(path), () => this.refused(systemError('ECONNREFUSED', 'nobody listens there')));
        return;
      }
      if (by.waiting >= backlogMax) return;
      const mistrust = mistrustBetween(this.options.secure, by.secure);
      if (mistrust !== undefined) {
        this.simulation.call(by.process, () => by.secure?.onRefused(mistrust));
        this.cross(reverse(path), () => this.refused(systemError('EPROTO', mistrust)));
        return;
      }
      const accepted = new StreamEnd(this.simulation, this.topology, by.process, reverse(path), 'path' in remote);
      accepted.establish(end);
      this.accepted = { end: accepted, by };
    }
    this.cross(reverse(path), () => this.synAckArrives());
  }

  private refused(error: Error): void {
    if (this.settled) return;
    this.settle();
    this.options.end.fail(error);
  }

  private synAckArrives(): void {
    const { accepted, simulation } = this;
    const { end, path } = this.options;
    if (this.settled || accepted === undefined) return;
    this.settle();
    if (!end.isDialling()) {
      accepted.end.receiveReset();
      return;
    }
    simulation.trace.note('stream-open', simulation.nowMs, path.from.host.party, path.to.host.party, 0);
    end.establish(accepted.end);
    end.channel.send(() => {
      accepted.by.waiting += 1;
      simulation.call(accepted.by.process, () => accept(accepted.end, accepted.by, this.options));
    });
    simulation.call(end.process, () => end.tellConnected());
  }

  /** One packet of the handshake: subject to loss and cuts, at both ends of its way. */
  private cross(along: Path, onArrival: () => void): void {
    const { segment, random } = along.from;
    const loss = along.from.host === along.to.host ? 0 : (segment?.conditions.loss ?? 0);
    if ((loss > 0 && random.next() < loss) || !this.topology.isOpen(along)) return;
    this.simulation.after(this.topology.drawLatencyMs(along), undefined, () => {
      if (this.topology.isOpen(along)) onArrival();
    });
  }

  /** The accepting kernel forgets what never came about; its process has not heard of it. */
  private abandon(): void {
    this.settle();
    this.accepted?.end.receiveReset();
  }

  private settle(): void {
    this.settled = true;
    this.timeout.cancel();
    this.retry?.cancel();
  }
}

/** The process takes what its kernel has accepted. */
function accept(end: StreamEnd, by: Acceptor, { remote, secure }: DialOptions): void {
  by.waiting -= 1;
  if (!end.isOpen()) return;
  if (!by.open) {
    end.destroy();
    return;
  }
  by.onStream(byteStream(end, remote), secure?.identity);
  if (!end.isStarted() && end.isOpen()) throw new Error('an accepted stream must be started in the same turn');
  end.read();
}

/** Why the two do not trust each other; `undefined` when they do. Bytes are not encrypted here: who hears them is a test. */
function mistrustBetween(dialler: SecureDial | undefined, acceptor: SecureListen | undefined): string | undefined {
  if (dialler === undefined && acceptor === undefined) return undefined;
  if (dialler === undefined || acceptor === undefined) return 'the other side speaks no TLS: it has no key';
  const known = acceptor.pskOf(dialler.identity);
  const isSame = known?.length === dialler.psk.length && known.every((byte, index) => byte === dialler.psk[index]);
  return isSame ? undefined : 'the other side has another key';
}
