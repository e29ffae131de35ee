import type { ProgramRequest, ProgramResponse } from '../api/program-request.ts';
import { isErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { AgentLink } from './agent-link.ts';

/** The agent answers from memory: whoever waits this long waits for an agent that is gone. */
const timeoutMs = 10_000;

interface Pending {
  readonly request: ProgramRequest;
  readonly timer: Timer;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FogataError) => void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Questions to the agent. All may be asked twice, so those under way when the link breaks are asked again. */
export class AgentRequests {
  private readonly link: AgentLink;
  private readonly clock: Clock;
  private readonly pendings = new Map<number, Pending>();
  private readonly subscriptions = new Map<number, (event: unknown) => void>();
  private correlation = -1;

  constructor(link: AgentLink, clock: Clock) {
    this.link = link;
    this.clock = clock;
  }

  /** Waits for a link while there is none. Rejects with the agent's FogataError, or `deadline`, or `closed`. */
  request(request: ProgramRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const key = this.newCorrelation();
      const timer = this.clock.schedule(timeoutMs, () => {
        this.pendings.delete(key);
        const seconds = timeoutMs / 1_000;
        reject(new FogataError('deadline', `the agent did not answer "${request.op}" within ${seconds} s`));
      });
      this.pendings.set(key, { request, timer, resolve, reject });
      this.transmit(key, request);
    });
  }

  /** Events under a request of its own, on the link that is up now. Returns how to stop. */
  subscribe(request: ProgramRequest, onEvent: (event: unknown) => void): () => void {
    const key = this.newCorrelation();
    this.subscriptions.set(key, onEvent);
    this.transmit(key, request);
    return () => {
      if (!this.subscriptions.delete(key)) return;
      this.link.send({ kind: FrameKind.cancel, correlation: key }, undefined, undefined);
    };
  }

  onResponse(frame: ReceivedFrame): void {
    const pending = this.pendings.get(frame.correlation);
    if (pending === undefined) return;
    this.pendings.delete(frame.correlation);
    pending.timer.cancel();
    const response = jsonOf(frame) as ProgramResponse | undefined;
    if (response?.ok === true) pending.resolve(response.result);
    else pending.reject(errorOf(response));
  }

  onEvent(frame: ReceivedFrame): void {
    const event = jsonOf(frame);
    if (event !== undefined) this.subscriptions.get(frame.correlation)?.(event);
  }

  onUp(): void {
    for (const [key, { request }] of this.pendings) this.transmit(key, request);
  }

  /** Subscriptions end with their link: whoever has one subscribes anew. */
  onDown(): void {
    this.subscriptions.clear();
  }

  close(): void {
    for (const { timer, reject } of this.pendings.values()) {
      timer.cancel();
      reject(new FogataError('closed', 'this mesh was closed'));
    }
    this.pendings.clear();
    this.subscriptions.clear();
  }

  private transmit(correlation: number, request: ProgramRequest): void {
    this.link.send({ kind: FrameKind.request, correlation }, encoder.encode(JSON.stringify(request)), undefined);
  }

  /** Odd ones; exchanges have the even ones. */
  private newCorrelation(): number {
    do this.correlation = this.correlation >= 0xffff_fffd ? 1 : this.correlation + 2;
    while (this.pendings.has(this.correlation) || this.subscriptions.has(this.correlation));
    return this.correlation;
  }
}

function jsonOf({ bytes, start, end }: ReceivedFrame): unknown {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(start, end)));
  } catch {
    return undefined;
  }
}

function errorOf(response: ProgramResponse | undefined): FogataError {
  if (response === undefined || response.ok) return new FogataError('protocol', "the agent's response is no JSON");
  const { code, reason } = response;
  return new FogataError(isErrorCode(code) ? code : 'failed', reason);
}
