/**
 * 1,000 local clients and 10,000 streams at a time on one agent: all are served, and what of the agent's memory an idle client
 * and an idle stream take. `npm run bench:crowd [-- --clients N] [--streams N] [--json]`; Linux.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { kib, mib, residentBytes } from './harness/memory.ts';
import { optionsOf } from './harness/options.ts';
import type { Program } from './harness/program.ts';
import { openStage } from './harness/stage.ts';
import { clusterOf, startAgent } from './harness/start-agent.ts';
import type { Load, Task } from './programs/load.ts';

const { values } = optionsOf('npm run bench:crowd [-- --clients N] [--streams N] [--json]', {
  options: {
    clients: { type: 'string', default: '1000' },
    streams: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
    lacking: { type: 'string' },
  },
});

const processes = 4;
const clients = Number(values.clients);
const streamsOfClient = Math.ceil(Number(values.streams) / clients);
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Garbage is collected meanwhile, or not: an agent at rest does so within seconds. */
const restMs = 5_000;

async function atRest(pid: number): Promise<number> {
  await pause(restMs);
  return residentBytes(pid);
}

async function all(crowd: readonly Program[], task: Task): Promise<{ count: number; ms: number }> {
  const loads: Load[] = await Promise.all(crowd.map((program) => program.perform(task)));
  return {
    count: loads.reduce((sum, { count }) => sum + count, 0),
    ms: Math.max(...loads.map(({ elapsedMs }) => elapsedMs)),
  };
}

const stage = openStage(undefined);
try {
  const place = { name: 'host', cluster: clusterOf(stage), port: await stage.port(), seed: undefined };
  const agent = await startAgent(stage, place);
  const agentPid = stage.pids[0] ?? 0;
  await stage.program('fogata-server', { places: [{ agent }], inFlightMax: 65_536 });
  const alone = await atRest(agentPid);
  const crowd: Program[] = [];
  for (let i = 0; i < processes; i += 1) {
    crowd.push(await stage.program('fogata-crowd', { agent, clients: Math.ceil(clients / processes) }));
  }
  const linked = await atRest(agentPid);
  const called = await all(crowd, { verb: 'call', bodyBytes: 128, depth: 1, ms: 0 });
  const before = await atRest(agentPid);
  const opened = await all(crowd, { verb: 'hold', bodyBytes: 0, depth: streamsOfClient, ms: 0 });
  const holding = await atRest(agentPid);
  const again = await all(crowd, { verb: 'call', bodyBytes: 128, depth: 1, ms: 0 });
  const perClient = (linked - alone) / called.count;
  const perStream = (holding - before) / opened.count;
  say(`the agent alone: ${mib(alone)}`);
  say(
    `${called.count} clients: ${mib(linked)}, ${kib(perClient)} each; a call of each, all at once: ${Math.round(called.ms)} ms`,
  );
  say(
    `${opened.count} streams: ${mib(holding)}, ${kib(perStream)} each; opened and used in ${Math.round(opened.ms)} ms`,
  );
  say(`a call of each client beside them: ${Math.round(again.ms)} ms`);
  if (values.json) {
    const counts = { clients: called.count, streams: opened.count };
    say(
      JSON.stringify({
        show: 'crowd',
        ...counts,
        bytesPerClient: perClient,
        bytesPerStream: perStream,
        agentBytes: alone,
      }),
    );
  }
} finally {
  await stage.close();
}
