import type { ChoiceWish } from '../delivery/chooser.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import type { ProvideOptions, Provider, Provision } from '../delivery/provider.ts';
import type { PublishSettlement } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { Address } from '../protocol/address.ts';
import type { MeshEvent } from './mesh-event.ts';
import type { ResolveView } from './resolve-view.ts';
import type { NodesView, ServicesView } from './views.ts';

/** What a `Mesh` stands on: a node in this process, or a link to the host's agent. Given only what was checked. */
export interface MeshPort {
  readonly self: { readonly id: string; readonly name: string; readonly cluster: string };

  /** Tells the settlement exactly once, also after `stop`. Returns how to give up. */
  exchange(request: ExchangeRequest, settle: (settlement: Settlement) => void): () => void;
  publish(request: ExchangeRequest, settle: (settled: PublishSettlement) => void): () => void;
  /** Tries elsewhere until a program is reached. Exactly one `onFinish` or `onReset`, which may be told within this call. */
  open(request: ProgramOpen, events: StreamEvents): MeshStream;
  /** Rejects with FogataError. */
  provide(service: string, provider: Provider, options: ProvideOptions): Promise<Provision>;
  /** A snapshot, `ready`, then changes. Returns how to stop. */
  watch(listener: (event: MeshEvent) => void): () => void;
  nodes(): Promise<NodesView>;
  services(): Promise<ServicesView>;
  resolve(to: Address, wish: ChoiceWish | undefined): Promise<ResolveView>;

  /** Withdraws everything, lets work in hand end within `graceMs`, settles what is in flight, closes. */
  stop(graceMs: number): Promise<void>;
}
