import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type FaultKind, faultKinds } from '../../src/testing/fault-plan.ts';
import { type SeedResult, simulateSeed } from '../../src/testing/simulate-seed.ts';

/** What failed and how to repeat it, or nothing. */
function told({ seed, failures, faults }: SeedResult): string {
  return failures.length === 0 ? '' : [`seed ${seed}:`, ...failures, 'faults:', ...faults].join('\n  ');
}

describe('a life of a cluster', () => {
  it('is the same for the same seed, byte for byte', async () => {
    const life = { seed: 'twice', nodes: 8, minutes: 0.4 };
    const first = await simulateSeed(life);
    const second = await simulateSeed(life);
    expect(second).toEqual(first);
    expect(first.calls).toBeGreaterThan(100);
    expect((await simulateSeed({ ...life, seed: 'once' })).digest).not.toBe(first.digest);
  });

  it.each(faultKinds)('bears faults of one kind: %s', async (kind: FaultKind) => {
    const result = await simulateSeed({
      seed: `only ${kind}`,
      nodes: 7,
      minutes: 0.4,
      kinds: [kind],
      faultPauseMs: 1_500,
    });
    expect(told(result)).toBe('');
    expect(result.faults.length).toBeGreaterThan(4);
    expect(result.executions).toBeGreaterThan(50);
  });

  /** Seeds that nobody has chosen: another twelve with each commit, and of one commit always the same. */
  it('bears whatever comes', async () => {
    const args = ['-c', 'safe.directory=*', 'rev-parse', '--short=12', 'HEAD'];
    const commit = String(spawnSync('git', args).stdout).trim();
    for (let nth = 0; nth < 12; nth++) {
      expect(told(await simulateSeed({ seed: `${commit} ${nth}`, nodes: 6, minutes: 0.5 }))).toBe('');
    }
  });
});

describe('seeds that found a bug', () => {
  it.each([
    ['an instance went with the namesake that its node had been before its disk was wiped', 1, 6],
    ['a message was executed although its caller was told that no instance was reached', 2, 6],
    ['a new record was not told to watchers that came with a change of its member', 19, 6],
  ])('%s', async (_, seed, nodes) => {
    expect(told(await simulateSeed({ seed, nodes, minutes: 0.5 }))).toBe('');
  });

  it.each([
    ['a node called itself degraded, and did not tell those who watch it', 'hard 15', 8],
    ['the address of a node without its disk kept the node it had been alive', 'hard 32', 5],
    ['two runs had one incarnation, after a refutation and with the clock set back', 'hard 34', 7],
  ])('%s', async (_, seed, nodes) => {
    expect(told(await simulateSeed({ seed, nodes, minutes: 0.6, faultPauseMs: 300 }))).toBe('');
  });
});
