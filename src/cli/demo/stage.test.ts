import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stageKeys } from './stage.ts';

it('who joined the cluster of the stage leaves it when that is torn down, also who comes too late', async () => {
  const keys = stageKeys();
  const closed: string[] = [];
  const mesh = (name: string) => ({
    close() {
      closed.push(name);
      return Promise.reject(new Error('its agent is gone'));
    },
  });
  keys.leaves(mesh('first'));
  await keys.tearDown();
  expect([closed, existsSync(keys.directory)]).toEqual([['first'], false]);
  keys.leaves(mesh('late'));
  await keys.tearDown();
  expect(closed).toEqual(['first', 'late']);
});
