import type { IncomingMessage } from 'node:http';
import type { MeshStream } from '../delivery/mesh-stream.ts';
import type { Clock } from '../runtime/clock.ts';

/** Kept of a body so that it can be sent again: most bodies are smaller, and a thousand of them fit in memory. */
const keptBytesMax = 65_536;

/** Passes a client's body on to streams, one after the other. Reads nothing until there is somewhere to put it. */
export class RequestBody {
  /** When bytes last moved, or the turn was the client's, by the clock. */
  movedAt: number;
  readonly #request: IncomingMessage;
  readonly #clock: Clock;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isKeeping: boolean;
  #isPaused = false;
  #hasEnded = false;
  #stream: MeshStream | undefined;

  constructor(request: IncomingMessage, clock: Clock, isKeeping: boolean) {
    this.#request = request;
    this.#clock = clock;
    this.#isKeeping = isKeeping;
    this.movedAt = clock.now();
  }

  /** True while all that was sent can be sent again. */
  get isReplayable(): boolean {
    return this.#isKeeping;
  }

  /** True while the client is the one who is waited for. */
  get isClientsTurn(): boolean {
    return this.#stream !== undefined && !this.#isPaused && !this.#hasEnded;
  }

  /** Sends what was kept, then what comes. */
  passTo(stream: MeshStream): void {
    const isFirst = this.#request.listenerCount('data') === 0;
    this.#stream = stream;
    this.#isPaused = false;
    for (const chunk of this.#kept) if (!stream.write(chunk)) this.#isPaused = true;
    if (this.#hasEnded) {
      stream.end();
      return;
    }
    if (isFirst) this.#listen();
    if (this.#isPaused) this.#request.pause();
    else this.#request.resume();
  }

  /** The stream takes more. */
  resume(): void {
    this.movedAt = this.#clock.now();
    this.#isPaused = false;
    if (this.#stream !== undefined && !this.#hasEnded) this.#request.resume();
  }

  /** The stream is gone; another may follow. */
  stop(): void {
    this.#stream = undefined;
    if (!this.#hasEnded) this.#request.pause();
  }

  /** It need not be sent again. */
  forget(): void {
    this.#isKeeping = false;
    this.#kept = [];
  }

  /** Nobody wants the rest: reads it to the end, so that the client gets to its answer. */
  discard(): void {
    this.#stream = undefined;
    this.forget();
    this.#request.resume();
  }

  #listen(): void {
    const request = this.#request;
    request.on('data', (chunk: Buffer) => this.#pass(chunk));
    request.on('end', () => {
      this.movedAt = this.#clock.now();
      this.#hasEnded = true;
      this.#stream?.end();
    });
  }

  #pass(chunk: Buffer): void {
    const stream = this.#stream;
    this.movedAt = this.#clock.now();
    if (this.#isKeeping) this.#keep(chunk);
    if (stream === undefined || stream.write(chunk)) return;
    this.#isPaused = true;
    this.#request.pause();
  }

  #keep(chunk: Buffer): void {
    this.#keptBytes += chunk.length;
    if (this.#keptBytes > keptBytesMax) this.forget();
    else this.#kept.push(chunk);
  }
}
