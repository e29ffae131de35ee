import type { ServiceKinds, ServiceState } from '../protocol/service-entry.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { HostedProvision, ProvideOptions, Provider, ProvisionHealth } from './provider.ts';
import { ProviderWord } from './provider-word.ts';

/** One provider with what it has in hand. */
export interface ProvisionState {
  readonly service: string;
  readonly provider: Provider;
  readonly options: ProvideOptions;
  readonly state: ServiceState;
  load: number | undefined;
  inFlight: number;
  /** Called when the work in hand has ended. */
  readonly onIdle: Set<() => void>;
}

/** All providers of one service on this node: to the outside, one instance. */
export interface ServiceSummary {
  readonly service: string;
  readonly state: ServiceState;
  readonly kinds: ServiceKinds;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the best provider that has one. */
  readonly endpoint: SocketAddress | undefined;
  /** The least loaded provider's; undefined when none says. */
  readonly load: number | undefined;
  readonly inFlight: number;
}

/** What an operator has said of a service on this node, whoever provides it. */
export interface ServiceRule {
  /** Work in hand ends, and nothing new comes. */
  readonly drained: boolean;
  /** In place of the providers' own; undefined: theirs. */
  readonly weight: number | undefined;
}

/** What is served on this node. */
export interface Provisions {
  /** Throws what `onChange` throws, and nothing has changed then. */
  provide(service: string, provider: Provider, options: ProvideOptions): HostedProvision;
  /** The least busy provider that is up and has room, else one that warns, is down, or drains; undefined when there is none. */
  pick(service: string, kind: keyof ServiceKinds): ProvisionState | undefined;
  /** One piece of work has ended. */
  release(provision: ProvisionState): void;
  summaries(): ServiceSummary[];
  health(): ProvisionHealth[];
  /** What replies say: the service's own load, else its host's. */
  loadOf(service: string): number | undefined;
  /** Also for providers to come; undefined: no rule any more. */
  setRule(service: string, rule: ServiceRule | undefined): void;
  /** Withdraws everything. */
  withdrawAll(graceMs: number): Promise<void>;
}

interface Kept extends ProvisionState {
  state: ServiceState;
  isLeaving: boolean;
  readonly word: ProviderWord;
}

