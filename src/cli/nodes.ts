import type { Command } from 'commander';
import type { NodesView, NodeView } from '../api/views.ts';
import { ExitCode } from './exit-code.ts';
import type { Paint } from './paint.ts';
import { notePosture } from './posture-note.ts';
import { showAge, showDuration } from './show-time.ts';
import { type Cell, table } from './table.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

export function registerNodes(program: Command): void {
  program
    .command('nodes')
    .description('who is there: every node of the cluster, as this host sees it')
    .option('--why', 'how each was found')
    .action((options: { why?: boolean }, command: Command) =>
      runVerb(command, (context) => nodes(context, options.why === true)),
    );
}

async function nodes(context: VerbContext, why: boolean): Promise<number> {
  const mesh = await context.mesh();
  const view = await mesh.nodes();
  if (context.json) {
    context.printJson(view);
    return ExitCode.good;
  }
  const { systemClock } = await import('../runtime/system-clock.ts');
  for (const line of nodesText(view, systemClock().wallTime(), why, context.paint)) context.print(line);
  notePosture(context, view);
  return ExitCode.good;
}

export function nodesText(view: NodesView, now: number, why: boolean, paint: Paint): string[] {
  const sorted = [...view.nodes].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  const alive = sorted.filter((node) => node.state === 'alive' || node.state === 'degraded').length;
  const heading = `${paint.bold(view.cluster)} ${paint.dim(`· ${alive} of ${sorted.length} nodes alive`)}`;
  const columns = [
    { title: 'NODE' },
    { title: 'STATE' },
    { title: 'SINCE', align: 'right' as const },
    { title: 'RTT', align: 'right' as const },
    { title: 'ADDRESS' },
    { title: 'SERVICES' },
  ];
  const rows = sorted.map((node) => rowOf(node, view.self, now, paint));
  const lines = table(columns, rows, paint.dim);
  if (!why) return [heading, '', ...lines];
  return [
    heading,
    '',
    ...lines.slice(0, 1),
    ...sorted.flatMap((node, i) => [lines[i + 1] ?? '', ...whyOf(node, now, paint)]),
  ];
}

function rowOf(node: NodeView, self: string, now: number, paint: Paint): (Cell | string)[] {
  const isSelf = node.id === self;
  return [
    { text: isSelf ? `${node.name} (here)` : node.name, ...(isSelf ? { brush: paint.bold } : {}) },
    { text: node.state, brush: stateBrush(node.state, paint) },
    showAge(now - Date.parse(node.since)),
    node.rttMs === null ? '–' : showDuration(node.rttMs),
    node.address,
    node.services.length === 0 ? { text: '–', brush: paint.dim } : node.services.join(' '),
  ];
}

function whyOf(node: NodeView, now: number, paint: Paint): string[] {
  return node.foundBy.map(({ method, interface: name, since }) =>
    paint.dim(`    ${method}${name === '' ? '' : ` on ${name}`}, ${showAge(now - Date.parse(since))} ago`),
  );
}

/** Green is good, yellow needs a look, red is gone. */
export function stateBrush(state: string, paint: Paint): (text: string) => string {
  if (state === 'alive' || state === 'up') return paint.green;
  return state === 'dead' || state === 'down' ? paint.red : paint.yellow;
}
