import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from './load-config.ts';

let root: string;
const user = { env: {}, uid: 1000, home: '/home/ada' };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fogata-'));
});

afterEach(() => rm(root, { recursive: true }));

it('reads the file that the command line names, or else the environment', async () => {
  const one = join(root, 'one.yaml');
  const two = join(root, 'two.yaml');
  await writeFile(one, 'name: one\ncluster: file\n');
  await writeFile(two, 'name: two\n');
  const env = { FOGATA_CONFIG: two, FOGATA_CLUSTER: 'env' };
  expect(await loadConfig({ config: one, port: '7480' }, { ...user, env })).toMatchObject({
    name: 'one',
    cluster: 'file',
    port: 7480,
  });
  expect(await loadConfig({}, { ...user, env })).toMatchObject({ name: 'two', cluster: 'env' });
  expect(await loadConfig({}, user)).toMatchObject({ cluster: undefined });
});

it('says what is wrong, with the place', async () => {
  const file = join(root, 'fogata.yaml');
  await expect(loadConfig({ config: file }, user)).rejects.toThrow(`${file}: no such file`);
  await expect(loadConfig({ config: root }, user)).rejects.toThrow(`${root}: is a directory`);
  await writeFile(file, 'port: 0\n');
  await expect(loadConfig({ config: file }, user)).rejects.toThrow(`${file}:1:7: port: expected a port`);
});
