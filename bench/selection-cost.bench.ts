// What a choice costs: the chooser of a node over a directory and a membership of so many instances, with figures as a
// busy caller has them. Run by `npm run bench:selection-cost`.
import { performance } from 'node:perf_hooks';
import { createDirectory } from '../src/directory/create-directory.ts';
import { createLoadTable } from '../src/directory/load-table.ts';
import type { Member } from '../src/membership/member.ts';
import type { Membership } from '../src/membership/membership.ts';
import { createInstanceChooser } from '../src/node/instance-chooser.ts';
import type { NodeId } from '../src/protocol/ids.ts';
import { systemClock } from '../src/runtime/system-clock.ts';
import { type Strategy, strategies } from '../src/selection/strategy.ts';

const rounds = 9;
const choices = 20_000;
const nobody: ReadonlySet<NodeId> = new Set();

function chooserOf(count: number) {
  const idOf = (n: number) => (n + 1).toString(16).padStart(16, '0') as NodeId;
  const self = idOf(count + 1);
  const directory = createDirectory(self, 1);
  const members = new Map<NodeId, Member>();
  for (let n = 0; n < count; n++) {
    const id = idOf(n);
    const kinds = { messages: true, http: true, streams: true };
    const entry = { name: 'crm', state: 'up', kinds, weight: 100, labels: {}, endpoint: undefined } as const;
    directory.merge({ id, incarnation: 1, version: 1, services: [entry] });
    members.set(id, { id, name: `node-${n}`, state: 'alive', rttMs: 0.3 + (n % 7) / 20 } as Member);
  }
  const membership = { get: (id: NodeId) => members.get(id), self: () => members.get(self) } as Membership;
  const clock = systemClock();
  const chooser = createInstanceChooser({
    clock,
    random: Math.random,
    self,
    membership,
    directory,
    loads: createLoadTable(),
    isSameHost: () => false,
  });
  const to = { service: 'crm', node: '' };
  for (let n = 0; n < 20 * count; n++) {
    const chosen = chooser.choose(to, 'messages', nobody, undefined);
    chosen?.track.begin(clock.now());
    chosen?.track.end(clock.now(), 1 + Math.random() * 4, 'answered');
    if (chosen !== undefined) chooser.noteLoad(chosen.node, 'crm', Math.random());
  }
  return { chooser, to };
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function costUs(count: number, strategy: Strategy | undefined): number {
  const { chooser, to } = chooserOf(count);
  const wish =
    strategy === undefined
      ? undefined
      : { strategy, key: 'customer 4711', besides: undefined, taken: undefined, decisions: undefined };
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    for (let n = 0; n < choices; n++) chooser.choose(to, 'messages', nobody, wish);
    costs.push(((performance.now() - startedAt) * 1_000) / choices);
  }
  return medianOf(costs);
}

for (const count of [2, 10, 100, 1_000]) {
  const byStrategy = strategies.map((strategy) => `${strategy} ${costUs(count, strategy).toFixed(2)}`);
  process.stdout.write(
    `${String(count).padStart(5)} instances: ${costUs(count, undefined).toFixed(2)} µs a choice; by name: ${byStrategy.join(', ')}\n`,
  );
}
