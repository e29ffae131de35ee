import { describe, expect, it } from 'vitest';
import { createFloodGuard } from './flood-guard.ts';

describe('the flood guard', () => {
  it('admits at most 2,000 datagrams a second', () => {
    const guard = createFloodGuard();
    let admitted = 0;
    for (let i = 0; i < 20_000; i++) {
      const source = `10.0.${i % 250}.${i % 7}`;
      guard.prove(source);
      if (guard.admit(source, 5_000 + i / 20)) admitted += 1;
    }
    expect(admitted).toBe(2_000);
  });

  it('does not let one flooding source silence the others', () => {
    const guard = createFloodGuard();
    for (let i = 0; i < 5_000; i++) guard.admit('10.0.0.66', 1_000);
    for (let node = 0; node < 10; node++) {
      for (let copy = 0; copy < 5; copy++) expect(guard.admit(`10.0.0.${node}`, 1_500)).toBe(true);
    }
  });

  it('keeps room for sources that proved themselves when invented ones flood', () => {
    const guard = createFloodGuard();
    guard.prove('10.0.0.1');
    for (let i = 0; i < 60_000; i++) guard.admit(`10.9.${i >> 8}.${i & 255}`, 1_000);
    for (let copy = 0; copy < 40; copy++) expect(guard.admit('10.0.0.1', 1_001)).toBe(true);
    expect(guard.admit('10.0.0.2', 1_001)).toBe(false);
  });

  it('lets 200 nodes start at the same moment, each heard in three ways', () => {
    const guard = createFloodGuard();
    for (let node = 0; node < 200; node++) {
      for (let copy = 0; copy < 3; copy++) expect(guard.admit(`10.0.0.${node}`, 1_000)).toBe(true);
    }
  });

  it('admits again in the next window', () => {
    const guard = createFloodGuard();
    for (let i = 0; i < 5_000; i++) guard.admit('10.0.0.66', 1_000);
    expect(guard.admit('10.0.0.66', 1_999)).toBe(false);
    expect(guard.admit('10.0.0.66', 2_000)).toBe(true);
  });
});
