import { expect, it } from 'vitest';
import { createTrace } from './trace.ts';

it('equal histories have equal digests, and each part of a happening counts', () => {
  const digestOf = (at: number, from: number, to: number, size: number, byte: number): string => {
    const trace = createTrace(undefined);
    trace.note('datagram', at, from, to, size);
    trace.content(Uint8Array.of(byte));
    return trace.digest();
  };
  const variants = [
    digestOf(1, 1, 2, 3, 4),
    digestOf(1.001, 1, 2, 3, 4),
    digestOf(1, 2, 1, 3, 4),
    digestOf(1, 1, 2, 4, 4),
    digestOf(1, 1, 2, 3, 5),
  ];
  expect(digestOf(1, 1, 2, 3, 4)).toBe(variants[0]);
  expect(new Set(variants).size).toBe(variants.length);
  expect(variants[0]).toMatch(/^[0-9a-f]{16}$/);
});

it('shows lines to who wants them', () => {
  const lines: string[] = [];
  const trace = createTrace((line) => lines.push(line));
  trace.note('datagram', 12.5, trace.party('a'), trace.party('b'), 9, 'eth0');
  expect(lines).toEqual(['      12.500 datagram a b 9 eth0']);
});
