import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { messageOptionsOf } from './message-arguments.ts';
import { readAtMost } from './read-at-most.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fogata-read-'));
});
afterEach(() => rm(directory, { recursive: true }));

it.each([0, 1, 65_536, 200_000])(
  'a file of %i bytes is read, and not where it has one more than wanted',
  async (length) => {
    const path = join(directory, 'file');
    const content = Uint8Array.from({ length }, (_, i) => i % 251);
    await writeFile(path, content);
    expect(Buffer.compare(readAtMost(path, length) ?? Buffer.from('more'), content)).toBe(0);
    if (length > 0) expect(readAtMost(path, length - 1)).toBeUndefined();
  },
);

it('a body that never ends is too large', () => {
  for (const flags of [{ body: '@/dev/zero' }, { bodyJson: '@/dev/zero' }]) {
    if (process.platform !== 'win32')
      expect(() => messageOptionsOf([], flags)).toThrow(/\/dev\/zero: it has more than/);
  }
});
