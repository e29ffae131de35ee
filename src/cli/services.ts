import type { Command } from 'commander';
import type { ServicesView } from '../api/views.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { ExitCode } from './exit-code.ts';
import { changeOf } from './maintenance-change.ts';
import { stateBrush } from './nodes.ts';
import type { Paint } from './paint.ts';
import { notePosture } from './posture-note.ts';
import { showLine } from './show-text.ts';
import { type Cell, table } from './table.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface ServicesOptions {
  readonly drain?: string;
  readonly undrain?: string;
  readonly weight?: string;
}

const help = `
What an operator says is kept until it is taken back. On other hosts it needs a cluster with a key.

Examples:
  fogata services
  fogata services crm --drain db1
  fogata services crm --weight db1=20`;

export function registerServices(program: Command): void {
  program
    .command('services')
    .description('what is served, and by whom; and maintenance of instances')
    .argument('[service]', 'only this one')
    .option('--drain <node>', 'give its instance there nothing new, and wait until what it has in hand is done')
    .option('--undrain <node>', 'give it work again')
    .option('--weight <node=number>', 'its share beside others: 0 to 1000, 100 is usual, "own" is as the program says')
    .addHelpText('after', help)
    .action((name: string | undefined, options: ServicesOptions, command: Command) =>
      runVerb(command, (context) => services(context, name, options)),
    );
}

async function services(context: VerbContext, name: string | undefined, options: ServicesOptions): Promise<number> {
  const change = changeOf(options);
  if (change !== undefined) {
    if (name === undefined) throw new FogataError('invalid', 'name the service: fogata services crm --drain db1');
    const { maintain } = await import('./maintain.ts');
    return maintain(context, name, change);
  }
  const mesh = await context.mesh();
  const [all, nodes] = await Promise.all([mesh.services(), mesh.nodes()]);
  const view = { services: all.services.filter((each) => name === undefined || each.name === name) };
  if (name !== undefined && view.services.length === 0) throw new FogataError('no-instance', `nobody serves ${name}`);
  if (context.json) {
    context.printJson(view);
    return ExitCode.good;
  }
  for (const line of servicesText(view, context.paint)) context.print(line);
  notePosture(context, nodes);
  return ExitCode.good;
}

export function servicesText({ services: all }: ServicesView, paint: Paint): string[] {
  if (all.length === 0) {
    return [
      'No services yet.',
      paint.dim('Serve one:  fogata up --serve crm=http://127.0.0.1:8080   or   fogata listen crm'),
    ];
  }
  const rows = [...all]
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap(({ name, instances }) => instances.map((instance, i) => rowOf(i === 0 ? name : '', instance, paint)));
  const columns = [
    { title: 'SERVICE' },
    { title: 'NODE' },
    { title: 'STATE' },
    { title: 'LOAD', align: 'right' as const },
    { title: 'WEIGHT', align: 'right' as const },
    { title: 'ENDPOINT' },
    { title: 'LABELS' },
  ];
  return table(columns, rows, paint.dim);
}

function rowOf(
  name: string,
  { node, state, load, weight, labels, endpoint }: ServicesView['services'][number]['instances'][number],
  paint: Paint,
): (Cell | string)[] {
  const shown = Object.entries(labels).map(([label, value]) => showLine(`${label}=${value}`, 60));
  return [
    { text: name, brush: paint.bold },
    node,
    { text: state, brush: stateBrush(state, paint) },
    load === null ? '–' : `${Math.round(load * 100)} %`,
    String(weight),
    endpoint ?? '–',
    shown.join(' '),
  ];
}
