import type { FogataNode } from '../node/node.ts';
import type { VirtualNode } from './virtual-node.ts';

interface Live {
  readonly virtual: VirtualNode;
  readonly node: FogataNode;
}

/**
 * Degraded counts as alive: a node that was frozen calls itself so for twice as long [M15], and who came and went is shown
 * so until it has been steady for a while [M16], each by its own watch. `checkSteady` is for when that time has passed.
 *
 * How the views of the live nodes differ from the truth and from each other, one line each; empty once they have converged.
 * Every live node is alive for all, nobody else is there for anyone, and all hold the same records.
 */
export function checkViews(nodes: readonly VirtualNode[], linesMax = 20): string[] {
  const live = nodes.flatMap((virtual): Live[] => {
    return virtual.node === undefined ? [] : [{ virtual, node: virtual.node }];
  });
  const found: string[] = [];
  const ids = new Map(live.map(({ virtual, node }) => [node.id as string, virtual.name]));
  const services = servicesSaid(live);
  for (const one of live) {
    found.push(...checkMembers(one, ids), ...checkServices(one, services));
    if (found.length >= linesMax) break;
  }
  return found.length > 0 ? found : checkDigests(live);
}

/** Who is still degraded for whom, one line each. */
export function checkSteady(nodes: readonly VirtualNode[]): string[] {
  const found: string[] = [];
  for (const virtual of nodes) {
    for (const { name, state } of virtual.node?.nodesView().nodes ?? []) {
      if (state === 'degraded') found.push(`${virtual.name} sees ${name} as degraded`);
    }
  }
  return found;
}

function checkMembers({ virtual, node }: Live, ids: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const { id, name, state } of node.nodesView().nodes) {
    seen.add(id);
    const there = ids.has(id);
    if (there && state !== 'alive' && state !== 'degraded')
      found.push(`${virtual.name} sees ${name} (${id}), who is alive, as ${state}`);
    if (!there && state !== 'dead' && state !== 'left') {
      found.push(`${virtual.name} sees ${name} (${id}), who is gone, as ${state}`);
    }
  }
  for (const [id, name] of ids) if (!seen.has(id)) found.push(`${virtual.name} does not know ${name} (${id})`);
  return found;
}

/** What all live nodes say of themselves. */
function servicesSaid(live: readonly Live[]): ReadonlyMap<string, string> {
  const said = new Map<string, string>();
  for (const { virtual, node } of live) {
    for (const [key, value] of servicesHeld(node)) if (key.endsWith(`@${virtual.name}`)) said.set(key, value);
  }
  return said;
}

function servicesHeld(node: FogataNode): Map<string, string> {
  const held = new Map<string, string>();
  for (const { name, instances } of node.servicesView().services) {
    for (const { node: at, state, weight, labels } of instances) {
      const key = `${name}@${at}`;
      const own = state === 'degraded' ? 'up' : state;
      held.set(held.has(key) ? `second ${key}` : key, `${own} ${weight} ${JSON.stringify(labels)}`);
    }
  }
  return held;
}

function checkServices({ virtual, node }: Live, said: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const held = servicesHeld(node);
  for (const [key, value] of said) {
    if (held.get(key) !== value)
      found.push(`${virtual.name} holds ${key} as ${held.get(key) ?? 'nothing'}, not ${value}`);
  }
  for (const key of held.keys()) if (!said.has(key)) found.push(`${virtual.name} holds ${key}, which nobody serves`);
  return found;
}

/** Covers what views do not show: incarnations and versions of records. */
function checkDigests(live: readonly Live[]): string[] {
  const digests = new Map<string, string[]>();
  for (const { virtual, node } of live) {
    const digest = node.status().viewDigest;
    digests.set(digest, [...(digests.get(digest) ?? []), virtual.name]);
  }
  if (digests.size <= 1) return [];
  return [...digests].map(([digest, names]) => `view ${digest}: ${names.join(' ')}`);
}
