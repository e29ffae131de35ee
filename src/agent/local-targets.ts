import type { CheckState } from '../api/check-state.ts';
import { provideOptionsOf } from '../api/provide-options-of.ts';
import type { HostedProvision, ProvisionHealth } from '../delivery/provider.ts';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { servicesMax } from '../protocol/limits.ts';
import type { ServiceState } from '../protocol/service-entry.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Random } from '../runtime/random.ts';
import type { ServedTarget } from './agent-config.ts';
import type { CheckStanding } from './checks/running-check.ts';
import { type TargetHealth, targetHealth } from './checks/target-health.ts';
import type { HttpTargetOptions } from './http-target.ts';
import { programTarget } from './program-target.ts';

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
  readonly state: ServiceState;
}

/** A target with how it is, for people on this host. */
export interface LocalTargetHealth {
  readonly by: 'config' | 'program';
  readonly provision: ProvisionHealth;
  readonly checks: readonly CheckStanding[];
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
  health(): readonly LocalTargetHealth[];
  /** The program says how it is. Throws FogataError `invalid` where there is none, or none whose check waits for it. */
  heartbeat(service: string, state: CheckState, text: string): void;
  /** The program says how busy it is, 0 to 1. Throws FogataError `invalid` where there is none. */
  setLoad(service: string, load: number): void;
  /** Stops all checks; the node withdraws the services itself when it stops. */
  close(): void;
}

interface Entry {
  readonly target: ServedTarget;
  readonly terms: TargetTerms;
  readonly provision: HostedProvision;
  readonly health: TargetHealth;
  expiry: Timer | undefined;
  withdraw(): Promise<void>;
  close(): void;
}

export interface LocalTargetsOptions {
  readonly node: FogataNode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export function createLocalTargets(options: LocalTargetsOptions): LocalTargets {
  const { clock } = options;
  const entries = new Map<string, Entry>();

  function refuseConfigured(service: string): void {
    if (entries.get(service)?.terms.by !== 'config') return;
    throw new FogataError('not-allowed', `"${service}" stands in the agent's configuration: change it there`);
  }

  function known(service: string): Entry {
    const entry = entries.get(service);
    if (entry !== undefined) return entry;
    throw new FogataError('invalid', `no program is registered as ${JSON.stringify(service)}`);
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
      const entry = serve(options, target, terms);
      entries.set(target.service, entry);
      renew(entry, terms.ttlMs);
      // The new one is there before the old one goes, so the service is never missing.
      if (former !== undefined) void drop(former);
    },
    async remove(service) {
      refuseConfigured(service);
      await drop(known(service));
    },
    list: () =>
      [...entries.values()].map(({ target, terms, provision }) => {
        return { ...target, by: terms.by, state: provision.health().state };
      }),
    health: () =>
      [...entries.values()].map(({ terms, provision, health }) => {
        return { by: terms.by, provision: provision.health(), checks: health.standings() };
      }),
    heartbeat: (service, state, text) => known(service).health.heartbeat(state, text),
    setLoad: (service, load) => known(service).provision.setLoad(load),
    close() {
      for (const entry of entries.values()) {
        entry.expiry?.cancel();
        entry.close();
      }
    },
  };
}

function isSame(entry: Entry, target: ServedTarget, terms: TargetTerms): boolean {
  const facts = (one: ServedTarget, deliverTo: string): string => {
    const labels = Object.entries(one.labels).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([one.url, one.weight, labels, one.checks, deliverTo]);
  };
  return facts(entry.target, entry.terms.deliverTo) === facts(target, terms.deliverTo);
}

/** Down until its checks have passed. */
function serve({ node, clock, random, log }: LocalTargetsOptions, target: ServedTarget, terms: TargetTerms): Entry {
  const { service } = target;
  const { provider, location, kinds, inFlightMax } = programTarget(target.url, {
    deliverTo: terms.deliverTo,
    onLoad: (load) => provision.setLoad(load),
    onRefused: () => health.refused(location.port),
  });
  const bound = inFlightMax === undefined ? {} : { inFlightMax };
  const provision = node.provide(service, provider, {
    ...provideOptionsOf({ weight: target.weight, labels: target.labels, ...bound }, kinds),
    state: 'down',
    endpoint: location.endpoint,
  });
  const health = targetHealth({
    clock,
    random,
    checks: target.checks,
    setState(state, note) {
      const before = provision.health().state;
      provision.setState(state, note);
      const { state: shown, heldMs } = provision.health();
      if (shown === before) return;
      const held = heldMs === undefined ? {} : { heldMs };
      const said = note === '' ? {} : { note };
      const level = shown === 'up' ? 'info' : 'warn';
      log[level]('a program is found to be in another state', { service, state: shown, ...said, ...held });
    },
  });
  return {
    target,
    terms,
    provision,
    health,
    expiry: undefined,
    async withdraw() {
      health.stop();
      await provision.withdraw(withdrawGraceMs);
      provider.close();
    },
    close() {
      health.stop();
      provider.close();
    },
  };
}
