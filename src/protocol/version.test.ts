import { describe, expect, it } from 'vitest';
import { Reader } from './reader.ts';
import { commonVersion, readVersions, versionsSpoken } from './version.ts';

const range = (versionOldest: number, versionNewest: number) => ({ versionOldest, versionNewest });

describe('[F2] the version of a link', () => {
  it.each([
    [range(1, 1), range(1, 1), 1],
    [range(1, 3), range(2, 5), 3],
    [range(2, 5), range(1, 3), 3],
    [range(1, 2), range(2, 2), 2],
    [range(1, 2), range(3, 4), undefined],
    [range(3, 4), range(1, 2), undefined],
    [versionsSpoken, versionsSpoken, 1],
  ])('%j and %j: %s', (a, b, version) => {
    expect(commonVersion(a, b)).toBe(version);
  });

  it.each([
    [0, 1, false],
    [1, 1, true],
    [2, 1, false],
    [1, 255, true],
  ])('%i to %i is a range: %s', (oldest, newest, ok) => {
    const reader = new Reader(Uint8Array.of(oldest, newest));
    expect(reader.result(readVersions(reader)).ok).toBe(ok);
  });
});
