import { encodeWish } from '../api/program-wish.ts';
import type { CarryResult } from '../delivery/carrier.ts';
import type { MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import type { Provider } from '../delivery/provider.ts';
import { createStreamTable, type StreamTable } from '../delivery/streams.ts';
import type { LinkLoss } from '../links/frame-link.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { type FrameFields, FrameKind } from '../protocol/frame.ts';
import { type MessageId, noNode } from '../protocol/ids.ts';
import { streamsMax } from '../protocol/limits.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { InstanceTrack } from '../selection/instance-track.ts';
import { RetryBudget } from '../selection/retry-budget.ts';
import type { AgentLink } from './agent-link.ts';

/** A program leaves the id of what it opens to its agent [F12]. */
const idOfAgents = '0'.repeat(32) as MessageId;

export interface AgentStreamsOptions {
  readonly link: AgentLink;
  readonly clock: Clock;
  readonly log: Log;
  /** What this program serves under that name. */
  readonly providerOf: (service: string) => Provider | undefined;
}

/** Streams over the link to the agent: those this program opens, and those that are opened to what it serves. */
export class AgentStreams {
  private readonly link: AgentLink;
  private readonly clock: Clock;
  private readonly table: StreamTable;
  /** Opens that wait for a link. */
  private readonly waiting = new Set<WaitingOpen>();
  /** Of the stream that is being opened. */
  private wish: Uint8Array | undefined;
  private lastLoss = 'the link to the agent broke';
  private closed = false;

  constructor({ link, clock, log, providerOf }: AgentStreamsOptions) {
    this.link = link;
    this.clock = clock;
    this.table = createStreamTable({
      clock,
      self: noNode,
      selfName: '',
      carrier: { send: (_peer, fields, head, body) => this.carry(fields, head, body) },
      receiver: {
        take({ service }) {
          const open = providerOf(service)?.open;
          if (open !== undefined) return { ok: true, open, over() {} };
          return { ok: false, code: 'unknown-command', reason: `this program takes no streams for ${service}` };
        },
        loadOf: () => undefined,
      },
      newMessageId: () => idOfAgents,
      onOwnerFault: (where, error) => log.error('a program threw where it must not', { where, error }),
    });
  }

  /** While there is no link it waits for one, within its deadline. */
  open(request: ProgramOpen, events: StreamEvents): MeshStream {
    const open = new WaitingOpen(events, () => this.waiting.delete(open));
    const begin = (deadlineMs: number): void => {
      this.waiting.delete(open);
      this.wish = encodeWish(request);
      open.begin(this.table, { ...request, deadlineMs });
      this.wish = undefined;
    };
    if (this.closed) open.onReset('closed', 'this mesh was closed');
    else if (this.link.isUp) begin(request.deadlineMs);
    else if (this.waiting.size >= streamsMax) open.onReset('busy', 'too many wait for the agent to be back');
    else {
      const endAt = this.clock.now() + request.deadlineMs;
      open.wait(() => begin(endAt - this.clock.now()), this.expiry(open, request.deadlineMs));
      this.waiting.add(open);
    }
    return open;
  }

  /** Returns what is wrong with the frame. */
  onFrame(frame: ReceivedFrame): string | undefined {
    return this.table.onFrame(noNode, frame);
  }

  onDrain(): void {
    this.table.onDrain(noNode);
  }

  onUp(): void {
    for (const open of [...this.waiting]) open.go();
  }

  onDown(loss: LinkLoss | undefined): void {
    this.lastLoss = loss === undefined ? 'the agent closed the link' : `the link to the agent broke: ${loss.text}`;
    this.table.onPeerLost(noNode, { reached: true, text: this.lastLoss });
  }

  close(): void {
    this.closed = true;
    this.table.stop();
    for (const open of [...this.waiting]) open.onReset('closed', 'this mesh was closed');
  }

  /** What is wanted of the choice goes right before the open that it is for [F14]. */
  private carry(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): CarryResult {
    const { wish } = this;
    if (wish !== undefined && fields.kind === FrameKind.open) {
      this.link.send({ kind: FrameKind.wish, correlation: fields.correlation ?? 0 }, undefined, wish);
    }
    return this.link.carry(fields, head, body);
  }

  private expiry(open: WaitingOpen, withinMs: number): Timer {
    return this.clock.schedule(withinMs, () => open.onReset('deadline', 'there was no link to the agent in time'));
  }
}

/** A stream that may not have begun yet. */
class WaitingOpen implements MeshStream {
  private readonly events: StreamEvents;
  private readonly left: () => void;
  private stream: MeshStream | undefined;
  private timer: Timer | undefined;
  private isOver = false;
  go: () => void = () => {};

  constructor(events: StreamEvents, left: () => void) {
    this.events = events;
    this.left = left;
  }

  wait(go: () => void, timer: Timer): void {
    this.go = go;
    this.timer = timer;
  }

  begin(table: StreamTable, request: ProgramOpen): void {
    this.timer?.cancel();
    const { to, ...rest } = request;
    const chosen = { node: noNode, name: '', track: new InstanceTrack(), budget: new RetryBudget() };
    const asked = { ...rest, service: to.service, nodePart: to.node, again: false };
    const opening = table.open(chosen, asked, this.events);
    if (opening.ok) this.stream = opening.stream;
    else this.onReset(opening.code, opening.reason);
  }

  onReset(code: ErrorCode, reason: string): void {
    if (this.isOver) return;
    this.leave();
    this.events.onReset(code, reason);
  }

  write(bytes: Uint8Array): boolean {
    return this.stream?.write(bytes) ?? false;
  }

  end(): void {
    this.stream?.end();
  }

  reset(code: ErrorCode, reason: string): void {
    this.leave();
    this.stream?.reset(code, reason);
  }

  consumed(count: number): void {
    this.stream?.consumed(count);
  }

  unwrittenBytes(): number {
    return this.stream?.unwrittenBytes() ?? Number.POSITIVE_INFINITY;
  }

  private leave(): void {
    this.isOver = true;
    this.timer?.cancel();
    this.left();
  }
}
