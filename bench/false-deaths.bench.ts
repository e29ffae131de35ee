/**
 * Who is called dead and is not: `npx tsx bench/false-deaths.bench.ts [--seed N] [--seeds K]`. Each seed is two minutes of one
 * scene of test/simulation/endured-scenes.ts on virtual time, all scenes in turn: loss both ways, a node that hears little,
 * nodes that are stopped over and over. One line for each seed, a sum for each scene; the exit code is 1 when one failed.
 */
import { enduredScenes } from '../test/simulation/endured-scenes.ts';
import { optionsOf } from './harness/options.ts';

const { values } = optionsOf('npx tsx bench/false-deaths.bench.ts [--seed N] [--seeds K]', {
  options: { seed: { type: 'string', default: '1' }, seeds: { type: 'string', default: String(enduredScenes.length) } },
});
const first = Number(values.seed);
const sums = enduredScenes.map(({ name }) => ({ name, seeds: 0, failed: 0 }));
const before = process.cpuUsage();

for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const nth = seed % enduredScenes.length;
  const scene = enduredScenes[nth];
  const sum = sums[nth];
  if (scene === undefined || sum === undefined) continue;
  const failures = scene.run(String(seed));
  sum.seeds++;
  if (failures.length > 0) sum.failed++;
  console.log(`seed ${seed} ${failures.length === 0 ? 'well' : 'FAILED'}: ${scene.name}`);
  for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`);
}

const { user, system } = process.cpuUsage(before);
const failed = sums.reduce((all, sum) => all + sum.failed, 0);
for (const { name, seeds, failed: some } of sums) console.log(`${name}: ${seeds - some} of ${seeds} well`);
console.log(`${failed} failed; ${((user + system) / 1e6 / Number(values.seeds)).toFixed(2)} s CPU a seed`);
process.exitCode = failed > 0 ? 1 : 0;
