import { describe, expect, it } from 'vitest';
import { liveLife } from './life-acts.ts';

describe('a life at 10 % loss', () => {
  it.each([
    [3, 30],
    [10, 40],
    [32, 10],
  ])(
    '[M5] [M12] [M15] of %i members has no false death, and whoever goes is known in time (%i seeds)',
    (count, seeds) => {
      for (let seed = 1; seed <= seeds; seed++) {
        const { ms, wrongs } = liveLife(`life ${seed}`, count, 0.1);
        expect(wrongs, `seed ${seed}`).toEqual([]);
        expect(ms.join, `seed ${seed}`).toBeLessThanOrEqual(1_500);
        expect(ms.kill, `seed ${seed}`).toBeLessThanOrEqual(500);
        expect(ms.cut, `seed ${seed}`).toBeLessThanOrEqual(3_000);
        expect(ms.heal, `seed ${seed}`).toBeLessThanOrEqual(1_000);
        expect(ms.stop, `seed ${seed}`).toBeLessThanOrEqual(1_050);
        expect(ms.leave, `seed ${seed}`).toBeLessThanOrEqual(1_000);
      }
    },
  );
});
