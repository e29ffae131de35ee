import type { BodyKind } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { ServiceKinds } from '../protocol/service-entry.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { WorkingState } from './flap-damping.ts';
import type { AcceptedStream, StreamEvents } from './mesh-stream.ts';

/** A message that has reached the node of its instance. */
export interface Delivery {
  readonly head: MessageHead;
  /** The receiver's to keep. */
  readonly body: Uint8Array;
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  /** Milliseconds left. */
  readonly deadlineMs: number;
}

/** What the instance says to it. */
export interface DeliveryReply {
  /** `delivered` answers a one-way message, `answered` a call; the rest say why not. */
  readonly outcome: 'answered' | 'delivered' | 'expired' | 'refused' | 'unknown';
  readonly code: ErrorCode | undefined;
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  readonly body: Uint8Array;
}

/** A message in the hands of one that passes it on. Exactly one of these is to be called, once; later calls are ignored. */
export interface ForwardedWork {
  readonly service: string;
  respond(said: DeliveryReply): void;
  /**
   * The rest of a reply frame that was checked, as it stands, with the service and this node's name in it; its load is
   * changed in place. Valid only during the call. `at`: when it came;
   * undefined: now.
   */
  pass(code: ErrorCode | undefined, rest: Uint8Array, at: number | undefined): void;
}

/** Whom an instance answers: exactly once; later calls are ignored. */
export interface Respondent {
  respond(said: DeliveryReply): void;
}

/** One program that serves: in this process, behind a program link, behind a delivery URL or a plain HTTP target. */
export interface Provider {
  /**
   * Takes a message. `respond` is to be called exactly once; later calls are ignored. Must not throw.
   * Returns what to do when the caller gave up or the deadline passed before `respond`.
   */
  deliver(delivery: Delivery, respond: (reply: DeliveryReply) => void): () => void;
  /** In place of `deliver`, where there is such an object: a function of its own for each message is a tenth of what it costs. */
  readonly take?: ((delivery: Delivery, to: Respondent) => () => void) | undefined;
  /** In place of `deliver`, for one that passes messages on as they are. `frame` was checked, and is valid only during the call. */
  readonly forward?: ((frame: ReceivedFrame, work: ForwardedWork) => () => void) | undefined;
  /**
   * Takes a stream; undefined: this provider takes none. Must not throw. The provider calls `stream.ready()` once its
   * program is reached, then `accept()` or `reset()`.
   */
  readonly open: ((stream: AcceptedStream) => StreamEvents) | undefined;
  /**
   * So many messages were refused as busy because it has as many in hand as it may, or does not read. Undefined: for a while
   * it could not be reached, and nobody knows how many.
   */
  readonly missed?: ((count: number | undefined) => void) | undefined;
}

export interface ProvideOptions {
  readonly kinds: ServiceKinds;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly inFlightMax: number;
  /** Where the program itself listens [R6]. Default: it has no such place. */
  readonly endpoint?: SocketAddress | undefined;
  /** It is down when no heartbeat came for so long; the registration is the first. Undefined: it needs none. */
  readonly heartbeatWithinMs?: number | undefined;
  /** It is told to nobody: only who knows of it asks it. */
  readonly isUnlisted?: boolean | undefined;
  /** What it is before anything is said of it; default `up`. */
  readonly state?: WorkingState | undefined;
}

/** How a provider is, for people on its host. */
export interface ProvisionHealth {
  readonly service: string;
  readonly provider: Provider;
  /** What the cluster is told. */
  readonly state: WorkingState | 'draining';
  /** What it says of itself; better than `state` while it is held or drained. */
  readonly said: WorkingState;
  /** Monotonic milliseconds of the last change of `state`. */
  readonly since: number;
  /** What it said with it. */
  readonly note: string;
  /** It came and went too often: how long it must be well to be believed; undefined: it did not. */
  readonly heldMs: number | undefined;
  /** Within which the next heartbeat is due; undefined: none is. */
  readonly heartbeatDueMs: number | undefined;
  readonly inFlight: number;
}

/** A provider's place in the node. Several providers of one service on one node make one instance to the outside. */
export interface Provision {
  readonly service: string;
  setLoad(load: number | undefined): void;
  /**
   * `down`: it gets work only when no instance is up; `warning`: less than others. `note` is for people on this host. One
   * that changes again and again is held down for a while (`FlapDamping`).
   */
  setState(state: WorkingState, note?: string): void;
  /** The program lives, and this is how it is; the worse of this and of `setState` counts. */
  heartbeat(state: WorkingState, note: string): void;
  /** Takes no new work at once; resolves when work in hand has ended or after `graceMs`. */
  withdraw(graceMs: number): Promise<void>;
}

/** One on this node. */
export interface HostedProvision extends Provision {
  health(): ProvisionHealth;
}
