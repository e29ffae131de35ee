/**
 * How soon everybody knows, beside a real `serf agent` in the same run: `npx tsx bench/liveness.bench.ts [N ...] [--turns K]
 * [--only fogata|serf] [--json FILE]`. Needs root, iproute2, nftables, serf, and `npm run build`.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { idle, lossy, playAll, type Times } from './liveness/acts.ts';
import { type Contender, fogata, serf } from './liveness/contender.ts';
import { openField } from './liveness/field.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '3' },
    only: { type: 'string' },
    json: { type: 'string' },
    loss: { type: 'string', default: '20' },
  },
});
const turns = Number(values.turns);
const lossS = Number(values.loss);
const counts = positionals.length > 0 ? positionals.map(Number) : [3, 10, 32];
const contenders = [fogata, serf].filter(({ name }) => values.only === undefined || values.only === name);
const tell = (text: string) => void process.stderr.write(`${text}\n`);

async function measure(contender: Contender, count: number) {
  const field = openField(contender, count);
  try {
    const from = performance.now();
    for (const player of field.players) field.start(player);
    const formedMs = await field.until(() => field.whole(), 120_000, from);
    tell(`  ${contender.name} n=${count} formed, since the first start: ${Math.round(formedMs)} ms`);
    const rest = await idle(field, 20_000);
    tell(`  ${contender.name} n=${count} idle: ${JSON.stringify(rest)}`);
    const times = await playAll(contender, field, turns, tell);
    const falseDeaths: Record<string, number> = {};
    for (const percent of lossS > 0 ? [10, 30] : []) {
      falseDeaths[percent] = await lossy(field, percent, lossS * 1_000);
      await pause(2_000);
    }
    tell(`  ${contender.name} n=${count} called dead under loss: ${JSON.stringify(falseDeaths)}`);
    return { contender: contender.name, count, formedMs, ...rest, times, falseDeaths };
  } finally {
    await field.close();
  }
}

function summary(times: Times): string[] {
  return Object.entries(times).map(([what, all]) => {
    const sorted = [...all].sort((a, b) => a - b).map(Math.round);
    return `${what}: ${sorted[Math.floor(sorted.length / 2)]} / ${sorted.at(-1)}`;
  });
}

const results = [];
for (const count of counts) for (const contender of contenders) results.push(await measure(contender, count));
for (const {
  contender,
  count,
  formedMs,
  sentPerSecond,
  receivedPerSecond,
  cpuPercent,
  times,
  falseDeaths,
} of results) {
  const cost = `${Math.round(sentPerSecond)} B/s sent, ${Math.round(receivedPerSecond)} received, ${cpuPercent.toFixed(2)} % CPU`;
  process.stdout.write(`\n${contender}, ${count} nodes: formed in ${Math.round(formedMs)} ms; idle ${cost}\n`);
  for (const line of summary(times)) process.stdout.write(`  ${line}\n`);
  process.stdout.write(`  called dead under loss (percent: times): ${JSON.stringify(falseDeaths)}\n`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
