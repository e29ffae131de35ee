import type { Clock } from '../../runtime/clock.ts';
import { systemClock } from '../../runtime/system-clock.ts';
import { ExitCode } from '../exit-code.ts';
import { stopCode } from '../stop-signal.ts';
import type { VerbContext } from '../verb-context.ts';
import { type Act, actsOf } from './acts.ts';
import { callStatistics } from './call-statistics.ts';
import { watchCluster } from './cluster-watch.ts';
import { demoState, type Progress } from './demo-state.ts';
import type { Host } from './host.ts';
import { type Narrator, narrator } from './narrator.ts';
import { createHosts, pause, type Stage, type StageKeys, setStage, stageKeys } from './stage.ts';
import { type Strike, summaryJson, summaryLines } from './summary.ts';

export interface DemoOptions {
  /** One failure, and an end. */
  readonly once: boolean;
}

/** How long calls under way may take to end when the viewer has had enough. */
const endMsMax = 2_000;

/** The reference story in real processes. Returns the exit code: 1 when a call failed or was lost. */
export async function runDemo(context: VerbContext, options: DemoOptions): Promise<number> {
  const clock = systemClock();
  const stop = { code: undefined as number | undefined, asked: stopCode() };
  void stop.asked.then((code) => {
    stop.code = code;
  });
  const keys = stageKeys();
  try {
    return await play(context, options, { clock, keys, stop });
  } finally {
    await keys.tearDown();
  }
}

interface Surroundings {
  readonly clock: Clock;
  readonly keys: StageKeys;
  readonly stop: { readonly code: number | undefined; readonly asked: Promise<number> };
}

async function play(context: VerbContext, { once }: DemoOptions, around: Surroundings): Promise<number> {
  const { clock, keys, stop } = around;
  const startedAt = clock.now();
  const hosts = await createHosts(keys, `demo-${process.pid}`);
  const progress: Progress = {
    startedAt,
    hosts,
    statistics: callStatistics(),
    watch: undefined,
    act: 1,
    title: 'Four hosts gather',
    story: [
      'An agent on each, and a plain HTTP program that knows nothing of it.',
      'No list of addresses: the agents find each other.',
    ],
  };
  const told = narrator(context, clock, () => demoState(progress, clock.now()));
  told.tell();
  let startMs: number;
  let strikes: readonly Strike[];
  try {
    const stage = await Promise.race([setStage(hosts, keys, clock), stop.asked]);
    if (typeof stage === 'number') return stage;
    startMs = clock.now() - startedAt;
    strikes = await tellStory(stage, progress, told, { once, context, around });
  } finally {
    // Also when an act fails: what goes on telling would keep this process for ever.
    told.end();
  }
  if (context.json) context.printJson(summaryJson(progress.statistics, strikes, startMs));
  else for (const line of summaryLines(progress.statistics, strikes, context.paint)) context.print(line);
  return exitCodeAfter(progress, stop.code);
}

interface Telling {
  readonly once: boolean;
  readonly context: VerbContext;
  readonly around: Surroundings;
}

/** All acts, or as many as the viewer wants. Nothing of the stage is left behind. */
async function tellStory(
  stage: Stage,
  progress: Progress,
  told: Narrator,
  { once, context, around }: Telling,
): Promise<readonly Strike[]> {
  const { clock, stop } = around;
  const { hosts, statistics } = progress;
  const strikes: Strike[] = [];
  const isEndless = !once && !context.json && process.stdout.isTTY;
  progress.watch = watchCluster(stage.mesh, clock);
  stage.startCalls((report) => statistics.add(report, clock.now()));
  try {
    do {
      const acts = actsOf(stage, () => busiest(hosts, progress), once || context.json);
      for (const act of acts) {
        await perform(act, progress, told, strikes, around);
        if (stop.code !== undefined) break;
      }
    } while (isEndless && stop.code === undefined);
    await Promise.race([stage.stopCalls(), pause(clock, endMsMax)]);
  } finally {
    await stage.mesh.close();
  }
  return strikes;
}

/** The CRM that answers most at this moment. */
function busiest(hosts: readonly Host[], { statistics }: Progress): Host {
  const [first, second] = hosts.filter((host) => host.program === 'CRM') as [Host, Host];
  return statistics.perSecond(second.name) > statistics.perSecond(first.name) ? second : first;
}

async function perform(
  act: Act,
  progress: Progress,
  told: Narrator,
  strikes: Strike[],
  { clock, stop }: Surroundings,
): Promise<void> {
  progress.act += 1;
  progress.title = act.title;
  progress.story = act.story;
  const performedAt = clock.now();
  const performing = act.perform();
  told.tell();
  await Promise.race([performing, stop.asked]);
  await Promise.race([pause(clock, act.watchMs), stop.asked]);
  if (act.strikes === undefined) return;
  const noticedAt = progress.watch?.changedSince(act.strikes.name, performedAt);
  strikes.push({ ...act.strikes, noticedMs: noticedAt === undefined ? undefined : noticedAt - performedAt });
}

function exitCodeAfter({ statistics }: Progress, stopped: number | undefined): number {
  const { failed, lost, billing } = statistics;
  if (failed + lost + billing.failed + billing.lost > 0) return ExitCode.failed;
  return stopped ?? ExitCode.good;
}
