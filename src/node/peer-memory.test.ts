import { describe, expect, it } from 'vitest';
import { addressOf, gossip, idOf, live, machine, update } from '../../test/simulation/one-machine.ts';
import type { RememberedPeer } from '../discovery/peers-file.ts';
import { createWorld } from '../testing/world.ts';
import { createPeerMemory } from './peer-memory.ts';

function bed() {
  const world = createWorld();
  const m = machine();
  const told: (readonly RememberedPeer[])[] = [];
  const { clock } = world.host('x').start('main').runtime;
  const memory = createPeerMemory(
    clock,
    () => m.members(),
    (peers) => void told.push(peers),
  );
  return { world, m, told, memory };
}

describe('what is told to be remembered', () => {
  it('is who is there, once a second at most, where each was reached first', async () => {
    const { world, m, told, memory } = bed();
    m.packet(gossip(2, update(2), update(3)), { address: '10.9.9.9', port: 7_472 }, 0);
    for (let i = 0; i < 100; i++) memory.changed();
    await world.runFor(999);
    expect(told).toEqual([]);
    await world.runFor(2);
    expect(told).toEqual([
      [
        { id: idOf(2), name: 'node-2', addresses: [{ address: '10.9.9.9', port: 7_472 }, addressOf(2)] },
        { id: idOf(3), name: 'node-3', addresses: [addressOf(3), addressOf(3)] },
      ],
    ]);
    await world.runFor(10_000);
    expect(told).toHaveLength(1);
  });

  it('is nobody who is dead or has left', async () => {
    const { world, m, told, memory } = bed();
    m.packet(gossip(2, update(2), update(3), update(4)), addressOf(2), 0);
    m.packet(gossip(3, update(3, 'left')), addressOf(3), 1);
    live(m, 1, 20_000, [2]);
    memory.changed();
    await world.runFor(1_001);
    expect(told.at(-1)?.map(({ name }) => name)).toEqual(['node-2']);
  });

  it('is told at the end when it was not yet, and else not', async () => {
    const { m, told, memory, world } = bed();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    memory.changed();
    memory.stop();
    expect(told.map((peers) => peers.length)).toEqual([1]);
    memory.stop();
    await world.runFor(10_000);
    expect(told).toHaveLength(1);
  });
});
