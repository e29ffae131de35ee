import { describe, expect, it } from 'vitest';
import { alikeIn, refusalRest } from '../../test/delivery/alike-frames.ts';
import { deliveredMax } from '../protocol/limits.ts';
import { AlikeBatch } from './alike-batch.ts';

function bed() {
  const sent: [string, number[]][] = [];
  const batch = new AlikeBatch((first, rest) => {
    const said = alikeIn(rest, first);
    if (typeof said === 'string') throw new Error(said);
    sent.push([said.reply.reason, said.correlations]);
  });
  return { batch, sent };
}

describe('[F17] what gets the same reply within a turn', () => {
  it('goes by one frame at its end, and by another in the next turn', async () => {
    const { batch, sent } = bed();
    const full = refusalRest();
    for (const correlation of [3, 4]) batch.add(correlation, full);
    expect([batch.count, sent]).toEqual([2, []]);
    await Promise.resolve();
    batch.add(5, full);
    await Promise.resolve();
    expect([batch.count, sent]).toEqual([
      0,
      [
        ['full', [3, 4]],
        ['full', [5]],
      ],
    ]);
  });

  it('goes by a frame for each reply, and by two where one cannot hold all', async () => {
    const { batch, sent } = bed();
    const [full, late] = [refusalRest(), refusalRest({ reason: 'late' })];
    batch.add(1, full);
    batch.add(2, late);
    for (let correlation = 3; correlation <= deliveredMax + 2; correlation++) batch.add(correlation, late);
    await Promise.resolve();
    expect(sent.map(([reason, { length }]) => [reason, length])).toEqual([
      ['full', 1],
      ['late', deliveredMax],
      ['late', 1],
    ]);
  });
});
