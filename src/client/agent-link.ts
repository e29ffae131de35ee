import type { CarryResult } from '../delivery/carrier.ts';
import { carry } from '../links/carry.ts';
import type { FrameLink, FrameLinkEvents, LinkLoss } from '../links/frame-link.ts';
import type { FrameFields } from '../protocol/frame.ts';
import type { Hello } from '../protocol/hello.ts';
import { noNode } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';

/** First and longest pause between attempts: a restarted agent is back at once, a missing one costs next to nothing. */
const pauseMsMin = 100;
const pauseMsMax = 5_000;

/** How long the agent may take to end its half after ours. */
const endTimeoutMs = 500;

export type Dial = (events: FrameLinkEvents) => FrameLink;

export interface AgentLinkEvents {
  /** A link is there, the first or a new one. */
  onUp(agent: Hello): void;
  /** Returns what is wrong with the frame, which is the end of the link. */
  onFrame(frame: ReceivedFrame): string | undefined;
  /** What was queued has gone. */
  onDrain(): void;
  /** The link that was up is gone. The next attempt follows by itself, unless this side has closed. */
  onDown(loss: LinkLoss | undefined): void;
}

export interface AgentLinkTools {
  readonly clock: Clock;
  readonly random: Random;
  /** Keeps the process alive while there is no socket that does. */
  readonly keepAlive: () => () => void;
}

/** What of a frame's header a program chooses [F12]. */
export interface AgentFrame {
  readonly kind: number;
  readonly correlation: number;
  readonly flags?: number;
  readonly deadlineMs?: number;
  readonly reckonedAt?: number;
}

/** A link to the host's agent that comes back by itself. */
export class AgentLink {
  /** Written over for each frame: a link has read it when its `send` returns. */
  private readonly fields: { -readonly [Field in keyof FrameFields]: FrameFields[Field] } = {
    kind: 0,
    flags: 0,
    hops: 0,
    to: noNode,
    from: noNode,
    correlation: 0,
    deadlineMs: Number.POSITIVE_INFINITY,
    reckonedAt: undefined,
  };
  private link: FrameLink | undefined;
  private up = false;
  private name = '';
  private everUp = false;
  private closed = false;
  private pauseMs = pauseMsMin;
  private timer: Timer | undefined;
  private release: (() => void) | undefined;
  private onFirst: (loss: LinkLoss | undefined) => void = () => {};
  private onGone: () => void = () => {};
  private readonly dial: Dial;
  private readonly tools: AgentLinkTools;
  private readonly events: AgentLinkEvents;

  constructor(dial: Dial, tools: AgentLinkTools, events: AgentLinkEvents) {
    this.dial = dial;
    this.tools = tools;
    this.events = events;
  }

  get isUp(): boolean {
    return this.up;
  }

  /** Of the agent that was reached last; '' before. */
  get agentName(): string {
    return this.name;
  }

  get queuedBytes(): number {
    return this.link?.queuedBytes() ?? 0;
  }

  /** Dials. Resolves with `undefined` once a link is there, or with the loss of the first attempt: then no other follows. */
  open(): Promise<LinkLoss | undefined> {
    return new Promise((resolve) => {
      this.onFirst = resolve;
      this.attempt();
    });
  }

  /** Goes nowhere while the link is down: ask `isUp` first. */
  send(frame: AgentFrame, head: Uint8Array | undefined, body: Uint8Array | undefined): void {
    if (!this.up) return;
    const { fields } = this;
    fields.kind = frame.kind;
    fields.flags = frame.flags ?? 0;
    fields.correlation = frame.correlation;
    fields.deadlineMs = frame.deadlineMs ?? Number.POSITIVE_INFINITY;
    fields.reckonedAt = frame.reckonedAt;
    this.link?.send(fields, head, body);
  }

  /** Sends a frame of a stream, or says why it cannot go now. */
  carry(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): CarryResult {
    if (!this.up || this.link === undefined) return 'unreachable';
    return carry(this.link, fields, head, body);
  }

  /** Sends what is queued, ends, and resolves when the link is gone. */
  close(): Promise<void> {
    this.closed = true;
    this.timer?.cancel();
    this.rest();
    const { link } = this;
    if (link === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timeout = this.tools.clock.schedule(endTimeoutMs, () => link.destroy());
      this.onGone = () => {
        timeout.cancel();
        resolve();
      };
      if (this.up) link.end();
      else link.destroy();
    });
  }

  private attempt(): void {
    this.link = this.dial({
      onOpen: (agent) => this.opened(agent),
      onFrame: (frame) => this.events.onFrame(frame),
      onDrain: () => this.events.onDrain(),
      onEnd: () => this.link?.end(),
      onClose: (loss) => this.lost(loss),
    });
  }

  private opened(agent: Hello): void {
    this.rest();
    this.up = true;
    this.name = agent.nodeName;
    this.everUp = true;
    this.pauseMs = pauseMsMin;
    this.events.onUp(agent);
    this.onFirst(undefined);
  }

  private lost(loss: LinkLoss | undefined): void {
    const wasUp = this.up;
    this.up = false;
    this.link = undefined;
    if (wasUp) this.events.onDown(loss);
    this.onGone();
    if (!this.everUp) this.onFirst(loss ?? { kind: 'lost', text: 'closed by the agent' });
    if (this.everUp && !this.closed) this.attemptLater();
  }

  private attemptLater(): void {
    this.release ??= this.tools.keepAlive();
    // Spread, so that not all programs of a host dial in the same millisecond.
    const delayMs = this.pauseMs * (0.8 + 0.4 * this.tools.random.next());
    this.timer = this.tools.clock.schedule(delayMs, () => this.attempt());
    this.pauseMs = Math.min(pauseMsMax, this.pauseMs * 2);
  }

  private rest(): void {
    this.release?.();
    this.release = undefined;
  }
}
