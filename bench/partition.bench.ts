// A thousand members cut 400 to 600 for a minute and healed, on virtual time: how soon it is known and over, and what it
// costs. Membership machines without the rest of a node; run by `npx tsx bench/partition.bench.ts [members]`.
import { type PhaseCost, runSplit } from '../test/simulation/split-cluster.ts';

const count = Number(process.argv[2] ?? '1000');
const report = runSplit({ seed: 'split', count, firstSide: Math.round(count * 0.4), splitMs: 60_000 });
const { user, system } = process.cpuUsage();

const cost = ({ ms, meanBytesPerSecond, mostBytesPerSecond, syncs }: PhaseCost): string =>
  `${meanBytesPerSecond} bytes a second and node, at most ${mostBytesPerSecond}; ${syncs} synchronisations in ${ms / 1_000} s`;

console.log(`${count} members, cut ${Math.round(count * 0.4)} to ${count - Math.round(count * 0.4)}
formed         in ${report.formedMs} ms
at rest        ${cost(report.rest)}
cut            known to all, and exactly, after ${report.partedMs} ms; ${report.ownDead} of the own side held for dead
               seen as one partition of the right members by ${report.seeIt}
               ${cost(report.parted)}
healed         all agree after ${report.healedMs} ms; ${report.deadAfterHealing} held for dead meanwhile
               ${cost(report.healing)}
processor      ${((user + system) / 1e6).toFixed(0)} s`);
