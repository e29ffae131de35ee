import { createFrameLink, type LinkRefusal } from '../links/create-frame-link.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { KeepAliveTiming } from '../links/keep-alive.ts';
import type { FogataNode } from '../node/node.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { GoawayReason } from '../protocol/goaway.ts';
import type { Hello } from '../protocol/hello.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { ProgramExchanges } from './program-exchanges.ts';
import { ProgramProviders } from './program-providers.ts';
import { ProgramRequests } from './program-requests.ts';
import { ProgramStreams } from './program-streams.ts';
import type { ProgramTools } from './program-tools.ts';

/** Exchanges of one program in flight: above it, it waits, so that one program cannot take the node's whole table. */
export const programExchangesMax = 4_096;

/** Above this many queued bytes a program gets no new work done until it has read: its answers pile up. */
const queueMarkBytes = 1_048_576;

/**
 * What it asks about the mesh, or registers, costs far more than a frame that is passed on. After so many it is not read for a
 * moment: a burst of thousands would keep this agent from all else until its peers think it frozen.
 */
const requestsAtOnce = 64;

/** How long a program may take to read why it is sent away. */
const lingerMs = 500;

/** A program that lets this much pile up is cut off: memory belongs to all. */
const unreadBytesMax = 67_108_864;

export interface ProgramLinkOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly node: FogataNode;
  readonly hello: Hello;
  readonly keepAlive: KeepAliveTiming;
  readonly openTimeoutMs: number;
  readonly status: () => object;
  readonly tools: ProgramTools;
  /** Why no more programs are taken now; undefined: they are. */
  readonly full: () => string | undefined;
  readonly onClose: (reason: string | undefined) => void;
}

/** A program beside this agent ([F12]). */
export class ProgramLink {
  readonly #options: ProgramLinkOptions;
  readonly #link: FrameLink;
  readonly #exchanges: ProgramExchanges;
  readonly #providers: ProgramProviders;
  readonly #requests: ProgramRequests;
  readonly #streams: ProgramStreams;
  #paused = false;
  /** Requests since the others last had their turn. */
  #asked = 0;
  #closed = false;
  #programEnded = false;

  /** Serves the program at the other end of `stream`, which must not have been started. */
  constructor(stream: ByteStream, options: ProgramLinkOptions) {
    const { clock, log, hello, keepAlive, openTimeoutMs, node, status, tools } = options;
    this.#options = options;
    const link = createFrameLink(
      stream,
      { clock, hello, keepAlive, openTimeoutMs, role: 'acceptor', admit: (peer) => this.#admit(peer) },
      {
        onOpen() {},
        onFrame: (frame) => this.#onFrame(frame),
        onDrain: () => {
          this.#streams.onDrain();
          this.#settled();
        },
        onEnd: () => this.#onEnd(),
        onClose: (loss) => {
          this.#tearDown();
          options.onClose(loss?.text);
        },
      },
    );
    this.#link = link;
    this.#exchanges = new ProgramExchanges(node, link, tools, () => this.#settled());
    this.#streams = new ProgramStreams({ node, link, clock, log, relay: tools.relay });
    this.#providers = new ProgramProviders(node, link, tools, this.#streams);
    this.#requests = new ProgramRequests({
      node,
      link,
      status,
      providers: this.#providers,
      onOverflow: () => this.#cutOff(),
    });
  }

  /** Says goodbye and closes. */
  leave(): void {
    this.#close('leaving', 'the agent is stopping');
  }

  #admit(peer: Hello): LinkRefusal | undefined {
    if (peer.role !== 'program') return { reason: 'not-allowed', text: 'this is the door for programs, not for nodes' };
    const full = this.#options.full();
    return full === undefined ? undefined : { reason: 'too-many-links', text: full };
  }

  #onFrame(frame: ReceivedFrame): string | undefined {
    if (this.#closed) return undefined;
    const fault = this.#take(frame);
    if (fault !== undefined) this.#tearDown();
    else this.#throttle();
    return fault;
  }

  #take(frame: ReceivedFrame): string | undefined {
    switch (frame.kind) {
      case FrameKind.message:
        if (this.#mayPause() || !this.#isLaden(this.#link.queuedBytes())) return this.#exchanges.begin(frame);
        this.#exchanges.refuse(frame, `${programExchangesMax} exchanges are in flight, or answers are not read`);
        return undefined;
      case FrameKind.wish:
        return this.#exchanges.wishes.onFrame(frame);
      case FrameKind.cancel:
        if (!this.#exchanges.cancel(frame.correlation)) this.#requests.cancel(frame.correlation);
        return undefined;
      case FrameKind.reply:
        return this.#providers.onReply(frame);
      case FrameKind.delivered:
        return this.#providers.onDelivered(frame);
      case FrameKind.request:
        this.#requests.take(frame);
        this.#noteAsked();
        return undefined;
      case FrameKind.open:
        return this.#streams.onOpen(frame, this.#exchanges.wishes);
      case FrameKind.accept:
      case FrameKind.data:
      case FrameKind.credit:
      case FrameKind.reset:
        return this.#streams.onFrame(frame);
      default:
        return `a program sends no frame of kind ${frame.kind}`;
    }
  }

  #noteAsked(): void {
    this.#asked += 1;
    if (this.#asked > 1) return;
    this.#options.clock.schedule(0, () => {
      this.#asked = 0;
      this.#throttle();
    });
  }

  /** What it serves or has open waits for what it says next. */
  #mayPause(): boolean {
    return this.#providers.count === 0 && this.#streams.count === 0;
  }

  #isLaden(queuedBytes: number): boolean {
    // What its streams may queue is no sign that it does not read.
    const markBytes = this.#streams.count > 0 ? 2 * queueMarkBytes : queueMarkBytes;
    return this.#exchanges.inFlight >= programExchangesMax || queuedBytes > markBytes;
  }

  /**
   * A program that only sends messages is simply not read for a while. One that serves or has streams must be read on: the answers it is asked for
   * may be what its own exchanges wait for. What it asks meanwhile is refused as busy.
   */
  #throttle(): void {
    const queuedBytes = this.#link.queuedBytes();
    if (queuedBytes > unreadBytesMax) {
      this.#cutOff();
      return;
    }
    const isCrowding = this.#asked >= requestsAtOnce;
    const shouldPause = !this.#closed && (isCrowding || (this.#isLaden(queuedBytes) && this.#mayPause()));
    if (shouldPause === this.#paused) return;
    this.#paused = shouldPause;
    if (shouldPause) this.#link.pause();
    else this.#link.resume();
  }

  /** An exchange has been answered, or what was queued has been read. */
  #settled(): void {
    if (this.#closed) return;
    if (this.#programEnded && this.#exchanges.inFlight === 0) this.#link.end();
    else this.#throttle();
  }

  /**
   * It writes no more, so it can answer nothing that it is given; what it asked for is still answered. Whether it has only
   * ended its half or is gone shows when something is written to it, hence the ping.
   */
  #onEnd(): void {
    this.#programEnded = true;
    this.#streams.close();
    this.#providers.close();
    this.#requests.close();
    this.#settled();
    if (this.#exchanges.inFlight > 0) this.#link.verify();
  }

  #cutOff(): void {
    this.#close('protocol', 'the program does not read what it asked for');
  }

  #close(reason: GoawayReason, text: string): void {
    if (this.#closed) return;
    this.#link.goaway(reason, text);
    this.#tearDown();
    this.#options.clock.schedule(lingerMs, () => this.#link.destroy());
  }

  #tearDown(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#streams.close();
    this.#providers.close();
    this.#requests.close();
    this.#exchanges.close();
  }
}
