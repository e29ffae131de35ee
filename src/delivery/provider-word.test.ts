import { describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { ProviderWord } from './provider-word.ts';

function bed(heartbeatWithinMs?: number) {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const told: string[] = [];
  const onChange = () => told.push(`${Math.round(clock.now())} ${word.state}`);
  const word: ProviderWord = new ProviderWord({ clock, initial: 'up', heartbeatWithinMs, onChange });
  return { world, told, word };
}

describe('what is said of a provider', () => {
  it('is the worse of what its check, or it, states and of its heartbeat', () => {
    const { word, told } = bed();
    word.setState('warning', 'slow');
    word.heartbeat('up', 'fine');
    expect([word.state, word.health().note]).toEqual(['warning', 'fine']);
    word.heartbeat('down', 'no database');
    word.setState('up', '');
    expect(word.state).toBe('down');
    expect(told.map((line) => line.split(' ')[1])).toEqual(['warning', 'down']);
  });

  it('is down when no heartbeat came in time, and up with the next', async () => {
    const { world, word, told } = bed(1_000);
    await world.runFor(900);
    word.heartbeat('up', '');
    expect(word.health().heartbeatDueMs).toBe(1_000);
    await world.runFor(999);
    expect(told).toEqual([]);
    await world.runFor(2);
    expect(told).toEqual(['1900 down']);
    expect(word.health()).toMatchObject({ said: 'down', note: 'no heartbeat for 1000 ms' });
    word.heartbeat('up', 'back');
    expect(word.state).toBe('up');
    word.stop();
    await world.runFor(10_000);
    expect(word.state).toBe('up');
  });

  it('is told late once it was bad too often, by itself', async () => {
    const { world, word, told } = bed();
    for (let i = 0; i < 20; i++) {
      word.setState('down', '');
      word.setState('up', '');
    }
    expect(told).toHaveLength(5);
    expect(word.health()).toMatchObject({ said: 'up', heldMs: 10_000 });
    await world.runFor(9_990);
    expect(word.state).toBe('down');
    await world.runFor(20);
    expect(told.at(-1)).toBe('10000 up');
    expect(word.health().heldMs).toBeUndefined();
  });

  it('keeps 1,024 bytes of a note', () => {
    const { word } = bed();
    word.setState('up', 'x'.repeat(1_025));
    expect(word.health().note).toHaveLength(1_024);
  });
});
