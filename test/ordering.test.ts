import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentsBed, agentsBed, instancesOf, pairings } from './agent/agents-bed.ts';

let bed: AgentsBed;
beforeEach(async () => {
  bed = await agentsBed();
});
afterEach(() => bed.end());

const sizes = [0, 10, 9_000, 100, 300_000, 1, 70_000, 0, 20_000, 5];

/** docs/guarantees.md, "Order" */
describe.each(pairings)('from %s', (_name, pairOf) => {
  it('messages of all kinds and sizes arrive in the order sent, and a stream keeps its own', async () => {
    const [from, to] = await pairOf(bed);
    const heard: number[] = [];
    await to.serve('log', ({ params }) => void heard.push(Number(params['n'])), {
      inFlightMax: 65_536,
      onStream: (stream) => {
        const channel = stream.accept();
        channel.pipe(channel);
      },
    });
    await instancesOf(from, 'log', 1);
    // Before there is a link, while it is dialled, and when it is full.
    const bulk = from.open('log', 'bulk');
    const written = bulk.then((channel) => channel.write(Buffer.alloc(2_000_000)));
    const all = Array.from({ length: 300 }, (_, n) => {
      const options = { params: { n: `${n}` }, body: new Uint8Array(sizes[n % sizes.length] ?? 0), deadlineMs: 60_000 };
      if (n % 3 === 0) return from.call('log', 'add', options);
      return n % 3 === 1 ? from.send('log', 'add', options) : from.publish('log', 'add', options);
    });
    const outcomes = await Promise.all(all);
    await written;
    // All of it is less than may be queued, so none was refused and tried again later.
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['answered', 'delivered']));
    expect(heard).toEqual(Array.from({ length: 300 }, (_, n) => n));
    (await bulk).destroy();
  });

  it('what a program keeps of a message is its own, whatever comes after it', async () => {
    const [from, to] = await pairOf(bed);
    const kept: [number, Uint8Array][] = [];
    const keep = (filling: number, body: unknown): void => {
      if (body instanceof Uint8Array) kept.push([filling, body]);
    };
    await to.serve('archive', ({ params, body }) => keep(Number(params['n']), body), {
      onStream({ params, body, accept }) {
        keep(Number(params['n']), body);
        accept({ body }).end();
      },
    });
    await instancesOf(from, 'archive', 1);
    const all = Array.from({ length: 400 }, async (_, n) => {
      const options = { params: { n: `${n % 251}` }, body: new Uint8Array(n % 2 === 0 ? 5_000 : 300).fill(n % 251) };
      if (n % 10 > 0) return from.send('archive', 'keep', options);
      const channel = await from.open('archive', 'keep', options);
      keep(n % 251, channel.body);
      return channel.end();
    });
    await Promise.all(all);
    expect(kept).toHaveLength(440);
    const spoilt = kept.filter(([filling, body]) => body.some((byte) => byte !== filling));
    expect(spoilt.map(([filling, { length }]) => `${length} bytes of ${filling}`)).toEqual([]);
  });
});
