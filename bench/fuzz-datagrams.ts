// Ten million mutated datagrams against the decoder of a cluster with a key, and as many against that of one without.
// Usage: node --import tsx --expose-gc bench/fuzz-datagrams.ts [millions] [seed]
import { createVirtualRandom } from '../src/testing/virtual-random.ts';
import { fuzzDatagrams } from '../test/datagram-fuzz.ts';

const millions = Number(process.argv[2] ?? '10');
const seed = process.argv[3] ?? '1';
const perRun = 1_000_000;

const heapMiB = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

let forged = 0;
let windows = 0;
const reasons: Record<string, number> = {};
const heaps: number[] = [];
const startedAt = performance.now();
for (let million = 0; million < millions; million++) {
  const report = fuzzDatagrams(perRun, createVirtualRandom(`${seed}-${million}`));
  forged += report.sealed.forged;
  windows = Math.max(windows, report.windows);
  for (const [reason, count] of Object.entries(report.sealed.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count;
  heaps.push(heapMiB());
  console.log(`${million + 1} M of each, heap ${heaps.at(-1)?.toFixed(1)} MiB, forged ${forged}`);
}
const seconds = (performance.now() - startedAt) / 1_000;
const growth = (heaps.at(-1) ?? 0) - (heaps[0] ?? 0);
console.log(
  JSON.stringify({ millions, seed, seconds: Math.round(seconds), forged, windows, growthMiB: growth, reasons }),
);
if (forged > 0 || growth > 16) process.exitCode = 1;
