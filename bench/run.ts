/**
 * Fogata beside raw sockets and its peers, each system as processes of its own on loopback, in one run: docs/benchmarks.md.
 * Started by scripts/bench.mjs.
 */
import { cpus } from 'node:os';
import type { Cast, System } from './harness/cast.ts';
import { lastCore, ownCores, pin } from './harness/cpu.ts';
import { fogataSystems } from './harness/fogata-systems.ts';
import { measure, perform, type Run } from './harness/measure.ts';
import { orUsage } from './harness/options.ts';
import { peerSystems } from './harness/peer-systems.ts';
import { rawSystems } from './harness/raw-systems.ts';
import { type Row, rowOf, withRatios } from './harness/row.ts';
import { type Settings, settingsOf, usage } from './harness/settings.ts';
import type { Shape } from './harness/shape.ts';
import { openStage, type Stage } from './harness/stage.ts';
import { tableOf } from './harness/table.ts';

interface Playing {
  readonly system: System;
  readonly stage: Stage;
  readonly cast: Cast;
}

const systems: readonly System[] = [...rawSystems, ...fogataSystems, ...peerSystems];
const cores = ownCores();
const say = (text: string) => void process.stdout.write(`${text}\n`);
const note = (text: string) => void process.stderr.write(`${text}\n`);

/** Shapes that the same processes can play: those with subscribers need others. */
function groupsOf({ shapes, pace }: Settings): Shape[][] {
  if (!pace.together) return shapes.map((shape) => [shape]);
  const fanOut = shapes.filter(({ subscribers }) => subscribers > 0);
  const pairs = shapes.filter(({ subscribers }) => subscribers === 0);
  return [pairs, fanOut].filter((group) => group.length > 0);
}

function canPlay({ verbs, notQuick }: System, { verb }: Shape, { pace }: Settings): boolean {
  return verbs.includes(verb) && !(pace.together && verb === notQuick);
}

async function enter(group: readonly Shape[], settings: Settings): Promise<Playing[]> {
  const clients = Math.max(...group.map((shape) => shape.clients));
  const subscribers = Math.max(...group.map((shape) => shape.subscribers));
  const taking = systems.filter(
    (system) => settings.systems.includes(system.name) && group.some((shape) => canPlay(system, shape, settings)),
  );
  const playing: Playing[] = [];
  const open = async (system: System): Promise<void> => {
    const stage = openStage(settings.profiles);
    try {
      playing.push({ system, stage, cast: await system.start(stage, { clients, subscribers }) });
    } catch (error) {
      await stage.close();
      note(`${system.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await Promise.all(taking.map(open));
  return playing.sort((a, b) => systems.indexOf(a.system) - systems.indexOf(b.system));
}

/** One shape with all that can play it, in turn, so that what befalls the machine befalls all. */
async function playShape(shape: Shape, playing: readonly Playing[], settings: Settings): Promise<Row[]> {
  const { pace } = settings;
  const taking = playing.filter(({ system }) => canPlay(system, shape, settings));
  const runs = new Map<Playing, Run[]>(taking.map((each) => [each, []]));
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const each of taking) {
      const { stage, system } = each;
      const cast = { ...each.cast, clients: each.cast.clients.slice(0, shape.clients) };
      if (shape.pinned && cores !== undefined) pin(stage.pids, lastCore(cores));
      const warmMs = round > 0 ? pace.leadMs : system.heavy ? pace.warmHeavyMs : pace.warmMs;
      await perform(cast, shape, warmMs);
      runs.get(each)?.push(await measure(cast, shape, pace.measureMs, stage.pids));
      if (shape.pinned && cores !== undefined) pin(stage.pids, cores);
    }
  }
  return withRatios([...runs].map(([{ system }, all]) => rowOf(shape.name, system.name, all)));
}

function titleOf(shape: Shape): string {
  const unit = { call: 'calls/s', send: 'messages/s', publish: 'deliveries/s', bulk: 'MB/s' }[shape.verb];
  const core = shape.pinned ? (cores === undefined ? ', not pinned: no taskset' : ', all on one core') : '';
  return `${shape.name} (${unit}${core})`;
}

function sayConditions({ pace }: Settings): void {
  const model = cpus()[0]?.model ?? 'unknown processor';
  say(`${model}, cores ${cores ?? `1 to ${cpus().length}`}, Node ${process.versions.node}, loopback`);
  const warm = `warmed up ${pace.warmMs} ms (libraries ${pace.warmHeavyMs} ms)`;
  say(`median of ${pace.rounds} rounds of ${pace.measureMs} ms, interleaved, ${warm}`);
}

async function run(settings: Settings): Promise<void> {
  sayConditions(settings);
  const rows: Row[] = [];
  for (const group of groupsOf(settings)) {
    const playing = await enter(group, settings);
    try {
      for (const shape of group) {
        const own = await playShape(shape, playing, settings);
        rows.push(...own);
        say(`\n${titleOf(shape)}\n${tableOf(own)}`);
      }
    } finally {
      await Promise.all(playing.map(({ stage }) => stage.close()));
    }
  }
  if (settings.json) say(JSON.stringify({ rows }));
}

if (process.argv.includes('--help')) say(usage);
else
  await run(
    orUsage(usage, () =>
      settingsOf(
        process.argv.slice(2),
        systems.map(({ name }) => name),
      ),
    ),
  );
