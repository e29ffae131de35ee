// Clusters of which a tenth falls silent, that are cut in halves for two minutes and healed, on virtual time: how soon it is
// known and over, and what it costs each node. Membership machines without the rest of a node; run by
// `npx tsx bench/partition.bench.ts [members ...]`, where a thousand take some minutes of processor time.
import { type PhaseCost, runSplit } from '../test/simulation/split-cluster.ts';

const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [50, 100, 200, 500, 1_000];

const cost = (phase: PhaseCost | undefined): string =>
  phase === undefined
    ? '-'
    : `${phase.meanPacketsPerSecond}, ${Math.round(phase.meanBytesPerSecond)}, ${Math.round(phase.meanSyncBytesPerSecond)}`;

console.log(`Sent by each node in a second, at the mean of the phase: datagrams, their bytes with all headers, bytes of synchronisations.

| members | at rest | a tenth silent, 20 s | cut, the first minute | the second | healed, 20 s | formed, silence known, cut known, healed | processor |
|--:|--:|--:|--:|--:|--:|--:|--:|`);
for (const count of counts) {
  const crashed = Math.round(count / 10);
  const before = process.cpuUsage();
  const left = count - crashed;
  const report = runSplit({ seed: 'split', count: left, firstSide: Math.round(left / 2), splitMs: 120_000, crashed });
  const { user, system } = process.cpuUsage(before);
  const { formedMs, crashKnownMs, partedMs, healedMs, seeIt, ownDead, deadAfterHealing } = report;
  const costs = [report.rest, report.crash, report.parting, report.apart, report.healing].map(cost).join(' | ');
  const times = [formedMs, crashKnownMs, partedMs, healedMs].map((ms) => `${ms / 1_000} s`).join(', ');
  console.log(`| ${count} | ${costs} | ${times} | ${Math.round((user + system) / 1e6)} s |`);
  if (seeIt !== left || ownDead > 0 || deadAfterHealing > 0) {
    console.log(
      `${count}: ${seeIt} of ${left} see the partition; ${ownDead} of the own side held for dead, ${deadAfterHealing} after healing`,
    );
    process.exitCode = 1;
  }
}
