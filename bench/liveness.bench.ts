/**
 * How soon everybody knows, beside a real `serf agent` in the same run: `npx tsx bench/liveness.bench.ts [N ...] [--turns K]
 * [--loss PERCENT] [--only fogata|serf] [--markdown] [--json FILE]`. Needs root, iproute2, nftables, serf, and
 * `npm run build`. `3 10 --turns 1 --markdown` prints the table of docs/liveness.md within a quarter of
 * an hour.
 */
import { writeFileSync } from 'node:fs';
import { optionsOf } from './harness/options.ts';
import { idle, lossy, playAll, playLossy, type Times } from './liveness/acts.ts';
import { type Contender, fogata, serf } from './liveness/contender.ts';
import { openField } from './liveness/field.ts';
import { livenessTable, type Measured } from './liveness/table.ts';

const { values, positionals } = optionsOf(
  'npx tsx bench/liveness.bench.ts [N ...] [--turns K] [--loss PERCENT] [--only fogata|serf] [--markdown] [--json FILE]',
  {
    allowPositionals: true,
    options: {
      turns: { type: 'string', default: '2' },
      only: { type: 'string' },
      json: { type: 'string' },
      loss: { type: 'string', default: '10' },
      markdown: { type: 'boolean', default: false },
    },
  },
);
const turns = Number(values.turns);
const lossPercent = Number(values.loss);
const counts = positionals.length > 0 ? positionals.map(Number) : [3, 10, 32];
const contenders = [fogata, serf].filter(({ name }) => values.only === undefined || values.only === name);
const tell = (text: string) => void process.stderr.write(`${text}\n`);

/** Worse than any network that is still called one. */
const heavyLossPercent = 30;
const heavyLossMs = 15_000;

async function measure(contender: Contender, count: number) {
  const field = openField(contender, count, tell);
  try {
    const from = performance.now();
    for (const player of field.players) field.start(player);
    const formedMs = await field.until(() => field.whole(), 120_000, from);
    tell(`  ${contender.name} n=${count} formed, since the first start: ${Math.round(formedMs)} ms`);
    const rest = await idle(field, 10_000);
    tell(`  ${contender.name} n=${count} idle: ${JSON.stringify(rest)}`);
    const times = await playAll(contender, field, turns, tell);
    const falseDeaths: Record<string, number> = {};
    if (lossPercent > 0) {
      const played = await playLossy(contender, field, turns, lossPercent, tell);
      Object.assign(times, played.times);
      falseDeaths[lossPercent] = played.falseDeaths;
      falseDeaths[heavyLossPercent] = await lossy(field, heavyLossPercent, heavyLossMs);
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

const results: (Measured & { readonly formedMs: number })[] = [];
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
if (values.markdown) process.stdout.write(`\n${livenessTable(results)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
