import type { Duplex } from 'node:stream';
import type { BodyValue } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { Strategy } from '../selection/strategy.ts';
import type { Instance, Params } from './outcome.ts';

/**
 * A stream of bytes between two programs: an ordinary Node `Duplex`, with back-pressure from end to end. Each direction ends
 * on its own (`end()`, the other side's 'end'). `destroy()` and `reset()` break off both; the other side then gets 'error'
 * with a FogataError. Bytes that were written are not copied: leave them as they are.
 *
 * A channel that breaks off does not end a process that has no 'error' listener.
 */
export interface ByteChannel extends Duplex {
  /** Who took the stream; on the serving side this program's own instance. */
  readonly instance: Instance;
  /** What was said with `accept()`. */
  readonly params: Params;
  readonly body: BodyValue;
  /** Breaks off both directions; the other side is told this code and reason (at most 1,024 bytes). */
  reset(code: ErrorCode, reason: string): void;
}

/** A stream that was opened to this program and waits for its `accept()` or `reset()`, until the opener's deadline. */
export interface IncomingStream {
  /** Of the open; 32 hexadecimal digits. */
  readonly id: string;
  readonly from: { readonly node: string; readonly service: string };
  readonly service: string;
  readonly command: string;
  readonly params: Params;
  readonly body: BodyValue;
  /** Milliseconds left for `accept()` when it came. */
  readonly deadlineMs: number;
  /** Takes it, with a word to the opener. Once. What has gone meanwhile gives a channel that is destroyed. */
  accept(said?: { readonly params?: Params; readonly body?: BodyValue }): ByteChannel;
  /** Refuses it: the opener's `open()` rejects with this code and reason. */
  reset(code: ErrorCode, reason: string): void;
}

/**
 * Decides about a stream and works on it. What it throws before `accept()` refuses the stream, with a FogataError's code or
 * `failed`; afterwards it breaks the channel off.
 */
export type StreamHandler = (stream: IncomingStream) => void | Promise<void>;

/** One handler per command; `*` takes the rest. A command not in the table is refused as `unknown-command`. */
export type StreamTable = Readonly<Record<string, StreamHandler>>;

export interface OpenOptions {
  /** At most 64; values are text. They travel with the open. */
  readonly params?: Params;
  /** Bytes, text, or anything JSON can say; at most 1 MiB encoded. Travels with the open. */
  readonly body?: BodyValue;
  /** Until it is accepted; 1 ms to 24 h. Default 10,000. A channel itself has no deadline. */
  readonly deadlineMs?: number;
  /** Opening it twice does no harm: it may be opened elsewhere although the first may have begun. Default false. */
  readonly idempotent?: boolean;
  /** How the instance is chosen. Default: as the agent is set for the service, else `best`. */
  readonly strategy?: Strategy;
  /** What has the same key goes to the same instance, as long as it is well: strategy `sticky`. 1 to 255 bytes. */
  readonly sticky?: string;
  /** Before the accept: `open()` rejects with `cancelled`. Afterwards: breaks the channel off. */
  readonly signal?: AbortSignal;
  /** The service in whose name it is opened. Default none. */
  readonly from?: string;
}
