import { describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import type { HeardBeacon } from './beacon-intake.ts';
import { createSeekingAnswers } from './seeking-answers.ts';

const question = {
  beacon: { seeking: true, leaving: false, nodePort: 7472 },
  from: { address: '10.1.0.9', port: 40_000 },
  way: 'multicast',
  location: { interface: 'eth0', internal: false },
  fresh: true,
  payloadBytes: 160,
} as HeardBeacon;

async function answersOf(peerCount: number, questions: number): Promise<number> {
  const world = createWorld();
  const { clock, random } = world.host('a').start().runtime;
  const answers = createSeekingAnswers({
    clock,
    random,
    peerCount: () => peerCount,
    compose: () => new Uint8Array(100),
    sendToNodePort() {},
  });
  for (let i = 0; i < questions; i++) {
    await world.runFor(200);
    answers.consider(question);
  }
  return answers.sent;
}

describe('[B3] answers to seeking beacons', () => {
  it('are given to all while few could answer', async () => {
    expect(await answersOf(0, 100)).toBe(100);
    expect(await answersOf(32, 100)).toBe(100);
  });

  it('are given by about 32 where many could', async () => {
    const share = (await answersOf(320, 2_000)) / 2_000;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });
});
