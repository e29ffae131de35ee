import { type Command, Option } from 'commander';
import type { LoadRun } from '../api/load-run.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Hop } from './bench/hop.ts';
import type { BenchOptions, BenchTools } from './bench/measure-hops.ts';
import { ExitCode } from './exit-code.ts';
import { notePosture } from './posture-note.ts';
import { stopSignal } from './stop-signal.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface BenchFlags {
  readonly node?: string;
  readonly seconds: string;
  readonly depth: string;
  readonly bytes: string;
  readonly command: string;
}

/** What an agent's own service takes at a time, and what one may ask of a cluster that others use. */
const depthMax = 64;
const secondsMax = 60;
const bytesMax = 65_536;

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('how fast this cluster is from here: to the agent, to other agents, to a service')
    .argument('[service]', 'calls to each of its instances, too')
    .option('--node <node>', 'only this one (default: every other)')
    .addOption(withDefault('--seconds <number>', `how long each hop is measured, 1 to ${secondsMax}`, '3'))
    .addOption(
      withDefault('--depth <number>', `how many at a time, where the rate is measured, 1 to ${depthMax}`, '16'),
    )
    .addOption(withDefault('--bytes <number>', `body of each message, 0 to ${bytesMax}`, '128'))
    .addOption(withDefault('--command <name>', 'what the service is called with; it need not know it', 'bench'))
    .addHelpText('after', help)
    .action((service: string | undefined, flags: BenchFlags, command: Command) =>
      runVerb(command, (context) => bench(context, service, flags)),
    );
}

const help = `
Nothing has to be set up. It is real load on the cluster; one hop is measured at a time.

Examples:
  fogata bench
  fogata bench crm --node db1 --seconds 10`;

function withDefault(flags: string, description: string, value: string): Option {
  return new Option(flags, description).default(value, value);
}

async function bench(context: VerbContext, service: string | undefined, flags: BenchFlags): Promise<number> {
  const options: BenchOptions = {
    seconds: numberIn('--seconds', flags.seconds, 1, secondsMax),
    depth: numberIn('--depth', flags.depth, 1, depthMax),
    bytes: numberIn('--bytes', flags.bytes, 0, bytesMax),
    command: flags.command,
  };
  const mesh = await context.mesh();
  const socket = await context.agentSocket();
  const { askAgent } = await import('../client/ask-agent.ts');
  const { systemClock } = await import('../runtime/system-clock.ts');
  let stopped = false;
  void stopSignal().then(() => {
    stopped = true;
  });
  const tools: BenchTools = {
    mesh,
    clock: systemClock(),
    isStopped: () => stopped,
    askAgent: async (node, asked) =>
      (await askAgent(socket, 'POST', `/v1/bench/${encodeURIComponent(node)}`, asked)) as LoadRun,
  };
  const places = await placesOf(tools, service, flags.node);
  const hops = await measureAll(context, tools, options, places);
  await show(context, hops);
  return stopped ? ExitCode.interrupted : ExitCode.good;
}

interface Places {
  readonly nodes: readonly string[];
  readonly instances: readonly { readonly service: string; readonly node: string }[];
}

async function placesOf({ mesh }: BenchTools, service: string | undefined, node: string | undefined): Promise<Places> {
  const [{ nodes }, { services }] = await Promise.all([mesh.nodes(), mesh.services()]);
  const isWanted = (name: string): boolean => node === undefined || name === node;
  const there = nodes.filter(({ name, state }) => (state === 'alive' || state === 'degraded') && isWanted(name));
  if (there.length === 0) throw new FogataError('not-found', `there is no node ${JSON.stringify(node)}`);
  const instances = services
    .filter(({ name }) => name === service)
    .flatMap(({ name, instances: all }) => all.map((instance) => ({ service: name, node: instance.node })))
    .filter((instance) => isWanted(instance.node));
  if (service !== undefined && instances.length === 0) {
    throw new FogataError('no-instance', `nobody serves ${service}${node === undefined ? '' : ` on ${node}`}`);
  }
  const served = new Set(instances.map((instance) => instance.node));
  const others = there.map(({ name }) => name).filter((name) => name !== mesh.self.name);
  return { nodes: service === undefined ? others : others.filter((name) => served.has(name)), instances };
}

/** One after the other, so that none is in the way of another. What is stopped is left out. */
async function measureAll(
  context: VerbContext,
  tools: BenchTools,
  options: BenchOptions,
  { nodes, instances }: Places,
): Promise<readonly Hop[]> {
  const { agentToAgent, programToAgent, programToService } = await import('./bench/measure-hops.ts');
  const steps = [
    () => programToAgent(tools, options),
    ...nodes.map((node) => () => agentToAgent(tools, options, node)),
    ...instances.map(
      ({ service, node }) =>
        () =>
          programToService(tools, options, service, node),
    ),
  ];
  if (!context.json)
    context.note(`${steps.length} hops, about ${steps.length * options.seconds} s; ctrl-C shows what there is`);
  const hops: Hop[] = [];
  for (const step of steps) if (!tools.isStopped()) hops.push(await step());
  return hops;
}

async function show(context: VerbContext, hops: readonly Hop[]): Promise<void> {
  if (context.json) {
    context.printJson({ hops });
    return;
  }
  const { hopsText } = await import('./bench/hops-text.ts');
  for (const line of hopsText(hops, context.paint)) context.print(line);
  notePosture(context, await (await context.mesh()).nodes());
}

function numberIn(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new FogataError('invalid', `${option} is a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
}
