import type { AgentStatus } from '../agent/agent-status.ts';
import type { NodesView } from '../api/views.ts';
import type { Paint } from './paint.ts';
import { showLine } from './show-text.ts';
import { table } from './table.ts';

/** How busy hosts are; of this one also why. */
export function loadText({ nodes, self }: NodesView, own: AgentStatus['load'], paint: Paint): string[] {
  const known = nodes.flatMap(({ id, name, load }) => {
    const value = id === self ? own.host : (load ?? null);
    return value === null ? [] : [{ name: id === self ? `${name} (here)` : name, load: value }];
  });
  if (known.length === 0) return ['', 'No host has told its load yet.'];
  const hosts = table(
    [{ title: 'HOST' }, { title: 'LOAD', align: 'right' }],
    [...known].sort((a, b) => b.load - a.load).map(({ name, load }) => [name, percent(load)]),
    paint.dim,
  );
  const terms = table(
    [{ title: 'HERE' }, { title: 'LOAD', align: 'right' }, { title: 'MEASURED' }],
    [...own.terms]
      .sort((a, b) => b.load - a.load)
      .map(({ name, load, detail }) => [name, percent(load), showLine(detail, 80)]),
    paint.dim,
  );
  return own.terms.length === 0 || !nodes.some(({ id }) => id === self) ? ['', ...hosts] : ['', ...hosts, '', ...terms];
}

function percent(load: number): string {
  return `${Math.round(load * 100)} %`;
}
