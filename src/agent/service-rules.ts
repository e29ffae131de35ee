import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { servicesMax } from '../protocol/limits.ts';
import { isName } from '../protocol/names.ts';
import type { ServiceState } from '../protocol/service-entry.ts';
import type { Log } from '../runtime/log.ts';
import type { Storage } from '../runtime/storage.ts';

/** What an operator wants of the instance of a service on one node; what is left out stays. */
export interface RuleChange {
  /** Work in hand ends, nothing new comes. */
  readonly drained?: boolean | undefined;
  /** 0 to `ruledWeightMax`; null: the program's own again. */
  readonly weight?: number | null | undefined;
}

/** How the instance of a service on this node stands. */
export interface RuleReport {
  readonly service: string;
  readonly node: string;
  /** Null while nobody serves it here. */
  readonly state: ServiceState | null;
  readonly drained: boolean;
  readonly weight: number | null;
  /** Exchanges and streams it has in hand: drained and 0 is done. */
  readonly inFlight: number;
}

/** What operators have said of services on this host. It outlives agent and programs, until it is taken back. */
export interface ServiceRules {
  report(service: string): RuleReport;
  /** Resolves once it is on the disk. Throws FogataError `no-instance` for a service that is not here. */
  change(service: string, change: RuleChange): Promise<RuleReport>;
}

/** Ten times the usual, as a program may say itself. */
export const ruledWeightMax = 1_000;

type Rule = { readonly drained: boolean; readonly weight: number | undefined };

const storageKey = 'service-rules.json';
const plain: Rule = { drained: false, weight: undefined };

/** To be opened before anything is served: who was drained stays so over a restart. Rejects with what the disk says. */
export async function openServiceRules(tools: {
  readonly node: FogataNode;
  readonly storage: Storage;
  readonly log: Log;
}): Promise<ServiceRules> {
  const { node, storage, log } = tools;
  const rules = parseRules(await storage.read(storageKey));
  for (const [service, rule] of rules) {
    node.setRule(service, rule);
    log.warn('an operator has changed how a service takes work on this host', { service, ...rule });
  }

  function report(service: string): RuleReport {
    const summary = node.served().find((each) => each.service === service);
    const rule = rules.get(service) ?? plain;
    const { state = null, weight = rule.weight ?? null, inFlight = 0 } = summary ?? {};
    return { service, node: node.name, state, drained: rule.drained, weight, inFlight };
  }

  return {
    report,
    async change(service, change) {
      if (!rules.has(service) && !node.served().some((each) => each.service === service)) {
        throw new FogataError('no-instance', `${node.name} does not serve ${service}`);
      }
      const before = rules.get(service) ?? plain;
      const weight = change.weight === undefined ? before.weight : (change.weight ?? undefined);
      const rule: Rule = { drained: change.drained ?? before.drained, weight };
      const isPlain = !rule.drained && rule.weight === undefined;
      if (!isPlain && !rules.has(service) && rules.size >= servicesMax) {
        throw new FogataError('too-large', `at most ${servicesMax} services of a host have rules`);
      }
      if (isPlain) rules.delete(service);
      else rules.set(service, rule);
      node.setRule(service, isPlain ? undefined : rule);
      log.info('an operator changes how a service takes work on this host', { service, ...rule });
      await storage.write(storageKey, new TextEncoder().encode(JSON.stringify(Object.fromEntries(rules))));
      return report(service);
    },
  };
}

/** What cannot be read is left out: a rule that is lost is better than an agent that does not start. */
function parseRules(bytes: Uint8Array | undefined): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  for (const [service, given] of Object.entries(jsonOf(bytes))) {
    if (!isName(service) || typeof given !== 'object' || given === null) continue;
    const weight: unknown = Reflect.get(given, 'weight');
    const drained = Reflect.get(given, 'drained') === true;
    if (rules.size < servicesMax) rules.set(service, { drained, weight: isRuledWeight(weight) ? weight : undefined });
  }
  return rules;
}

function isRuledWeight(weight: unknown): weight is number {
  return typeof weight === 'number' && Number.isInteger(weight) && weight >= 0 && weight <= ruledWeightMax;
}

function jsonOf(bytes: Uint8Array | undefined): object {
  if (bytes === undefined) return {};
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}
