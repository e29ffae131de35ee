import { describe, expect, it } from 'vitest';
import {
  FlapDamping,
  fallWindowMs,
  forgivenAfterMs,
  holdMsFirst,
  holdMsMax,
  type WorkingState,
} from './flap-damping.ts';

/** A second each; `u`p, `w`arning, `d`own. What is shown after each. */
function shown(letters: string, stepMs = 1_000): string {
  const words: Record<string, WorkingState> = { u: 'up', w: 'warning', d: 'down' };
  const damping = new FlapDamping('up');
  let seen = '';
  Array.from(letters).forEach((letter, i) => {
    damping.look(i * stepMs);
    damping.say(words[letter] as WorkingState, i * stepMs);
    seen += damping.shown[0];
  });
  return seen;
}

function changes(seen: string): number {
  return Array.from(seen).filter((letter, i) => letter !== (seen[i - 1] ?? 'u')).length;
}

describe('damping of one that flaps', () => {
  it.each([
    ['two falls are shown as they are', 'ududuuuuuu', 'ududuuuuuu'],
    ['the third within a minute is held for 10 s', 'udududuuuuuuuuuuuu', 'udududdddddddddduu'],
    [
      'a fall while it is held begins anew',
      'udududuuuduuuuuuuuuuuuuuuuuuuuuuuuuu',
      `ududud${'d'.repeat(14)}${'u'.repeat(16)}`,
    ],
    ['warnings count as falls, and are held as warnings', 'uwuwuwuuuuuuuuuuuuu', 'uwuwuwwwwwwwwwwwuuu'],
    ['what is held does not get better meanwhile, only worse', 'uwuwuwdwdwuu', 'uwuwuwddddDD'.toLowerCase()],
    ['worse and better without being well is no fall', 'dwdwdwdwu', 'dwdwdwdwu'],
  ])('%s', (_what, said, expected) => {
    expect(shown(said)).toBe(expected);
  });

  it('a check that flips with every run for an hour is five changes', () => {
    expect(changes(shown('ud'.repeat(1_800)))).toBe(5);
  });

  it('one that falls every 40 s is not held, one that falls every 20 s is', () => {
    expect(changes(shown(`d${'u'.repeat(39)}`.repeat(10)))).toBe(20);
    expect(changes(shown(`d${'u'.repeat(19)}`.repeat(10)))).toBe(7);
  });

  it('to begin badly, and to come up, is no fall', () => {
    const damping = new FlapDamping('down');
    for (const state of ['up', 'down', 'up', 'down', 'up'] as const) damping.say(state, 0);
    expect([damping.shown, damping.isHeld]).toEqual(['up', false]);
    damping.say('down', 0);
    expect(damping.isHeld).toBe(true);
  });

  it('holds grow to their bound, and are forgotten', () => {
    const damping = new FlapDamping('up');
    let now = 0;
    const fall = () => {
      damping.say('down', now);
      damping.say('up', now);
    };
    fall();
    fall();
    expect(damping.isHeld).toBe(false);
    fall();
    const holds: number[] = [];
    for (let i = 0; i < 8; i++) {
      holds.push(damping.holdMs);
      now = damping.dueAt ?? 0;
      damping.look(now - 1);
      expect(damping.shown).toBe('down');
      damping.look(now);
      expect(damping.shown).toBe('up');
      now += fallWindowMs;
      fall();
    }
    expect(holds).toEqual([1, 2, 4, 8, 16, 30, 30, 30].map((times) => times * holdMsFirst));
    expect(holds.at(-1)).toBe(holdMsMax);
    now += forgivenAfterMs;
    damping.look(now);
    fall();
    expect(damping.isHeld).toBe(false);
  });
});
