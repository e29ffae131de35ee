import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockData } from './data-lock.ts';

let root: string;
let data: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fogata-'));
  data = join(root, 'a', 'data');
});

afterEach(() => rm(root, { recursive: true }));

it('makes the directory, for nobody else', async () => {
  const lock = await lockData(data);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  await lock.release();
  await lock.release();
  await (await lockData(data)).release();
});

it('refuses a directory that a living agent uses', async () => {
  await lockData(data);
  const message = `${data}: the agent with process id ${process.pid} uses this data directory`;
  await expect(lockData(data)).rejects.toMatchObject({
    code: 'address-in-use',
    message: expect.stringContaining(message) as string,
  });
});

it.each([
  ['a process that is gone', '4194305 1\n'],
  ['a process whose number is another’s by now', `${process.pid} 1\n`],
  ['nobody, after a power cut', ''],
  ['something else', 'hello\n'],
])('takes over the lock of %s', async (_, mark) => {
  await (await lockData(data)).release();
  await writeFile(join(data, 'agent.lock'), mark);
  await lockData(data);
  expect(await readFile(join(data, 'agent.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} \\d*\\n$`));
  expect(await readdir(data)).toEqual(['agent.lock']);
});

it('does not remove a lock that is another’s', async () => {
  const lock = await lockData(data);
  await writeFile(join(data, 'agent.lock'), '1 1\n');
  await lock.release();
  expect(await readFile(join(data, 'agent.lock'), 'utf8')).toBe('1 1\n');
});

it('names a file that stands in the way', async () => {
  await writeFile(join(root, 'a'), '');
  await expect(lockData(data)).rejects.toMatchObject({ code: 'config' });
});

it('names a directory that cannot be made', async () => {
  const nowhere = process.platform === 'linux' ? '/proc/fogata/data' : join(root, 'a');
  if (process.platform !== 'linux') await writeFile(nowhere, '');
  await expect(lockData(nowhere)).rejects.toMatchObject({ code: 'config' });
});
