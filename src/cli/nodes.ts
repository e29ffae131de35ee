import type { Command } from 'commander';
import type { AgentStatus } from '../agent/agent-status.ts';
import { roundedJson } from '../api/outcome-json.ts';
import type { NodesView, NodeView, PartitionView } from '../api/views.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { ExitCode } from './exit-code.ts';
import { loadText } from './load-text.ts';
import { observedText } from './observed-text.ts';
import type { Paint } from './paint.ts';
import { notePosture } from './posture-note.ts';
import { showAge, showDuration } from './show-time.ts';
import { type Cell, table } from './table.ts';
import { runVerb, type VerbContext } from './verb-context.ts';
import { watchNodes } from './watch-nodes.ts';
import { detectionText, discoveryText, foundByText } from './why-text.ts';

const examples = `
Examples:
  fogata nodes
  fogata nodes db1 --why
  fogata nodes --watch --json`;

export function registerNodes(program: Command): void {
  program
    .command('nodes')
    .description('who is there: every node of the cluster, as this host sees it')
    .argument('[name]', 'only the node of this name, or with this id')
    .option('--why', 'how each was found, and how this host looks for others')
    .option('--load', 'how busy each host is, and what keeps this one busy')
    .option('--watch', 'go on, and tell each change as it comes')
    .addHelpText('after', examples)
    .action((name: string | undefined, options: NodesOptions, command: Command) =>
      runVerb(command, (context) =>
        options.watch === true ? watchNodes(context, name) : nodes(context, name, options),
      ),
    );
}

interface NodesOptions {
  readonly why?: boolean;
  readonly watch?: boolean;
  readonly load?: boolean;
}

async function nodes(context: VerbContext, name: string | undefined, options: NodesOptions): Promise<number> {
  const mesh = await context.mesh();
  const all = await mesh.nodes();
  const chosen = all.nodes.filter((node) => name === undefined || node.name === name || node.id === name);
  if (chosen.length === 0) throw new FogataError('not-found', `there is no node ${JSON.stringify(name)}`);
  const view: NodesView = { ...all, nodes: chosen };
  if (context.json) {
    context.printJson(options.load === true ? { ...view, load: roundedJson(await ownLoad(context)) } : view);
    return ExitCode.good;
  }
  const { systemClock } = await import('../runtime/system-clock.ts');
  for (const line of nodesText(view, systemClock().wallTime(), options.why === true, context.paint))
    context.print(line);
  if (options.load === true)
    for (const line of loadText(view, await ownLoad(context), context.paint)) context.print(line);
  notePosture(context, view);
  return ExitCode.good;
}

/** Other hosts tell their load, this one also what it is made of. */
async function ownLoad(context: VerbContext): Promise<AgentStatus['load']> {
  const { askAgent } = await import('../client/ask-agent.ts');
  const { load } = (await askAgent(await context.agentSocket(), 'GET', '/v1/status')) as AgentStatus;
  return load;
}

export function nodesText(view: NodesView, now: number, why: boolean, paint: Paint): string[] {
  const sorted = [...view.nodes].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  const alive = sorted.filter((node) => node.state === 'alive' || node.state === 'degraded').length;
  const reach = { loopback: '', open: ' · open', sealed: ' · sealed' }[view.posture];
  const heading = `${paint.bold(view.cluster)} ${paint.dim(`· ${alive} of ${sorted.length} nodes alive${reach}`)}`;
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
  const parted = (view.partitions ?? []).map((it) => paint.yellow(partitionText(it, now)));
  if (!why) return [heading, ...parted, '', ...lines];
  return [
    heading,
    ...parted,
    '',
    ...lines.slice(0, 1),
    ...sorted.flatMap((node, i) => [
      lines[i + 1] ?? '',
      ...foundByText(node, now, paint),
      ...observedText(node, now, paint),
    ]),
    ...(view.discovery === undefined ? [] : ['', ...discoveryText(view.discovery, paint)]),
    ...(view.detection === undefined ? [] : ['', detectionText(view.detection, paint)]),
  ];
}

/** `parted for 3m: 5 here, 3 there (n6 n7 n8)` */
function partitionText({ since, here, there }: PartitionView, now: number): string {
  return `parted for ${showAge(now - Date.parse(since))}: ${here} here, ${there.length} there (${there.join(' ')})`;
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

/** Green is good, yellow needs a look, red is gone. */
export function stateBrush(state: string, paint: Paint): (text: string) => string {
  if (state === 'alive' || state === 'up') return paint.green;
  return state === 'dead' || state === 'down' ? paint.red : paint.yellow;
}
