import { describe, expect, it } from 'vitest';
import { createVirtualNode } from '../../src/testing/virtual-node.ts';
import { createWorld } from '../../src/testing/world.ts';

interface Site {
  readonly nodes: number;
  /** Groups pass; else there is one seed. */
  readonly multicast: boolean;
  readonly loss: number;
}

/** Milliseconds from the last start until each sees all others alive. */
async function formation(seed: number, { nodes: count, multicast, loss }: Site): Promise<number> {
  const world = createWorld({ seed });
  const site = world.segment('site', { multicast, conditions: { loss } });
  const hosts = Array.from({ length: count }, (_, i) => world.host(`n${i + 1}`, { segments: [site] }));
  const seeds = multicast ? [] : [{ host: 'n1', port: 7472 }];
  const nodes = hosts.map((host) => {
    return createVirtualNode({
      world,
      host,
      nodeOptions: {
        name: host.name,
        cluster: 'formation',
        id: undefined,
        open: true,
        port: 7472,
        beaconPort: 7470,
        seeds,
        timing: 'lan',
      },
      onStarted() {},
      onFailed(_, error) {
        throw error;
      },
    });
  });
  let lastMs = 0;
  for (const node of nodes) {
    const atMs = world.random.next() * 1_000;
    lastMs = Math.max(lastMs, atMs);
    world.at(atMs, () => node.start());
  }
  let lookAtMs = lastMs;
  const isComplete = (): boolean => {
    if (world.nowMs < lookAtMs) return false;
    lookAtMs = world.nowMs + 10;
    return nodes.every(({ node }) => {
      return node !== undefined && node.nodesView().nodes.filter((one) => one.state === 'alive').length === count;
    });
  };
  expect(await world.runUntil(isComplete, 30_000), `seed ${seed}`).toBe(true);
  return world.nowMs - lastMs;
}

describe('formation, the slowest of all runs', () => {
  it.each([
    { nodes: 3, runs: 20, multicast: true, loss: 0, limitMs: 1_000 },
    { nodes: 10, runs: 20, multicast: true, loss: 0, limitMs: 1_000 },
    { nodes: 32, runs: 5, multicast: true, loss: 0, limitMs: 1_000 },
    { nodes: 3, runs: 20, multicast: false, loss: 0, limitMs: 2_000 },
    { nodes: 10, runs: 20, multicast: false, loss: 0, limitMs: 2_000 },
    { nodes: 32, runs: 5, multicast: false, loss: 0, limitMs: 2_000 },
    { nodes: 10, runs: 20, multicast: true, loss: 0.1, limitMs: 1_000 },
  ])('$nodes nodes, multicast $multicast, loss $loss: within $limitMs ms', async ({ runs, limitMs, ...site }) => {
    const times: number[] = [];
    for (let seed = 1; seed <= runs; seed++) times.push(await formation(seed, site));
    expect(Math.max(...times)).toBeLessThanOrEqual(limitMs);
  });
});
