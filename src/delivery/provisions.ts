import type { ServiceKinds } from '../protocol/service-entry.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ProvideOptions, Provider, Provision } from './provider.ts';

/** One provider with what it has in hand. */
export interface ProvisionState {
  readonly service: string;
  readonly provider: Provider;
  readonly options: ProvideOptions;
  state: 'up' | 'down' | 'draining';
  load: number | undefined;
  inFlight: number;
  /** Called when the work in hand has ended. */
  readonly onIdle: Set<() => void>;
}

/** All providers of one service on this node: to the outside, one instance. */
export interface ServiceSummary {
  readonly service: string;
  readonly state: 'up' | 'down' | 'draining';
  readonly kinds: ServiceKinds;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The least loaded provider's; undefined when none says. */
  readonly load: number | undefined;
  readonly inFlight: number;
}

/** What is served on this node. */
export interface Provisions {
  /** Throws what `onChange` throws, and nothing has changed then. */
  provide(service: string, provider: Provider, options: ProvideOptions): Provision;
  /** The least busy provider that is up and has room, else one that is up, down, or drains; undefined when there is none. */
  pick(service: string, kind: keyof ServiceKinds): ProvisionState | undefined;
  /** One piece of work has ended. */
  release(provision: ProvisionState): void;
  summaries(): ServiceSummary[];
  loadOf(service: string): number | undefined;
  /** Withdraws everything. */
  withdrawAll(graceMs: number): Promise<void>;
}

/** `onChange` is called when what the directory should say has changed; `onLoad` when only a load has. */
export function createProvisions(clock: Clock, onChange: () => void, onLoad: () => void): Provisions {
  const byService = new Map<string, ProvisionState[]>();

  function remove(provision: ProvisionState): void {
    const list = byService.get(provision.service);
    if (list === undefined) return;
    const rest = list.filter((other) => other !== provision);
    if (rest.length === list.length) return;
    if (rest.length === 0) byService.delete(provision.service);
    else byService.set(provision.service, rest);
    onChange();
  }

  function withdraw(provision: ProvisionState, graceMs: number): Promise<void> {
    if (provision.state !== 'draining') {
      provision.state = 'draining';
      onChange();
    }
    if (provision.inFlight === 0 || graceMs <= 0) {
      remove(provision);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        provision.onIdle.delete(done);
        remove(provision);
        resolve();
      };
      const timer = clock.schedule(graceMs, done);
      provision.onIdle.add(done);
    });
  }

  function provide(service: string, provider: Provider, options: ProvideOptions): Provision {
    const provision: ProvisionState = {
      service,
      provider,
      options,
      state: 'up',
      load: undefined,
      inFlight: 0,
      onIdle: new Set(),
    };
    byService.set(service, [...(byService.get(service) ?? []), provision]);
    try {
      onChange();
    } catch (error) {
      // What the directory cannot say is not served.
      remove(provision);
      throw error;
    }
    return {
      service,
      setLoad(load) {
        if (load === provision.load) return;
        provision.load = load;
        onLoad();
      },
      setState(state) {
        if (provision.state === 'draining' || provision.state === state) return;
        provision.state = state;
        onChange();
      },
      withdraw: (graceMs) => withdraw(provision, graceMs),
    };
  }

  return {
    provide,
    pick(service, kind) {
      let best: ProvisionState | undefined;
      for (const provision of byService.get(service) ?? []) {
        if (!provision.options.kinds[kind]) continue;
        if (best === undefined || rankOf(provision) < rankOf(best)) best = provision;
      }
      return best;
    },
    release(provision) {
      provision.inFlight -= 1;
      if (provision.inFlight > 0) return;
      for (const done of provision.onIdle) done();
    },
    summaries: () => [...byService.entries()].map(([service, list]) => summaryOf(service, list)),
    loadOf(service) {
      const list = byService.get(service);
      return list === undefined ? undefined : leastLoad(list);
    },
    async withdrawAll(graceMs) {
      const all = [...byService.values()].flat();
      await Promise.all(all.map((provision) => withdraw(provision, graceMs)));
    },
  };
}

const stateRank = { up: 0, down: 1, draining: 2 } as const;

/** State first, then whether there is room, then work in hand. */
function rankOf(provision: ProvisionState): number {
  const isFull = provision.inFlight >= provision.options.inFlightMax;
  return stateRank[provision.state] * 2e6 + (isFull ? 1e6 : 0) + provision.inFlight;
}

function leastLoad(list: readonly ProvisionState[]): number | undefined {
  let least: number | undefined;
  for (const { load } of list) if (load !== undefined && (least === undefined || load < least)) least = load;
  return least;
}

function summaryOf(service: string, list: readonly ProvisionState[]): ServiceSummary {
  let best = list[0] as ProvisionState;
  let weight = 0;
  let inFlight = 0;
  let messages = false;
  let http = false;
  let streams = false;
  for (const provision of list) {
    if (stateRank[provision.state] < stateRank[best.state]) best = provision;
    weight += provision.options.weight;
    inFlight += provision.inFlight;
    messages ||= provision.options.kinds.messages;
    http ||= provision.options.kinds.http;
    streams ||= provision.options.kinds.streams;
  }
  return {
    service,
    state: best.state,
    kinds: { messages, http, streams },
    weight: Math.min(weight, 65_535),
    labels: best.options.labels,
    load: leastLoad(list),
    inFlight,
  };
}
