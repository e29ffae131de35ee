import type { BodyValue } from '../protocol/body.ts';
import type { ByteChannel, OpenOptions } from './byte-channel.ts';
import type { MeshEvent } from './mesh-event.ts';
import type { MessageOptions, Outcome, PublishOutcome } from './outcome.ts';
import type { ResolveOptions, ResolveView } from './resolve-view.ts';
import type { CommandTable, Handler, Registration, ServeOptions } from './serve.ts';
import type { NodesView, ServicesView } from './views.ts';

/**
 * A place in a cluster: what `join()` (this process is a node) and `connect()` (through this host's agent) both return.
 *
 * Operating failures never reject `send`, `call` and `publish`: each resolves to exactly one outcome. What rejects is
 * misuse (`invalid`: a bad name, too large a body) and a mesh that was closed (`closed`).
 */
export interface Mesh extends AsyncDisposable {
  /** The node that speaks for this program: this process itself, or the host's agent. */
  readonly self: { readonly id: string; readonly name: string; readonly cluster: string };

  /**
   * A request: the best instance of `address` executes `command` and replies. `ReplyBody` is what the caller expects of
   * the reply's body; nothing checks it.
   */
  call<ReplyBody = BodyValue>(address: string, command: string, options?: MessageOptions): Promise<Outcome<ReplyBody>>;
  /** One way: resolves to `delivered` once the receiving program has it in hand. */
  send(address: string, command: string, options?: MessageOptions): Promise<Outcome>;
  /** To every instance of `service`; one outcome for each and one for all. */
  publish(service: string, command: string, options?: MessageOptions): Promise<PublishOutcome>;

  /**
   * A stream of bytes, both ways, to the best instance of `address`; resolves once a program there has accepted it. Until a
   * program is reached it is tried elsewhere. Rejects with a FogataError: the code and reason of whoever refused it,
   * `no-instance`, `unreachable`, `busy`, `deadline`, `cancelled`, `invalid`.
   */
  open(address: string, command: string, options?: OpenOptions): Promise<ByteChannel>;

  /**
   * Become an instance of `service`. Known here when this resolves, within milliseconds in the whole cluster. A program
   * serves a service once at a time: a second time is `invalid`. `onStream` of the options takes what others `open`; a
   * service of streams only has an empty table of handlers.
   */
  serve(service: string, handler: Handler | CommandTable, options?: ServeOptions): Promise<Registration>;

  /**
   * A snapshot as events, then every change as it comes, each exactly once, until the signal or `close()`. A reader that
   * falls 65,536 events behind gets a `busy` error.
   */
  watch(options?: { readonly signal?: AbortSignal }): AsyncIterable<MeshEvent>;
  nodes(): Promise<NodesView>;
  services(): Promise<ServicesView>;

  /** Where calls to `address` would go now, in which shares, and what speaks for and against each instance. */
  resolve(address: string, options?: ResolveOptions): Promise<ResolveView>;

  /** Withdraws all services, waits for work in hand (2 s at most), says goodbye. Safe to call twice. */
  close(): Promise<void>;
}
