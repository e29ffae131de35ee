import { describe, expect, it } from 'vitest';
import { BulkPace, underWayBytesMax, underWayBytesMin } from './bulk-pace.ts';

interface Way {
  /** Bytes in a millisecond. */
  readonly rate: number;
  /** There and back, empty. */
  readonly tripMs: number;
}

const pieceBytes = 16_384;

/** Writes whatever the pace allows into a way that takes bytes one after the other, for so long. */
function drive(ms: number, wayAt: (now: number) => Way, noteMessage: (pace: BulkPace) => void = () => undefined) {
  let now = 1_000_000;
  const pace = new BulkPace({ now: () => now });
  const answers: { readonly at: number; readonly number: number }[] = [];
  const samples: { readonly at: number; readonly queuedMs: number; readonly underWay: number }[] = [];
  const begin = now;
  let freeAt = now;
  let arrivals: { readonly at: number; readonly bytes: number }[] = [];
  let bytes = 0;
  let underWay = 0;
  while (now < begin + ms) {
    const { rate, tripMs } = wayAt(now - begin);
    arrivals = arrivals.filter(({ at, bytes: count }) => {
      if (at > now) return true;
      underWay -= count;
      return false;
    });
    while (answers[0] !== undefined && answers[0].at <= now) pace.passed(answers.shift()?.number ?? 0);
    noteMessage(pace);
    while (pace.room() >= pieceBytes) {
      freeAt = Math.max(freeAt, now) + pieceBytes / rate;
      bytes += pieceBytes;
      underWay += pieceBytes;
      arrivals.push({ at: freeAt + tripMs / 2, bytes: pieceBytes });
      const number = pace.wrote(pieceBytes);
      if (number !== 0) answers.push({ at: freeAt + tripMs, number });
    }
    samples.push({ at: now - begin, queuedMs: Math.max(0, freeAt - now), underWay });
    now = Math.max(answers[0]?.at ?? begin + ms, now + 1e-3);
  }
  const queuedMsAfter = (from: number) =>
    samples.reduce((most, { at, queuedMs }) => (at > from ? Math.max(most, queuedMs) : most), 0);
  return {
    share: bytes / (wayAt(0).rate * ms),
    queuedMs: queuedMsAfter(ms / 2),
    underWay: samples.reduce((most, sample) => Math.max(most, sample.underWay), 0),
    queuedMsAfter,
  };
}

const shared = (pace: BulkPace) => pace.noteMessage();

describe('the pace of bulk', () => {
  it.each<[string, Way, number, number]>([
    ['two processes of one host', { rate: 1_200_000, tripMs: 0.05 }, 200, 0.25],
    ['ten gigabits', { rate: 1_250_000, tripMs: 0.3 }, 500, 0.5],
    ['a gigabit', { rate: 125_000, tripMs: 0.3 }, 1_000, 0.8],
    ['a hundred megabits', { rate: 12_500, tripMs: 1 }, 5_000, 8],
    ['a gigabit across an ocean', { rate: 125_000, tripMs: 60 }, 20_000, 90],
  ])('[F16] fills %s, and a message waits for little', (_, way, ms, mostMs) => {
    const run = drive(ms, () => way, shared);
    expect(run.share).toBeGreaterThan(0.8);
    expect(run.queuedMs).toBeLessThan(mostMs);
  });

  it('[F16] more is under way where no message shares the link', () => {
    const way = { rate: 1_200_000, tripMs: 0.05 };
    const alone = drive(100, () => way);
    expect(alone.queuedMs).toBeGreaterThan(2 * drive(100, () => way, shared).queuedMs);
    expect(alone.queuedMs).toBeLessThan(3);
  });

  it('[F16] follows a way that becomes narrower, and one that becomes wider', () => {
    const narrower = drive(4_000, (at) => ({ rate: at < 1_000 ? 1_250_000 : 12_500, tripMs: 0.3 }), shared);
    expect(narrower.queuedMsAfter(2_000)).toBeLessThan(5);
    const wider = drive(2_000, (at) => ({ rate: at < 1_000 ? 12_500 : 1_250_000, tripMs: 0.3 }), shared);
    expect(wider.share).toBeGreaterThan(45);
  });

  it('[F16] measures the time on the way anew now and then: what waits at its ends is not taken for it', () => {
    const way = { rate: 125_000, tripMs: 0.3 };
    expect(drive(65_000, () => way, shared).queuedMsAfter(60_000)).toBeLessThan(1.2);
  });

  it('never has more under way than its bound, however long the way', () => {
    const run = drive(20_000, () => ({ rate: 1_250_000, tripMs: 100 }));
    expect(run.underWay).toBeLessThanOrEqual(underWayBytesMax);
    expect(run.underWay).toBeGreaterThan(underWayBytesMax / 2);
  });

  it('marks what fills its room, and hears of no other mark', () => {
    const pace = new BulkPace({ now: () => 0 });
    pace.noteMessage();
    expect(pace.room()).toBe(underWayBytesMin);
    const number = pace.wrote(underWayBytesMin);
    expect(number).toBeGreaterThan(0);
    expect(pace.room()).toBe(0);
    pace.passed(number + 1);
    pace.passed(0);
    expect(pace.room()).toBe(0);
    pace.passed(number);
    expect(pace.room()).toBe(underWayBytesMin);
    pace.passed(number);
    expect(pace.room()).toBe(underWayBytesMin);
  });

  it('asks where nothing that is under way would be answered', () => {
    const pace = new BulkPace({ now: () => 0 });
    pace.noteMessage();
    expect(pace.ask()).toBe(0);
    expect(pace.wrote(1_000)).toBe(0);
    const number = pace.ask();
    expect(number).toBeGreaterThan(0);
    expect(pace.ask()).toBe(0);
    pace.passed(number);
    expect([pace.ask(), pace.room()]).toEqual([0, underWayBytesMin]);
  });
});
