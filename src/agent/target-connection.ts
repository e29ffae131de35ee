import { connect, type Socket } from 'node:net';
import { systemError } from '../runtime/system-error.ts';
import { AnswerParser, type AnswerParserEvents, type AnswerStart } from './answer-parser.ts';
import type { ByteWriter } from './byte-sink.ts';
import type { RequestHead } from './http-head.ts';

/** Whose request a connection carries. */
export interface ConnectionUser {
  /** From now on the program may see what is written. */
  onConnected(): void;
  onInterim(start: AnswerStart): void;
  onAnswer(start: AnswerStart): void;
  /** Valid only during the call. `isLast`: `onWhole` follows at once, without trailers. */
  onBody(bytes: Uint8Array, isLast: boolean): void;
  /** The answer is whole. */
  onWhole(trailers: readonly string[]): void;
  /** The program goes over to another protocol: `socket` is the user's now, with what it has brought already. */
  onSwitch(start: AnswerStart, socket: Socket, first: Uint8Array): void;
  /** What came is no HTTP. Nothing follows. */
  onFault(fault: string): void;
  /** The connection is no more, and nothing follows: before `onWhole`, or after it while the request was still being written. */
  onLost(error: Error): void;
  /** Request and answer are whole, and nothing follows. The connection is another's from now on. */
  onFree(): void;
}

/** What its owner is told. */
export interface ConnectionOwner {
  /** Its request and its answer are whole; it may be used for another one so long. */
  onFree(connection: TargetConnection, forMs: number): void;
  /** It is of no use any more. */
  onGone(connection: TargetConnection): void;
}

export interface TargetConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** What one read may bring; serves all connections, as what it brought is handed over before the next one. */
  readonly buffer: Buffer;
  /** May go over to another protocol: then its bytes come in pieces of their own, and each side ends on its own. */
  readonly isUpgrade: boolean;
}

/** One connection to a program: a request at a time, and its answer. */
export class TargetConnection implements ByteWriter {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #parser: AnswerParser;
  readonly #isUpgrade: boolean;
  #user: ConnectionUser | undefined;
  #uses = 0;
  /** Written with the first bytes of the body. */
  #head: string | undefined;
  #isChunked = false;
  #isSent = true;
  #isAnswered = true;
  #isPaused = false;
  #isGathering = false;
  #isGone = false;
  /** Its socket will tell when nothing has moved for so long, which means nothing while it is in use; 0: it will not. */
  #restMs = 0;

