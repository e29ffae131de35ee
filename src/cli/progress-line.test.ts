import { describe, expect, it } from 'vitest';
import { noPaint } from './paint.ts';
import { progressLine } from './progress-line.ts';
import { showBytes } from './show-bytes.ts';

const gib = 1_073_741_824;

describe('how far it is', () => {
  const half = { name: 'backup.tar', done: gib, bytes: 2 * gib, bytesPerSecond: gib / 4 };

  it('is a bar with figures as long as the line has room, then figures', () => {
    expect(progressLine(half, 80, noPaint)).toBe(
      `backup.tar  ${'█'.repeat(9)}${'░'.repeat(10)}  50 %  1.0 GiB of 2.0 GiB  256 MiB/s  4 s left`,
    );
    expect(progressLine(half, 200, noPaint)).toContain(`${'█'.repeat(15)}${'░'.repeat(15)} `);
    expect(progressLine(half, 50, noPaint)).toBe(' 50 %  1.0 GiB of 2.0 GiB  256 MiB/s  4 s left');
    for (let columns = 60; columns < 200; columns++) {
      expect(progressLine(half, columns, noPaint).length).toBeLessThan(columns);
    }
  });

  it('says no more than is known', () => {
    expect(progressLine({ ...half, bytes: undefined }, 80, noPaint)).toBe('backup.tar  1.0 GiB  256 MiB/s');
    expect(progressLine({ ...half, bytesPerSecond: 0 }, 80, noPaint)).not.toContain('left');
    expect(progressLine({ name: 'a', done: 0, bytes: 0, bytesPerSecond: 0 }, 80, noPaint)).toContain('100 %');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KiB'],
    [1_536, '1.5 KiB'],
    [150 * 1_024, '150 KiB'],
    [2 * gib, '2.0 GiB'],
  ])('%i bytes are %s', (bytes, text) => expect(showBytes(bytes)).toBe(text));
});
