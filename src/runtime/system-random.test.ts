import { expect, it } from 'vitest';
import { systemRandom } from './system-random.ts';

it('gives fractions and bytes', () => {
  const random = systemRandom();
  const fraction = random.next();
  expect(fraction).toBeGreaterThanOrEqual(0);
  expect(fraction).toBeLessThan(1);
  expect(random.bytes(16)).toHaveLength(16);
  expect(random.bytes(16)).not.toEqual(random.bytes(16));
});
