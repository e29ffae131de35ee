import type { AcceptedStream, MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import { httpCommand, type StreamTaker } from '../delivery/stream-receiver.ts';
import { createStreamTable, type StreamTable } from '../delivery/streams.ts';
import { carry } from '../links/carry.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { FogataNode } from '../node/node.ts';
import { openAttempts } from '../node/open-attempts.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag } from '../protocol/frame.ts';
import { type MessageId, noNode } from '../protocol/ids.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { InstanceTrack } from '../selection/instance-track.ts';
import { RetryBudget } from '../selection/retry-budget.ts';
import type { ProgramWishes, ProgramWishTaken } from './program-wishes.ts';
import { type RelayMemory, relayStream } from './relay-stream.ts';

export interface ProgramStreamsOptions {
  readonly node: FogataNode;
  readonly link: FrameLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Of all programs of the agent. */
  readonly relay: RelayMemory;
}

/** The streams of one program: what it opens goes to the best instance, what is opened to its services goes to it. */
export class ProgramStreams {
  readonly #options: ProgramStreamsOptions;
  /** Made with the first stream: most programs have none. */
  #table: StreamTable | undefined;
  /** Of the open that is being taken; undefined: of most. */
  #wished: ProgramWishTaken | { readonly code: ErrorCode; readonly reason: string } | undefined;
  #closed = false;

  constructor(options: ProgramStreamsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#table?.count() ?? 0;
  }

  /** Frame 9 of the program, to the best instance as it wishes. Returns what is wrong with it, as `onFrame` does. */
  onOpen(frame: ReceivedFrame, wishes: ProgramWishes): string | undefined {
    if (!wishes.isSaid) return this.onFrame(frame);
    try {
      this.#wished = wishes.take(frame.correlation, (frame.flags & FrameFlag.idempotent) !== 0, 'open');
    } catch (error) {
      const { code, message } = FogataError.from(error);
      this.#wished = { code, reason: message };
    }
    // It is taken within this call, or not at all.
    const fault = this.onFrame(frame);
    this.#wished = undefined;
    return fault;
  }

  /** Frames 9 to 13 of the program. Returns what is wrong with one, which is the end of the link. */
  onFrame(frame: ReceivedFrame): string | undefined {
    return this.#closed ? undefined : this.#tableNow().onFrame(noNode, frame);
  }

  onDrain(): void {
    this.#table?.onDrain(noNode);
  }

  /** Hands a stream on to the program, which serves what it is for. */
  pass(accepted: AcceptedStream): StreamEvents {
    const { head, body, idempotent, deadlineMs } = accepted;
    const { id, service, node, command, params, bodyKind, fromService, fromNode } = head;
    const request = { id, service, nodePart: node, command, params, bodyKind, body, idempotent, deadlineMs };
    const asked = { ...request, fromService, fromNode, again: false };
    const program = { node: noNode, name: '', track: new InstanceTrack(), budget: new RetryBudget() };
    const open = (events: StreamEvents): MeshStream => {
      if (this.#closed) return refused(events, 'unreachable', 'the program is gone');
      const opening = this.#tableNow().open(program, asked, events);
      return opening.ok ? opening.stream : refused(events, opening.code, opening.reason);
    };
    return relayStream(accepted, open, this.#options.relay);
  }

  /** The program is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#table?.onPeerLost(noNode, { reached: true, text: 'the program is gone' });
    this.#table?.stop();
  }

  #tableNow(): StreamTable {
    const { clock, log, link } = this.#options;
    this.#table ??= createStreamTable({
      clock,
      self: noNode,
      selfName: '',
      carrier: { send: (_peer, fields, head, body) => carry(link, fields, head, body) },
      unwrittenBytes: () => link.queuedBytes() + link.bulkBytes(),
      receiver: { take: (head) => this.#take(head), loadOf: () => undefined },
      // Each open to a program bears the id of the one it passes on.
      newMessageId: () => '0'.repeat(32) as MessageId,
      onOwnerFault: (where, error) => log.error('a stream of a program threw', { where, error }),
    });
    return this.#table;
  }

  #take(head: MessageHead): StreamTaker {
    const { node, clock, relay } = this.#options;
    if (head.node === '*') return { ok: false, code: 'invalid', reason: 'a stream goes to one instance' };
    if (head.command === httpCommand) return { ok: false, code: 'not-allowed', reason: 'HTTP goes by the proxy' };
    const wished = this.#wished;
    if (wished !== undefined && 'code' in wished) return { ok: false, ...wished };
    return {
      ok: true,
      open(accepted) {
        const open = (events: StreamEvents): MeshStream =>
          openAttempts(node, clock, requestOf(accepted, wished), events);
        return relayStream(accepted, open, relay);
      },
      over() {},
    };
  }
}

function requestOf(
  { head, body, idempotent, deadlineMs }: AcceptedStream,
  wished: ProgramWishTaken | undefined,
): ProgramOpen {
  const { service, node, command, params, bodyKind, fromService } = head;
  const to = wished?.labels === undefined ? { service, node } : { service, node, labels: wished.labels };
  return { to, command, params, bodyKind, body, idempotent, deadlineMs, fromService, wish: wished?.wish };
}

function refused(events: StreamEvents, code: ErrorCode, reason: string): MeshStream {
  events.onReset(code, reason);
  return gone;
}

/** A stream that never was. */
const gone: MeshStream = {
  write: () => true,
  end() {},
  reset() {},
  consumed() {},
  unwrittenBytes: () => Number.POSITIVE_INFINITY,
};
