import { describe, expect, it } from 'vitest';
import { deliveredIn } from '../../test/delivery/delivered-frames.ts';
import { DeliveredBatch } from './delivered-batch.ts';

function bed() {
  const sent: ReturnType<typeof deliveredIn>[] = [];
  let load = 0;
  const batch = new DeliveredBatch(
    (first, rest) => sent.push(deliveredIn(rest, first)),
    () => load,
  );
  return { batch, sent, setLoad: (value: number) => void (load = value) };
}

describe('[F15] what is delivered within a turn', () => {
  it('goes by one frame at its end, with the load of then, and the next turn has its own', async () => {
    const { batch, sent, setLoad } = bed();
    const nodes = ['db1'];
    for (const correlation of [3, 4]) batch.add(correlation, 'crm', nodes);
    expect([batch.count, sent]).toEqual([2, []]);
    setLoad(0.5);
    await Promise.resolve();
    batch.add(5, 'crm', nodes);
    await Promise.resolve();
    expect([batch.count, sent]).toEqual([
      0,
      [
        { service: 'crm', nodes, load: 0.5, correlations: [3, 4] },
        { service: 'crm', nodes, load: 0.5, correlations: [5] },
      ],
    ]);
  });

  it('has a frame for each service and each list of nodes, in order', async () => {
    const { batch, sent } = bed();
    const [one, two] = [['db1'], ['db1', 'db2']];
    batch.add(1, 'crm', one);
    batch.add(2, 'erp', one);
    batch.add(3, 'erp', two);
    await Promise.resolve();
    expect(sent.map(({ service, nodes, correlations }) => [service, nodes, correlations])).toEqual([
      ['crm', one, [1]],
      ['erp', one, [2]],
      ['erp', two, [3]],
    ]);
  });

  it('goes at once where somebody must not wait for the end of the turn, and only once', async () => {
    const { batch, sent } = bed();
    batch.add(1, 'crm', ['db1']);
    batch.flush();
    batch.flush();
    expect(sent).toHaveLength(1);
    await Promise.resolve();
    expect(sent).toHaveLength(1);
  });
});
