import { expect, it } from 'vitest';
import { afterMicrotasks, nextTurn } from './turn.ts';

it('afterMicrotasks runs behind chains of promises of any length', async () => {
  await new Promise<void>((resolve) => nextTurn(resolve));
  const seen: string[] = [];
  async function chain(): Promise<void> {
    for (let depth = 0; depth < 50; depth++) await Promise.resolve();
    seen.push('chain');
  }
  await new Promise<void>((resolve) => {
    afterMicrotasks(() => {
      seen.push('after');
      resolve();
    });
    void chain();
  });
  expect(seen).toEqual(['chain', 'after']);
});
