import { provideOptionsOf } from '../api/provide-options-of.ts';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { servicesMax } from '../protocol/limits.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { ServedTarget } from './agent-config.ts';
import { type HttpTargetOptions, httpTarget } from './http-target.ts';
import { targetCheck } from './target-check.ts';
import { targetLocation } from './target-location.ts';
import { tcpProbe } from './tcp-probe.ts';

/** How long work in hand may go on after a target is taken out. */
const withdrawGraceMs = 2_000;

export interface TargetTerms {
  /** `config`: it stays until the agent ends; `program`: whoever registered it may remove it. */
  readonly by: 'config' | 'program';
  /** Undefined: until it is removed. Else it is to be registered again within this time. */
  readonly ttlMs: number | undefined;
  readonly deliverTo: HttpTargetOptions['deliverTo'];
}

export interface LocalTargetView extends ServedTarget {
  readonly by: 'config' | 'program';
  readonly state: 'up' | 'down';
}

/** The plain HTTP programs of this host that are instances of services. */
export interface LocalTargets {
  /**
   * Adds a target; one of the same service takes the place of the former. Throws FogataError: `not-allowed` where the
   * configuration has one, `busy` when there are too many.
   */
  add(target: ServedTarget, terms: TargetTerms): void;
  /** Resolves when work in hand has ended. Throws FogataError: `invalid` when there is none, `not-allowed` as `add`. */
  remove(service: string): Promise<void>;
  list(): readonly LocalTargetView[];
  /** Stops all checks; the node withdraws the services itself when it stops. */
  close(): void;
}

interface Entry {
  readonly target: ServedTarget;
  readonly terms: TargetTerms;
  state: 'up' | 'down';
  expiry: Timer | undefined;
  withdraw(): Promise<void>;
  close(): void;
}

export function createLocalTargets(node: FogataNode, clock: Clock): LocalTargets {
  const entries = new Map<string, Entry>();

  function refuseConfigured(service: string): void {
    if (entries.get(service)?.terms.by !== 'config') return;
    throw new FogataError('not-allowed', `"${service}" stands in the agent's configuration: change it there`);
  }

  function renew(entry: Entry, ttlMs: number | undefined): void {
    entry.expiry?.cancel();
    entry.expiry = ttlMs === undefined ? undefined : clock.schedule(ttlMs, () => void drop(entry));
  }

  async function drop(entry: Entry): Promise<void> {
    const { service } = entry.target;
    if (entries.get(service) === entry) entries.delete(service);
    entry.expiry?.cancel();
    await entry.withdraw();
  }

  return {
    add(target, terms) {
      refuseConfigured(target.service);
      const former = entries.get(target.service);
      if (former !== undefined && isSame(former, target, terms)) {
        renew(former, terms.ttlMs);
        return;
      }
      if (former === undefined && entries.size >= servicesMax) {
        throw new FogataError('busy', `an agent serves at most ${servicesMax} programs`);
      }
      const entry = serve(node, clock, target, terms);
      entries.set(target.service, entry);
      renew(entry, terms.ttlMs);
      // The new one is there before the old one goes, so the service is never missing.
      if (former !== undefined) void drop(former);
    },
    async remove(service) {
      refuseConfigured(service);
      const entry = entries.get(service);
      if (entry === undefined)
        throw new FogataError('invalid', `no program is registered as ${JSON.stringify(service)}`);
      await drop(entry);
    },
    list: () => [...entries.values()].map(({ target, terms, state }) => ({ ...target, by: terms.by, state })),
    close() {
      for (const entry of entries.values()) {
        entry.expiry?.cancel();
        entry.close();
      }
    },
  };
}

function isSame(entry: Entry, target: ServedTarget, terms: TargetTerms): boolean {
  const facts = (one: ServedTarget, deliverTo: string): string =>
    JSON.stringify([one.url, one.weight, Object.entries(one.labels).sort(([a], [b]) => (a < b ? -1 : 1)), deliverTo]);
  return facts(entry.target, entry.terms.deliverTo) === facts(target, terms.deliverTo);
}

/** Down until somebody is seen to listen there. */
function serve(node: FogataNode, clock: Clock, target: ServedTarget, terms: TargetTerms): Entry {
  const location = targetLocation(target.url);
  const provider = httpTarget({
    location,
    deliverTo: terms.deliverTo,
    onLoad: (load) => provision.setLoad(load),
    onRefused: () => check.refused(),
  });
  const provision = node.provide(target.service, provider, {
    ...provideOptionsOf({ weight: target.weight, labels: target.labels }),
    kinds: { messages: true, http: true, streams: false },
  });
  provision.setState('down');
  const entry: Entry = {
    target,
    terms,
    state: 'down',
    expiry: undefined,
    async withdraw() {
      check.stop();
      await provision.withdraw(withdrawGraceMs);
      provider.close();
    },
    close() {
      check.stop();
      provider.close();
    },
  };
  const check = targetCheck({
    clock,
    probe: tcpProbe(location.host, location.port),
    setState(state) {
      entry.state = state;
      provision.setState(state);
    },
  });
  return entry;
}
