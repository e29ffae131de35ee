import { joinedRuns, type LoadRun, runLoad } from '../../api/load-run.ts';
import type { Mesh } from '../../api/mesh.ts';
import type { Outcome } from '../../api/outcome.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Hop, type HopPlace, hopOf } from './hop.ts';

export interface BenchOptions {
  /** For each hop: half of it with one under way, half with `depth`. */
  readonly seconds: number;
  readonly depth: number;
  readonly bytes: number;
  readonly command: string;
}

export interface BenchTools {
  readonly mesh: Mesh;
  readonly clock: Clock;
  /** Has the agent measure its way to the agent of another node. */
  readonly askAgent: (node: string, asked: { ms: number; depth: number; bytes: number }) => Promise<LoadRun>;
  readonly isStopped: () => boolean;
}

/** Each at least this long, so that being stopped is noticed. */
const sliceMs = 500;

/** A service of a name that nobody may serve: the agent answers such a message itself, at once. */
const nobody = 'fogata.nobody';

/** From here to this host's agent and back. */
export const programToAgent = (tools: BenchTools, options: BenchOptions): Promise<Hop> =>
  measure(tools, options, { hop: 'program-agent', node: tools.mesh.self.name, service: null }, (depth, ms) =>
    called(tools, options, nobody, depth, ms, ({ outcome }) => outcome === 'refused'),
  );

/** From this host's agent to another's and back. */
export const agentToAgent = (tools: BenchTools, options: BenchOptions, node: string): Promise<Hop> =>
  measure(tools, options, { hop: 'agent-agent', node, service: null }, (depth, ms) =>
    tools.askAgent(node, { ms, depth, bytes: options.bytes }),
  );

/** From here to an instance and back, by a command it may not know: to be told so takes the same way. */
export const programToService = (
  tools: BenchTools,
  options: BenchOptions,
  service: string,
  node: string,
): Promise<Hop> =>
  measure(tools, options, { hop: 'program-service', node, service }, (depth, ms) =>
    called(tools, options, `${service}@${node}`, depth, ms, hasComeThrough),
  );

function hasComeThrough(outcome: Outcome): boolean {
  return outcome.outcome === 'answered' || (outcome.outcome === 'refused' && outcome.code === 'unknown-command');
}

function called(
  { mesh, clock, isStopped }: BenchTools,
  { bytes, command }: BenchOptions,
  address: string,
  depth: number,
  ms: number,
  isGood: (outcome: Outcome) => boolean,
): Promise<LoadRun> {
  const body = new Uint8Array(bytes);
  return runLoad({ clock, depth, ms, isStopped }, async () => isGood(await mesh.call(address, command, { body })));
}

async function measure(
  tools: BenchTools,
  { seconds, depth }: BenchOptions,
  place: HopPlace,
  run: (depth: number, ms: number) => Promise<LoadRun>,
): Promise<Hop> {
  const slices = Math.max(1, Math.round((seconds * 1_000) / 2 / sliceMs));
  const runs = async (at: number): Promise<LoadRun> => {
    const done: LoadRun[] = [];
    while (done.length < slices && !tools.isStopped()) done.push(await run(at, sliceMs));
    return joinedRuns(done);
  };
  return hopOf(place, depth, await runs(1), await runs(depth));
}
