import type { InstancePlace, NameTable } from '../../node/name-table.ts';

/** What a name of the zone is. `empty`: there is nothing but names below it, which is not the same as no name (RFC 8020). */
export type FoundName =
  | { readonly kind: 'apex' | 'empty' }
  | { readonly kind: 'service'; readonly service: string; readonly places: readonly InstancePlace[] }
  /** `_crm._tcp`, `_http._tcp.crm`: SRV alone. */
  | { readonly kind: 'pointers'; readonly service: string; readonly places: readonly InstancePlace[] }
  | { readonly kind: 'instance'; readonly service: string; readonly place: InstancePlace }
  | { readonly kind: 'node'; readonly addresses: readonly string[] };

const transport = '_tcp';
const nodes = 'node';
const empty: FoundName = { kind: 'empty' };

/**
 * `labels` stand before the zone. A service's name may have dots, so a name is looked up whole before it is taken apart:
 * `SERVICE`, `_SERVICE._tcp`, `_http._tcp.SERVICE`, `NODE.node`, `SERVICE.NODE.node`. What ends in `.node` is of a node.
 */
export function findName(labels: readonly string[], names: NameTable): FoundName | undefined {
  if (labels.length === 0) return { kind: 'apex' };
  if (labels[0]?.startsWith('_') === true) return findPointers(labels, names);
  if (labels.length > 1 && labels.at(-1) === nodes) return findOnNode(labels.slice(0, -1), names);
  const service = labels.join('.');
  const places = names.places(service);
  if (places.length > 0) return { kind: 'service', service, places };
  if (service === nodes || hasNamesBelow(service, names.services())) return empty;
  return undefined;
}

function findPointers(labels: readonly string[], names: NameTable): FoundName | undefined {
  const at = labels.indexOf(transport);
  if (at < 0) return undefined;
  const after = labels.slice(at + 1).join('.');
  const before = labels.slice(0, at).join('.').slice(1);
  if (after === '') {
    if (before === '') return empty;
    const places = names.places(before);
    return places.length > 0 ? { kind: 'pointers', service: before, places } : undefined;
  }
  const places = names.places(after).filter(({ http }) => http);
  if (places.length === 0) return undefined;
  if (before === '') return empty;
  return before === 'http' ? { kind: 'pointers', service: after, places } : undefined;
}

function findOnNode(labels: readonly string[], names: NameTable): FoundName | undefined {
  const whole = labels.join('.');
  const addresses = names.node(whole);
  if (addresses !== undefined) return { kind: 'node', addresses };
  for (let at = labels.length - 1; at > 0; at--) {
    const service = labels.slice(0, at).join('.');
    const node = labels.slice(at).join('.');
    if (names.node(node) === undefined) continue;
    const place = names.places(service).find(({ view }) => view.node === node);
    if (place !== undefined) return { kind: 'instance', service, place };
    if (hasNamesBelow(service, names.services())) return empty;
  }
  return hasNamesBelow(whole, names.nodes()) ? empty : undefined;
}

function hasNamesBelow(name: string, all: readonly string[]): boolean {
  return all.some((one) => one.endsWith(`.${name}`));
}
