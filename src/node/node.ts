import type { MeshEvent } from '../api/mesh-event.ts';
import type { ResolveView } from '../api/resolve-view.ts';
import type { InstanceView, NodesView, Posture, ServicesView } from '../api/views.ts';
import type { ChoiceWish, WorkKind } from '../delivery/chooser.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { OpenedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import type { HostedProvision, ProvideOptions, Provider, ProvisionHealth } from '../delivery/provider.ts';
import type { ServiceRule, ServiceSummary } from '../delivery/provisions.ts';
import type { PublishSettlement } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { DiscoveryStatus } from '../discovery/discovery-status.ts';
import type { Address } from '../protocol/address.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { LoadTerm } from '../runtime/host-load.ts';
import type { Strategy } from '../selection/strategy.ts';
import type { NameTable } from './name-table.ts';
import type { NodeKeyring } from './node-keyring.ts';

/** A stream to be opened to an instance. */
export interface OpenRequest extends ProgramOpen {
  /** Node names already tried for this work: not chosen again while another is there. */
  readonly avoid: readonly string[];
  readonly wish?: ChoiceWish | undefined;
  /** The opener writes nothing: the stream is ended on its side as it is opened. */
  readonly isEnded?: boolean | undefined;
}

/** The stream, and the instance that was chosen for it. */
export type OpenResult =
  | {
      readonly ok: true;
      readonly stream: OpenedStream;
      readonly instance: { readonly service: string; readonly node: string };
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

export interface NodeStatus {
  readonly id: NodeId;
  readonly name: string;
  readonly cluster: string;
  readonly incarnation: number;
  readonly posture: Posture;
  readonly port: number;
  readonly uptimeMs: number;
  readonly links: number;
  readonly exchangesInFlight: number;
  readonly streamsOpen: number;
  /** [M9] as 8 hexadecimal digits: equal for nodes that agree on who is there and on whose record is the newest. */
  readonly viewDigest: string;
  /** Counters by name, growing only. */
  readonly counters: Readonly<Record<string, number>>;
  /** How busy this host is: 0 to 1, null when not known yet, and what it is made of. */
  readonly load: { readonly host: number | null; readonly terms: readonly LoadTerm[] };
  /** What looking for others has met. */
  readonly discovery: DiscoveryStatus;
}

/** A running node: the one place where machines meet ports. Callback style; `Mesh` wraps it in promises. */
export interface FogataNode {
  readonly id: NodeId;
  readonly name: string;
  readonly cluster: string;
  readonly posture: Posture;
  /** `undefined` without a key. */
  readonly keys: NodeKeyring | undefined;
  readonly local: SocketAddress;

  /** Carries a message to one instance; tells the settlement exactly once. Returns how to give up (`refused(cancelled)`). */
  exchange(request: ExchangeRequest, settle: (settlement: Settlement) => void): () => void;
  /** Carries a message to every instance of `to.service` (`to.node` is ignored). */
  publish(request: ExchangeRequest, settle: (settlement: PublishSettlement) => void): () => void;
  /** One attempt: choosing again after a reset is the caller's, who alone knows whether that is safe. */
  open(request: OpenRequest, events: StreamEvents): OpenResult;
  provide(service: string, provider: Provider, options: ProvideOptions): HostedProvision;
  /**
   * Asks the agent of one node, by its name or id, about itself. Settles as `exchange` does: `no-instance` where the node is no
   * agent's. Throws FogataError `not-found` where no node is called so, `invalid` where several are.
   */
  askAgent(node: string, request: Omit<ExchangeRequest, 'to'>, settle: (settlement: Settlement) => void): () => void;
  /** What this node tells of its own services. */
  served(): readonly ServiceSummary[];
  /** Every provider of this node, for people on its host. */
  health(): readonly ProvisionHealth[];
  /** For providers of the service that are there and that come; undefined: none any more. */
  setRule(service: string, rule: ServiceRule | undefined): void;

  /** A snapshot at once, then changes. Returns how to stop. */
  watch(listener: (event: MeshEvent) => void): () => void;
  nodesView(): NodesView;
  servicesView(): ServicesView;
  /** What stands behind the names of services and nodes. */
  readonly names: NameTable;
  /** Instances of one service, best first. */
  resolve(service: string): readonly InstanceView[];
  /** Where calls to `to` would go now, and why. Changes nothing. */
  explain(to: Address, wish: ChoiceWish | undefined): ResolveView;
  /** Strategies by service, for calls from here that name none. */
  setStrategies(strategies: ReadonlyMap<string, Strategy>): void;
  /**
   * Whether work that failed at these nodes may be tried again at another: there is one that is well, and the service's retry
   * budget pays for it. `tried` undefined: at whichever, only the budget counts.
   */
  mayTryElsewhere(to: Address, kind: WorkKind, tried: readonly string[] | undefined): boolean;
  status(): NodeStatus;

  /** Withdraws everything, lets work in hand end within `graceMs`, says goodbye, closes. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
}