/** `onChange` is called when what the directory should say has changed; `onLoad` when only a load has. */
export function createProvisions(
  clock: Clock,
  onChange: () => void,
  onLoad: () => void,
  hostLoad: () => number | undefined = () => undefined,
): Provisions {
  const byService = new Map<string, readonly Kept[]>();
  const rules = new Map<string, ServiceRule>();
  /** Messages of one service mostly follow each other. */
  let lastService = '';
  let lastList: readonly Kept[] | undefined;

  function listOf(service: string): readonly Kept[] | undefined {
    if (service !== lastService) {
      lastService = service;
      lastList = byService.get(service);
    }
    return lastList;
  }

  function setList(service: string, list: readonly Kept[]): void {
    if (list.length === 0) byService.delete(service);
    else byService.set(service, list);
    lastService = '';
    lastList = undefined;
  }

  function review(kept: Kept): void {
    const isDrained = kept.isLeaving || rules.get(kept.service)?.drained === true;
    kept.state = isDrained ? 'draining' : kept.word.state;
  }

  function remove(kept: Kept): void {
    const list = byService.get(kept.service);
    if (list === undefined) return;
    const rest = list.filter((other) => other !== kept);
    if (rest.length === list.length) return;
    setList(kept.service, rest);
    kept.word.stop();
    onChange();
  }

  function withdraw(kept: Kept, graceMs: number): Promise<void> {
    if (!kept.isLeaving) {
      kept.isLeaving = true;
      kept.word.stop();
      review(kept);
      onChange();
    }
    if (kept.inFlight === 0 || graceMs <= 0) {
      remove(kept);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        kept.onIdle.delete(done);
        remove(kept);
        resolve();
      };
      const timer = clock.schedule(graceMs, done);
      kept.onIdle.add(done);
    });
  }

  function provide(service: string, provider: Provider, options: ProvideOptions): HostedProvision {
    const word = new ProviderWord({
      clock,
      initial: options.state ?? 'up',
      heartbeatWithinMs: options.heartbeatWithinMs,
      onChange() {
        if (kept.isLeaving) return;
        review(kept);
        onChange();
      },
    });
    const shared = { service, provider, options, word, onIdle: new Set<() => void>() };
    const kept: Kept = { ...shared, state: 'up', isLeaving: false, load: undefined, inFlight: 0 };
    review(kept);
    setList(service, [...(byService.get(service) ?? []), kept]);
    try {
      onChange();
    } catch (error) {
      // What the directory cannot say is not served.
      remove(kept);
      throw error;
    }
    return {
      service,
      setLoad(load) {
        if (load === kept.load) return;
        kept.load = load;
        onLoad();
      },
      setState(state, note = '') {
        if (!kept.isLeaving) word.setState(state, note);
      },
      heartbeat(state, note) {
        if (!kept.isLeaving) word.heartbeat(state, note);
      },
      health: () => healthOf(kept),
      withdraw: (graceMs) => withdraw(kept, graceMs),
    };
  }

  return {
    provide,
    pick(service, kind) {
      let best: ProvisionState | undefined;
      for (const kept of listOf(service) ?? []) {
        if (!kept.options.kinds[kind]) continue;
        if (best === undefined || rankOf(kept) < rankOf(best)) best = kept;
      }
      return best;
    },
    release(provision) {
      provision.inFlight -= 1;
      if (provision.inFlight > 0 || provision.onIdle.size === 0) return;
      for (const done of provision.onIdle) done();
    },
    summaries: () =>
      [...byService]
        .filter(([, list]) => list[0]?.options.isUnlisted !== true)
        .map(([service, list]) => summaryOf(service, list, rules.get(service)?.weight)),
    health: () =>
      [...byService.values()]
        .flat()
        .filter(({ options }) => options.isUnlisted !== true)
        .map(healthOf),
    loadOf(service) {
      const list = listOf(service);
      return list === undefined ? undefined : (leastLoad(list) ?? hostLoad());
    },
    setRule(service, rule) {
      if (rule === undefined) rules.delete(service);
      else rules.set(service, rule);
      const list = byService.get(service) ?? [];
      for (const kept of list) review(kept);
      if (list.length > 0) onChange();
    },
    async withdrawAll(graceMs) {
      const all = [...byService.values()].flat();
      await Promise.all(all.map((kept) => withdraw(kept, graceMs)));
    },
  };
}

const stateRank = { up: 0, warning: 1, down: 2, draining: 3 } as const;

/** State first, then whether there is room, then work in hand. */
function rankOf(provision: ProvisionState): number {
  const isFull = provision.inFlight >= provision.options.inFlightMax;
  return stateRank[provision.state] * 2e6 + (isFull ? 1e6 : 0) + provision.inFlight;
}

function healthOf({ service, provider, state, word, inFlight }: Kept): ProvisionHealth {
  return { service, provider, state, inFlight, ...word.health() };
}

function leastLoad(list: readonly ProvisionState[]): number | undefined {
  let least: number | undefined;
  for (const { load } of list) if (load !== undefined && (least === undefined || load < least)) least = load;
  return least;
}

function summaryOf(service: string, list: readonly ProvisionState[], ruledWeight: number | undefined): ServiceSummary {
  let best = list[0] as ProvisionState;
  let placed: ProvisionState | undefined;
  let weight = 0;
  let inFlight = 0;
  let messages = false;
  let http = false;
  let streams = false;
  for (const provision of list) {
    if (stateRank[provision.state] < stateRank[best.state]) best = provision;
    const isBetter = placed === undefined || stateRank[provision.state] < stateRank[placed.state];
    if (provision.options.endpoint !== undefined && isBetter) placed = provision;
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
    weight: ruledWeight ?? Math.min(weight, 65_535),
    labels: best.options.labels,
    endpoint: placed?.options.endpoint,
    load: leastLoad(list),
    inFlight,
  };
}