  constructor({ host, port, buffer, isUpgrade }: TargetConnectionOptions, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#isUpgrade = isUpgrade;
    this.#parser = new AnswerParser(this.#parserEvents());
    const to = { host, port, noDelay: true };
    const callback = (count: number): boolean => {
      this.#onBytes(buffer.subarray(0, count));
      return true;
    };
    const socket = isUpgrade
      ? connect({ ...to, allowHalfOpen: true })
      : connect({ ...to, onread: { buffer, callback } });
    this.#socket = socket;
    socket.on('error', (error) => this.#lose(error));
    socket.on('close', () => this.#lose(undefined));
    socket.on('end', () => this.#onSocketEnd());
    socket.on('timeout', () => this.#onTimeout());
    socket.once('connect', () => this.#user?.onConnected());
    if (isUpgrade) socket.on('data', this.#onData);
    else socket.resume();
  }

  readonly #onData = (bytes: Buffer): void => this.#onBytes(bytes);

  /** It has carried a request before this one: the program may have closed it just now. */
  get isReused(): boolean {
    return this.#uses > 1;
  }

  /** Nothing of the request has been written. */
  get isUnasked(): boolean {
    return this.#head !== undefined;
  }

  /** Takes it for one request. Without a body that is all of it. */
  request(user: ConnectionUser, head: string, { method, framing }: Pick<RequestHead, 'method' | 'framing'>): void {
    const socket = this.#socket;
    this.#user = user;
    this.#uses += 1;
    this.#isAnswered = false;
    this.#isChunked = framing === 'chunked';
    this.#isSent = framing !== 'chunked' && framing !== 'length';
    this.#parser.begin(method === 'HEAD', this.#isUpgrade);
    if (this.isReused) user.onConnected();
    // A conversation may begin with the program's words. A body of known length is at hand: its head goes with it.
    if (framing === 'length') this.#head = head;
    else socket.write(head, 'latin1');
  }

  /** Of the request's body; `taken` is called when the system has it. */
  write(bytes: Uint8Array, taken: () => void): void {
    const socket = this.#socket;
    this.#gather();
    this.#writeHead();
    if (this.#isChunked) socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    socket.write(bytes, taken);
    if (this.#isChunked) socket.write('\r\n', 'latin1');
  }

  /** The request's body is whole. */
  endRequest(): void {
    if (this.#isSent) return;
    this.#isSent = true;
    this.#writeHead();
    if (this.#isChunked) this.#socket.write('0\r\n\r\n', 'latin1');
    this.#settle();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Its user is told nothing more. */
  destroy(): void {
    this.#user = undefined;
    this.#parser.stop();
    this.#socket.destroy();
    this.#lose(undefined);
  }

  /** Nobody uses it; it is closed after that time. The answer has just moved: a timer for that long is as good as a new one. */
  rest(forMs: number): void {
    if (forMs === this.#restMs) return;
    this.#restMs = forMs;
    this.#socket.setTimeout(forMs);
  }

  /**
   * One write for all of a turn: fewer system calls, and an early answer is read before the next one fails, as the program
   * has closed the connection with it (RFC 9112, 9.5).
   */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#socket.uncork();
    });
  }

  #writeHead(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head !== undefined) this.#socket.write(head, 'latin1');
  }

  #parserEvents(): AnswerParserEvents {
    return {
      onInterim: (start) => this.#user?.onInterim(start),
      onStart: (start) => this.#user?.onAnswer(start),
      onBody: (bytes, isLast) => this.#user?.onBody(bytes, isLast),
      onEnd: (trailers) => {
        this.#isAnswered = true;
        this.#user?.onWhole(trailers);
      },
      onSwitch: (start, first) => this.#hand(start, first),
    };
  }

  #onBytes(bytes: Buffer): void {
    // A program that speaks unasked is not to be asked.
    if (this.#user === undefined) return this.destroy();
    const fault = this.#parser.push(bytes);
    if (fault !== undefined) {
      const user = this.#user;
      this.destroy();
      user?.onFault(fault);
    } else if (this.#isAnswered) this.#settle();
  }

  #onTimeout(): void {
    if (this.#user === undefined) this.destroy();
    else this.#restMs = 0;
  }

  #onSocketEnd(): void {
    this.#parser.end();
    if (this.#isAnswered && this.#isSent) this.#release();
    this.#lose(undefined);
  }

  #release(): void {
    const user = this.#user;
    this.#user = undefined;
    user?.onFree();
  }

  /** The other protocol's bytes are read by who speaks it. */
  #hand(start: AnswerStart, first: Uint8Array): void {
    const user = this.#user;
    const socket = this.#socket;
    this.#user = undefined;
    this.#isGone = true;
    socket.setTimeout(0);
    socket.off('data', this.#onData);
    socket.removeAllListeners('end').removeAllListeners('close').removeAllListeners('timeout');
    this.#owner.onGone(this);
    user?.onSwitch(start, socket, first);
  }

  /** Frees it once its answer has come and its request is out. */
  #settle(): void {
    if (!this.#isAnswered || this.#isGone) return;
    if (this.#isSent) this.#release();
    // What of the request is still to be written nobody wants.
    if (!this.#parser.isKept || this.#socket.destroyed) this.#lose(undefined);
    else if (this.#isSent) {
      this.resume();
      this.#owner.onFree(this, this.#parser.keepAliveMs);
    }
  }

  #lose(error: Error | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const user = this.#user;
    this.#user = undefined;
    this.#parser.stop();
    this.#socket.destroy();
    this.#owner.onGone(this);
    user?.onLost(error ?? systemError('ECONNRESET', 'closed by the program'));
  }
}
