import type { MeshStream, OpenedStream, StreamEvents, StreamHead, StreamInstance } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FogataNode } from './node.ts';

/** The first and three more: an instance that is gone, its neighbour on the same host, and one in reserve. */
const attemptsMax = 4;

/** The same elsewhere would fare no better, or nobody waits for it any more. */
const finalCodes: ReadonlySet<ErrorCode> = new Set(['deadline', 'cancelled', 'closed', 'not-allowed', 'too-large']);

/**
 * Opens a stream to the best instance, and to another as long as no program has begun, until one is reached or the
 * deadline passes. From `onReady` on it is that one stream. `events` may be told a reset within this call.
 */
export function openAttempts(
  node: Pick<FogataNode, 'open'>,
  clock: Clock,
  request: ProgramOpen,
  events: StreamEvents,
): MeshStream {
  const attempts = new OpenAttempts(node, clock, request, events);
  attempts.start();
  return attempts;
}

class OpenAttempts implements MeshStream, StreamEvents {
  private readonly node: Pick<FogataNode, 'open'>;
  private readonly clock: Clock;
  private readonly request: ProgramOpen;
  private readonly events: StreamEvents;
  private readonly deadlineAt: number;
  private readonly avoid: string[] = [];
  private stream: OpenedStream | undefined;
  private instance = '';
  private last: { readonly code: ErrorCode; readonly reason: string } | undefined;
  private attempts = 0;
  private isOpening = false;
  private early: { readonly code: ErrorCode; readonly reason: string } | undefined;
  private isReady = false;
  private isEnded = false;
  private isOver = false;

  constructor(node: Pick<FogataNode, 'open'>, clock: Clock, request: ProgramOpen, events: StreamEvents) {
    this.node = node;
    this.clock = clock;
    this.request = request;
    this.events = events;
    this.deadlineAt = clock.now() + request.deadlineMs;
  }

  start(): void {
    const deadlineMs = this.deadlineAt - this.clock.now();
    if (deadlineMs <= 0) {
      this.fail('deadline', 'the deadline passed before it was accepted');
      return;
    }
    this.attempts += 1;
    this.isOpening = true;
    const result = this.node.open({ ...this.request, deadlineMs, avoid: this.avoid }, this);
    this.isOpening = false;
    if (!result.ok) {
      const { code, reason } = this.last ?? result;
      this.fail(code, reason);
      return;
    }
    this.stream = result.stream;
    this.instance = result.instance.node;
    if (this.early !== undefined) {
      const { code, reason } = this.early;
      this.early = undefined;
      this.onReset(code, reason);
    } else if (this.isEnded) result.stream.end();
  }

  write(bytes: Uint8Array): boolean {
    return this.stream?.write(bytes) ?? false;
  }

  end(): void {
    this.isEnded = true;
    this.stream?.end();
  }

  reset(code: ErrorCode, reason: string): void {
    this.isOver = true;
    this.stream?.reset(code, reason);
  }

  consumed(count: number): void {
    this.stream?.consumed(count);
  }

  unwrittenBytes(): number {
    return this.stream?.unwrittenBytes() ?? Number.POSITIVE_INFINITY;
  }

  onReady(): void {
    this.isReady = true;
    this.events.onReady();
  }

  onAccept(head: StreamHead, instance: StreamInstance): void {
    this.isReady = true;
    this.events.onAccept(head, instance);
  }

  onData(bytes: Uint8Array): void {
    this.events.onData(bytes);
  }

  onDrain(): void {
    this.events.onDrain();
  }

  onEnd(): void {
    this.events.onEnd();
  }

  onFinish(): void {
    this.isOver = true;
    this.events.onFinish();
  }

  onReset(code: ErrorCode, reason: string): void {
    if (this.isOpening) {
      this.early = { code, reason };
      return;
    }
    if (this.isOver) return;
    const mayHaveBegun = this.isReady || (this.stream?.begun() === true && !this.request.idempotent);
    if (mayHaveBegun || finalCodes.has(code) || this.attempts >= attemptsMax) {
      this.fail(code, reason);
      return;
    }
    this.last = { code, reason };
    this.avoid.push(this.instance);
    this.stream = undefined;
    this.start();
  }

  private fail(code: ErrorCode, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.events.onReset(code, reason);
  }
}
