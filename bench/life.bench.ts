/**
 * How soon everybody knows when datagrams are lost, by many seeds: `npx tsx bench/life.bench.ts [--seed N] [--seeds K]
 * [--loss SHARE]`. Each seed is one life of test/simulation/life-acts.ts on virtual time, of 3, 10 and 32 members in turn.
 * Medians and worst of all, with the worst seeds; the exit code is 1 when somebody was dead for one and was not.
 */
import { type Life, lifeActs, liveLife } from '../test/simulation/life-acts.ts';
import { quantile } from './formation/quantile.ts';
import { optionsOf } from './harness/options.ts';

const { values } = optionsOf('npx tsx bench/life.bench.ts [--seed N] [--seeds K] [--loss SHARE]', {
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '30' },
    loss: { type: 'string', default: '0.1' },
  },
});
const counts = [3, 10, 32] as const;
const [first, seeds, loss] = [Number(values.seed), Number(values.seeds), Number(values.loss)];
const lives = new Map<number, { readonly seed: number; readonly life: Life }[]>(counts.map((count) => [count, []]));
const before = process.cpuUsage();

for (let seed = first; seed < first + seeds; seed++) {
  const count = counts[seed % counts.length] ?? 3;
  const life = liveLife(String(seed), count, loss);
  lives.get(count)?.push({ seed, life });
  for (const wrong of life.wrongs.slice(0, 10)) console.log(`seed ${seed}, ${count} members: ${wrong}`);
}

const { user, system } = process.cpuUsage(before);
let wrong = 0;
for (const [count, those] of lives) {
  wrong += those.filter(({ life }) => life.wrongs.length > 0).length;
  console.log(`${count} members, ${those.length} seeds, each datagram lost with ${loss}: ms until all others know`);
  for (const act of lifeActs) {
    const times = those.map(({ life }) => life.ms[act]);
    const worst = those.toSorted((a, b) => b.life.ms[act] - a.life.ms[act])[0]?.seed;
    const of = (share: number) => Math.round(quantile(times, share));
    console.log(`  ${act.padEnd(6)} median ${of(0.5)}, p99 ${of(0.99)}, worst ${of(1)} (seed ${worst})`);
  }
}
console.log(`${wrong} of ${seeds} with a false death; ${((user + system) / 1e6 / seeds).toFixed(2)} s CPU a seed`);
process.exitCode = wrong > 0 ? 1 : 0;
