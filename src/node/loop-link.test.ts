import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../test/links/link-bed.ts';
import { createWorld } from '../testing/world.ts';
import { createLoopLink, type LoopLink } from './loop-link.ts';

describe('a loop link', () => {
  it('delivers in order, later in the turn, copies of what was given', async () => {
    const world = createWorld();
    const got: string[] = [];
    const loop = createLoopLink(world.host('h').start().runtime.clock, ({ correlation, bytes }) => {
      got.push(`${correlation}:${bytes.join()}`);
    });
    const body = new Uint8Array([2]);
    loop.send(fieldsOf(6, 1), new Uint8Array([1]), body);
    loop.send(fieldsOf(6, 2), undefined, undefined);
    body.fill(9);
    expect(got).toEqual([]);
    await world.runFor(0);
    expect(got).toEqual(['1:1,2', '2:']);
  });

  it('who calls itself round and round lets the rest of the process run', async () => {
    const world = createWorld();
    const { clock } = world.host('h').start().runtime;
    let rounds = 0;
    const loop: LoopLink = createLoopLink(clock, () => {
      rounds += 1;
      if (rounds < 10_000) loop.send(fieldsOf(6, rounds), undefined, undefined);
    });
    const between: number[] = [];
    for (let i = 0; i < 10; i++) clock.schedule(0, () => between.push(rounds));
    loop.send(fieldsOf(6, 0), undefined, undefined);
    await world.runUntil(() => rounds === 10_000);
    expect(between.every((count) => count < 1_000)).toBe(true);
  });
});
