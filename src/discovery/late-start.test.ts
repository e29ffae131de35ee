import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { createLateStart } from './late-start.ts';

function make({ others = true, seeking = true } = {}) {
  const clock = manualClock();
  const state = { seeking, starts: 0, settled: false };
  const late = createLateStart({
    clock,
    hasOthers: () => others,
    isSeeking: () => state.seeking,
    start: () => Promise.resolve(void (state.starts += 1)),
  });
  void late.begin().then(() => void (state.settled = true));
  return { late, state, clock };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('[Z3] a method that begins a little later', () => {
  it('begins after a quarter of a second when nobody was found by then', async () => {
    const { state, clock } = make();
    clock.advance(249);
    expect(state.starts).toBe(0);
    clock.advance(1);
    expect(state.starts).toBe(1);
    await turn();
    expect(state.settled).toBe(true);
  });

  it('begins a second and a half after the others when somebody was found', () => {
    const { state, clock } = make();
    clock.advance(100);
    state.seeking = false;
    clock.advance(1_399);
    expect(state.starts).toBe(0);
    clock.advance(1);
    expect(state.starts).toBe(1);
  });

  it('waits for nothing when no other method gets out', () => {
    expect(make({ others: false }).state.starts).toBe(1);
  });

  it('begins at once, and once, when the node seeks again', () => {
    const { late, state, clock } = make({ seeking: false });
    clock.advance(300);
    late.now();
    expect(state.starts).toBe(1);
    late.now();
    clock.advance(10_000);
    expect(state.starts).toBe(1);
  });

  it('does not begin any more when it was given up, and leaves nobody waiting', async () => {
    const { late, state, clock } = make();
    late.giveUp();
    clock.advance(10_000);
    late.now();
    await late.begin();
    await turn();
    expect(state).toMatchObject({ starts: 0, settled: true });
  });
});
