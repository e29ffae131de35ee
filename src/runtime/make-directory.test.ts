import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fogata-directory-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('a directory is made', () => {
  it('with those above it, and the mode of each; again nothing is changed', async () => {
    const path = join(parent, 'a', 'b', 'c');
    await makeDirectory(path, 0o700);
    await makeDirectory(path, 0o755);
    expect([await modeOf(path), await modeOf(join(parent, 'a'))]).toEqual([0o700, 0o700]);
  });

  it('by several at once', async () => {
    const path = join(parent, 'x', 'y');
    await Promise.all([path, path, join(path, 'z'), path].map((each) => makeDirectory(each)));
    expect((await stat(join(path, 'z'))).isDirectory()).toBe(true);
  });

  it('also where a link leads to one', async () => {
    await symlink(parent, join(parent, 'link'));
    await expect(makeDirectory(join(parent, 'link'))).resolves.toBeUndefined();
  });
});

describe('no directory can be', () => {
  it('where a file is', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(makeDirectory(join(parent, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeDirectory(join(parent, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('where the system has no room for new ones: it ends', async () => {
    await expect(makeDirectory('')).rejects.toMatchObject({ code: 'ENOENT' });
    if (process.platform !== 'linux') return;
    await expect(makeDirectory('/proc/nope')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(makeDirectory('/proc/nope/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
