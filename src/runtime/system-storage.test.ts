import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from './memory-storage.ts';
import type { Storage } from './storage.ts';
import { systemStorage } from './system-storage.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fogata-storage-'));
  directory = join(parent, 'data');
});

afterEach(() => rm(parent, { recursive: true, force: true }));

const kinds: [string, () => Storage][] = [
  ['system', () => systemStorage(directory)],
  ['memory', memoryStorage],
];

describe.each(kinds)('%s storage', (_name, make) => {
  it('gives back what was written, replaces, deletes', async () => {
    const storage = make();
    expect(await storage.read('identity')).toBeUndefined();
    await storage.write('identity', bytes('one'));
    await storage.write('identity', bytes('two'));
    expect(await storage.read('identity')).toEqual(bytes('two'));
    await storage.delete('identity');
    await storage.delete('identity');
    expect(await storage.read('identity')).toBeUndefined();
  });

  it('keeps its own copy of the value', async () => {
    const storage = make();
    const value = bytes('abc');
    const written = storage.write('peers', value);
    value.fill(0);
    await written;
    const read = await storage.read('peers');
    expect(read).toEqual(bytes('abc'));
    read?.fill(0);
    expect(await storage.read('peers')).toEqual(bytes('abc'));
  });

  it('makes overlapping writes in the order asked for', async () => {
    const storage = make();
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => storage.write('key', bytes(text))));
    expect(await storage.read('key')).toEqual(bytes('d'));
  });

  it.each(['', '..', '.hidden', 'a/b', 'A', 'a~b', 'a\0', 'x'.repeat(129)])('refuses the key %j', async (key) => {
    const storage = make();
    await expect(storage.read(key)).rejects.toThrow(TypeError);
    await expect(storage.write(key, bytes('x'))).rejects.toThrow(TypeError);
    await expect(storage.delete(key)).rejects.toThrow(TypeError);
  });
});

describe('system storage on disk', () => {
  it('is for its owner only', async () => {
    await systemStorage(directory).write('key', bytes('secret'));
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, 'key'))).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing but the value behind', async () => {
    const storage = systemStorage(directory);
    await storage.write('key', bytes('one'));
    await storage.write('key', bytes('two'));
    expect(await readdir(directory)).toEqual(['key']);
  });

  it('ignores what a power cut left half written', async () => {
    const storage = systemStorage(directory);
    await storage.write('key', bytes('whole'));
    await writeFile(join(directory, 'key~1-1'), 'ha');
    // In a container the next process has the same number.
    await writeFile(join(directory, `key~${process.pid}-1`), 'ha');
    const afterRestart = systemStorage(directory);
    expect(await afterRestart.read('key')).toEqual(bytes('whole'));
    await afterRestart.write('key', bytes('new'));
    expect(await afterRestart.read('key')).toEqual(bytes('new'));
  });

  it('keeps the old value when a write fails, and goes on with the next', async () => {
    const storage = systemStorage(directory);
    await storage.write('key', bytes('old'));
    // A temporary file in the way: the write fails where a full disk would make it fail.
    await writeFile(join(directory, `key~${process.pid}-${Math.floor(performance.timeOrigin)}-2`), '');
    await expect(storage.write('key', bytes('new'))).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await storage.read('key')).toEqual(bytes('old'));
    await storage.write('key', bytes('newer'));
    expect(await storage.read('key')).toEqual(bytes('newer'));
  });

  it('rejects when the medium fails', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    await expect(systemStorage(file).read('key')).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(systemStorage(file).write('key', bytes('x'))).rejects.toThrow();
  });
});
