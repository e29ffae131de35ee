import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorrelationTable } from './correlation-table.ts';

const slotsOf = (table: object) => (table as { readonly slots: readonly unknown[] }).slots.length;

describe('a table by correlation', () => {
  it('behaves as a Map does, whatever correlations come', () => {
    // Many that meet in one slot, and the ends of the range.
    const correlation = fc.oneof(
      fc.nat(40),
      fc.nat(40).map((n) => n * 4_096),
      fc.nat(3).map((n) => 0xffff_ffff - n),
    );
    const step = fc.record({ correlation, isSet: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const table = new CorrelationTable<{ readonly at: number }>();
        const model = new Map<number, { readonly at: number }>();
        steps.forEach(({ correlation: key, isSet }, at) => {
          if (isSet) {
            table.set(key, { at });
            model.set(key, { at });
          } else expect(table.delete(key)).toBe(model.delete(key));
          expect(table.size).toBe(model.size);
          for (const one of steps) expect(table.get(one.correlation)).toEqual(model.get(one.correlation));
        });
        const inOrder = (all: Iterable<{ at: number }>) => [...all].map(({ at }) => at).sort((a, b) => a - b);
        expect(inOrder(table.values())).toEqual(inOrder(model.values()));
      }),
      { numRuns: 60 },
    );
  });

  it('gives out what is free, never 0, and each in a slot of its own', () => {
    const table = new CorrelationTable<object>();
    const given = new Set<number>();
    const old = table.next();
    table.set(old, {});
    for (let i = 0; i < 100_000; i++) {
      const next = table.next();
      expect(next === 0 || next === old || given.has(next)).toBe(false);
      given.add(next);
      table.set(next, {});
      if (i % 3 > 0) table.delete(next);
    }
    const even = new CorrelationTable<object>(2);
    expect([even.next(), even.next(), even.next()]).toEqual([2, 4, 6]);
    const wrapping = new CorrelationTable<object>(2, 0xffff_fffc);
    expect([wrapping.next(), wrapping.next()]).toEqual([0xffff_fffe, 2]);
  });

  it('tells all in the order in which they were given out, also where the numbers begin again', () => {
    const table = new CorrelationTable<{ readonly at: number }>(1, 0xffff_ff00);
    const ended: number[] = [];
    for (let at = 0; at < 600; at++) {
      const key = table.next();
      table.set(key, { at });
      if (at % 2 === 0) ended.push(key);
    }
    for (const key of ended) table.delete(key);
    expect(table.inOrder().map(({ at }) => at)).toEqual(Array.from({ length: 300 }, (_, i) => 2 * i + 1));
  });

  it('is small again when little of it is used after it was large', () => {
    const table = new CorrelationTable<object>();
    for (let i = 1; i <= 10_000; i++) table.set(i, {});
    for (let i = 1; i <= 10_000; i++) table.delete(i);
    // As long as it was, for it may be so again; small after little use.
    expect([table.size, slotsOf(table)]).toEqual([0, 65_536]);
    table.set(7, {});
    expect(table.values()).toHaveLength(1);
    table.delete(7);
    expect(slotsOf(table)).toBe(16);
    table.set(7, {});
    expect(table.values()).toHaveLength(1);
  });
});
