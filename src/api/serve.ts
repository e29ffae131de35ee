import type { BodyValue } from '../protocol/body.ts';
import type { StreamHandler, StreamTable } from './byte-channel.ts';
import type { Params } from './outcome.ts';

/** A message as its receiver sees it. */
export interface Message {
  readonly id: string;
  readonly from: { readonly node: string; readonly service: string };
  /** The service it was sent to. */
  readonly service: string;
  readonly command: string;
  readonly params: Params;
  readonly body: BodyValue;
  /** False for `send` and `publish`: what the handler returns is dropped. */
  readonly replyWanted: boolean;
  /** Milliseconds left when it was handed over. */
  readonly deadlineMs: number;
  /** Aborts when the caller gave up, was lost, or the deadline passed. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly params?: Params;
  readonly body?: BodyValue;
}

/**
 * Does the work. What it returns is the reply to a call; a one-way message is `delivered` once the handler has taken it,
 * that is, has returned or given its promise. A `FogataError` it throws travels as `refused` with its code, any other
 * error as `refused(failed)` with its message.
 */
export type Handler = (message: Message) => Reply | undefined | void | Promise<Reply | undefined | void>;

/** One handler per command; a command not in the table is `refused(unknown-command)`. `*` takes the rest. */
export type CommandTable = Readonly<Record<string, Handler>>;

export interface ServeOptions {
  /** Share of the work against other instances, 1 to 1,000. Default 100. */
  readonly weight?: number;
  /** At most 16; for people and for selection. */
  readonly labels?: Params;
  /** Messages and streams in hand at once before `refused(busy)`; 1 to 65,536. Default 1,024. */
  readonly inFlightMax?: number;
  /**
   * Told how many messages were refused as busy because this program had too many in hand or did not read; soon after it
   * does again. Undefined: its link to the agent was lost meanwhile, and nobody knows how many. Subscribers of what is
   * published learn here of their gaps.
   */
  readonly onMissed?: (count: number | undefined) => void;
  /** Takes the streams that others `open`. Default: they are refused. */
  readonly onStream?: StreamHandler | StreamTable;
  /**
   * The instance is down when `heartbeat` was not called for so long, 100 to 86,400,000. `serve` counts as the first.
   * Default: it needs none.
   */
  readonly heartbeatWithinMs?: number;
  /**
   * Where the program listens besides, for who finds the service by DNS: `0.0.0.0:5432` or `[::]:5432` for all addresses of
   * its host, one of them, or one of loopback for its own host alone. Default: nowhere.
   */
  readonly endpoint?: string;
}

/** A served instance. What misuse throws here is FogataError `invalid`, at once. */
export interface Registration extends AsyncDisposable {
  readonly service: string;
  /** 0 (idle) to 1 (full): published to the cluster and weighed by callers. */
  setLoad(load: number): void;
  /**
   * `down`: it gets work only when no instance is up; `warning`: less than others. An instance begins as `up`. One that
   * falls three times within a minute is held down for 10 s, and longer each further time.
   */
  setState(state: 'up' | 'warning' | 'down'): void;
  /**
   * Says that this program works, or how badly. `text` is for people on this host (`fogata checks`), 1,024 bytes of it are
   * kept. The worse of this and of `setState` counts. Default `passing`.
   */
  heartbeat(state?: 'passing' | 'warning' | 'critical', text?: string): void;
  /** Takes no new work, lets work in hand end (2 s at most), then the instance is gone from the directory. */
  withdraw(): Promise<void>;
}
