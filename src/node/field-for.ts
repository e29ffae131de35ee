import type { WorkKind } from '../delivery/chooser.ts';
import { type Address, formatLabels } from '../protocol/address.ts';
import type { Candidate } from '../selection/candidate.ts';
import type { Field } from '../selection/field.ts';
import type { ServicePool } from './service-pool.ts';

const any = () => true;

/**
 * Those of the pool whom an address means, ready to be chosen from. A node is meant by its name or its id. `kind` undefined:
 * whatever they can take.
 */
export function fieldFor(pool: ServicePool, to: Address, kind: WorkKind | undefined): Field {
  // Apart, as most say no more, and a function that closes over what is said is made of it whenever it is called.
  return to.labels === undefined && to.node === '' ? pool.field(kind, '', any) : fieldOfSome(pool, to, kind);
}

function fieldOfSome(pool: ServicePool, { node, labels }: Address, kind: WorkKind | undefined): Field {
  if (labels === undefined) return pool.field(kind, node, (candidate) => isAt(candidate, node));
  const wanted = Object.entries(labels);
  return pool.field(kind, `${node}[${formatLabels(labels)}]`, (candidate) => {
    if (node !== '' && !isAt(candidate, node)) return false;
    return wanted.every(([name, value]) => candidate.entry.labels[name] === value);
  });
}

function isAt(candidate: Candidate, node: string): boolean {
  return candidate.name === node || candidate.node === node;
}
