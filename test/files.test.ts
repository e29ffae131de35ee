import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteChannel } from '../src/api/byte-channel.ts';
import type { Mesh } from '../src/api/mesh.ts';
import { checkFileName, fileNameBytesMax, numberedName } from '../src/files/file-name.ts';
import { type PushEvent, pushFile } from '../src/files/push-file.ts';
import { pushParams } from '../src/files/push-wire.ts';
import { type SaveEvent, type SaveFilesOptions, saveFiles } from '../src/files/save-files.ts';
import { FogataError } from '../src/protocol/fogata-error.ts';
import { type AgentsBed, agentsBed, instancesOf } from './agent/agents-bed.ts';

let bed: AgentsBed;
let from: Mesh;
let to: Mesh;
let inbox: string;
let file: string;
const content = randomBytes(3_000_000);

beforeEach(async () => {
  bed = await agentsBed();
  from = await bed.node('a');
  to = await bed.node('b');
  inbox = join(bed.root, 'inbox');
  file = join(bed.root, 'report.bin');
  await writeFile(file, content);
});
afterEach(() => bed.end());

async function save(options: SaveFilesOptions = {}, service = 'inbox') {
  const events: SaveEvent[] = [];
  const onEvent = (event: SaveEvent): void => void events.push(event);
  const registration = await to.serve(service, {}, { onStream: saveFiles(inbox, { onEvent, ...options }) });
  await instancesOf(from, service, 1);
  return { registration, events };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Breaks the channel of each open after so many bytes, in turn; then no more. */
function breaking(...afterBytes: number[]) {
  const channels: ByteChannel[] = [];
  let channel: ByteChannel | undefined;
  let begunAt = 0;
  const mesh: Pick<Mesh, 'open'> = {
    async open(...args) {
      channel = await from.open(...args);
      channels.push(channel);
      return channel;
    },
  };
  const events: PushEvent[] = [];
  const onEvent = (event: PushEvent): void => {
    events.push(event);
    if (event.type === 'begun') begunAt = event.offset;
    const limit = afterBytes[0];
    if (event.type !== 'progress' || limit === undefined || event.bytes - begunAt < limit) return;
    afterBytes.shift();
    channel?.destroy(new FogataError('link-lost', 'cut by the test'));
  };
  return { mesh, onEvent, events, channels };
}

const offsets = (events: readonly PushEvent[]) => events.flatMap((one) => (one.type === 'begun' ? [one.offset] : []));

describe('a pushed file', () => {
  it('arrives whole, verified, under its name', async () => {
    const { events } = await save();
    const pushed = await pushFile(from, 'inbox', file, { from: 'erp' });
    const saved = { name: 'report.bin', bytes: content.length, sha256: sha256(content) };
    expect(pushed).toEqual({ ...saved, instance: { service: 'inbox', node: 'b' }, resumed: 0 });
    expect(await readdir(inbox)).toEqual(['report.bin']);
    expect((await readFile(join(inbox, 'report.bin'))).equals(content)).toBe(true);
    const sender = { node: 'a', service: 'erp' };
    expect(events).toEqual([
      { type: 'begun', name: 'report.bin', from: sender, bytes: content.length, offset: 0 },
      { type: 'saved', from: sender, path: join(inbox, 'report.bin'), ...saved },
    ]);
  });

  it.each([0, 1, 31, 32, 33, 65_536, 262_144, 262_145])('may have %i bytes', async (bytes) => {
    await save();
    await writeFile(file, content.subarray(0, bytes));
    expect(await pushFile(from, 'inbox', file)).toMatchObject({ bytes, sha256: sha256(content.subarray(0, bytes)) });
    expect((await readFile(join(inbox, 'report.bin'))).equals(content.subarray(0, bytes))).toBe(true);
  });

  it('takes the next free name, or the place of what is there', async () => {
    const { registration } = await save();
    for (const name of ['report.bin', 'report-1.bin', 'report-2.bin']) {
      expect(await pushFile(from, 'inbox', file)).toMatchObject({ name });
    }
    await registration.withdraw();
    await writeFile(join(inbox, 'report.bin'), 'old');
    await save({ overwrite: true }, 'over');
    expect(await pushFile(from, 'over', file)).toMatchObject({ name: 'report.bin' });
    expect((await readFile(join(inbox, 'report.bin'))).equals(content)).toBe(true);
    expect((await readdir(inbox)).sort()).toEqual(['report-1.bin', 'report-2.bin', 'report.bin']);
  });

  it('goes on where its link broke, twice', async () => {
    await save();
    const { mesh, onEvent, events } = breaking(1_000_000, 700_000);
    expect(await pushFile(mesh, 'inbox', file, { onEvent })).toMatchObject({ sha256: sha256(content), resumed: 2 });
    const [first, second, third] = offsets(events) as [number, number, number];
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(0);
    expect(third).toBeGreaterThan(second);
    expect(await readdir(inbox)).toEqual(['report.bin']);
    expect((await readFile(join(inbox, 'report.bin'))).equals(content)).toBe(true);
  });

  it('goes on in a later push, also after the receiver was restarted', async () => {
    const { registration, events } = await save();
    const first = breaking(1_500_000);
    await expect(pushFile(first.mesh, 'inbox', file, { onEvent: first.onEvent, retryForMs: -1 })).rejects.toMatchObject(
      { code: 'link-lost' },
    );
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'broken', code: 'link-lost' });
    const [partial] = await readdir(inbox);
    expect(partial).toMatch(/^\.report\.bin\.[0-9a-f]{8}\.part$/);
    await registration.withdraw();
    await save({}, 'again');
    const second = breaking();
    expect(await pushFile(from, 'again', file, { onEvent: second.onEvent })).toMatchObject({ sha256: sha256(content) });
    expect(offsets(second.events)[0]).toBeGreaterThan(0);
    expect(await readdir(inbox)).toEqual(['report.bin']);
  });

  it('what another receiver of the same directory has in hand is left alone, what one that is gone had is gone on with', async () => {
    const { events } = await save();
    const first = breaking(1_500_000);
    await expect(pushFile(first.mesh, 'inbox', file, { onEvent: first.onEvent, retryForMs: -1 })).rejects.toMatchObject(
      { code: 'link-lost' },
    );
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'broken' });
    const [partial = ''] = await readdir(inbox);
    const ofProcess = (pid: number) => partial.replace(/part$/, `${pid.toString(36)}.part`);
    const kept = await readFile(join(inbox, partial));
    await rename(join(inbox, partial), join(inbox, ofProcess(process.ppid)));
    const second = breaking();
    await pushFile(from, 'inbox', file, { onEvent: second.onEvent });
    expect(offsets(second.events)).toEqual([0]);
    expect((await readFile(join(inbox, ofProcess(process.ppid)))).equals(kept)).toBe(true);
    const gone = spawnSync(process.execPath, ['--version']).pid;
    await rename(join(inbox, ofProcess(process.ppid)), join(inbox, ofProcess(gone)));
    const third = breaking();
    await pushFile(from, 'inbox', file, { onEvent: third.onEvent });
    expect(offsets(third.events)).toEqual([kept.length]);
    expect((await readdir(inbox)).sort()).toEqual(['report-1.bin', 'report.bin']);
  });

  it('begins anew where what is there is of another file', async () => {
    const { events } = await save();
    const when = new Date(1_000_000_000_000);
    await utimes(file, when, when);
    const first = breaking(1_500_000);
    await expect(pushFile(first.mesh, 'inbox', file, { onEvent: first.onEvent, retryForMs: -1 })).rejects.toMatchObject(
      { code: 'link-lost' },
    );
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'broken' });
    const other = Buffer.from(content);
    other[7] = (other[7] ?? 0) ^ 1;
    await writeFile(file, other);
    await utimes(file, when, when);
    const second = breaking();
    expect(await pushFile(from, 'inbox', file, { onEvent: second.onEvent })).toMatchObject({ sha256: sha256(other) });
    expect(offsets(second.events)).toEqual([0]);
  });

  it('two pushes of it at once do not mix', async () => {
    await save();
    const pushed = await Promise.all([pushFile(from, 'inbox', file), pushFile(from, 'inbox', file)]);
    expect(pushed.map(({ name }) => name).sort()).toEqual(['report-1.bin', 'report.bin']);
    for (const name of await readdir(inbox)) {
      expect((await readFile(join(inbox, name))).equals(content), name).toBe(true);
    }
  });

  it('is not saved again when only the answer was lost', async () => {
    await save();
    const head = { name: 'x.txt', bytes: 2, transfer: 'ab'.repeat(16), content: '01234567' };
    const open = () => from.open('inbox', 'push', { params: pushParams(head) });
    const first = await open();
    first.write(Buffer.concat([Buffer.alloc(8), Buffer.from('hi')]));
    first.end(createHash('sha256').update('hi').digest());
    const said = await text(first);
    expect(JSON.parse(said)).toEqual({ name: 'x.txt', bytes: 2, sha256: sha256(Buffer.from('hi')) });
    const second = await open();
    expect(second.params).toEqual({ saved: 'yes' });
    expect(await text(second)).toBe(said);
    second.end();
    expect(await readdir(inbox)).toEqual(['x.txt']);
  });

  it('a new stream of the same push takes the place of one whose link is not yet known as broken', async () => {
    await save();
    const head = { name: 'x.txt', bytes: 70_000, transfer: 'ab'.repeat(16), content: '01234567' };
    const first = await from.open('inbox', 'push', { params: pushParams(head) });
    const cut = once(first, 'error');
    first.write(Buffer.concat([Buffer.alloc(8), content.subarray(0, 60_000)]));
    await expect.poll(async () => (await readdir(inbox)).length).toBe(1);
    const second = await from.open('inbox', 'push', { params: pushParams(head) });
    expect((await cut)[0]).toMatchObject({ code: 'cancelled' });
    const offset = Number(second.params['offset']);
    expect(second.params['sha256']).toBe(sha256(content.subarray(0, offset)));
    second.destroy();
  });

  it.each([
    ['a wrong digest', Buffer.concat([Buffer.alloc(8), Buffer.from('hi'), Buffer.alloc(32)]), 'failed'],
    ['too few bytes', Buffer.concat([Buffer.alloc(8), Buffer.from('h'), Buffer.alloc(32)]), 'protocol'],
    ['no digest', Buffer.concat([Buffer.alloc(8), Buffer.from('hi')]), 'protocol'],
    ['not even a beginning', Buffer.alloc(7), 'protocol'],
    ['an offset of its own', Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 9]), Buffer.alloc(34)]), 'protocol'],
  ])('with %s it is refused, and no file is there', async (_what, bytes, code) => {
    await save();
    const head = { name: 'x.txt', bytes: 2, transfer: 'ab'.repeat(16), content: '01234567' };
    const channel = await from.open('inbox', 'push', { params: pushParams(head) });
    const failed = once(channel, 'error');
    channel.end(bytes);
    expect((await failed)[0]).toMatchObject({ code });
    const visible = (await readdir(inbox)).filter((name) => !name.startsWith('.'));
    expect(visible).toEqual([]);
  });

  it('of more bytes than were announced does not fill the disk', async () => {
    const { events } = await save();
    const head = { name: 'x.txt', bytes: 100, transfer: 'ab'.repeat(16), content: '01234567' };
    const channel = await from.open('inbox', 'push', { params: pushParams(head) });
    const failed = once(channel, 'error');
    channel.write(Buffer.concat([Buffer.alloc(8), content.subarray(0, 1_000_000)]));
    expect((await failed)[0]).toMatchObject({
      code: 'protocol',
      message: 'more than the 100 bytes came that were announced',
    });
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'broken', bytes: 0 });
    expect(await readdir(inbox)).toEqual([]);
  });

  it.each([
    '../evil',
    '/etc/passwd',
    '..',
    '.hidden',
    'a/b',
    'a\\b',
    '',
    'a\nb',
    'x'.repeat(300),
    'con:',
    'dot.',
    'a\u202efdp.exe',
  ])('under the name %j it is refused', async (name) => {
    await save();
    const head = { name, bytes: 2, transfer: 'ab'.repeat(16), content: '01234567' };
    await expect(from.open('inbox', 'push', { params: pushParams(head) })).rejects.toMatchObject({ code: 'invalid' });
    await expect(pushFile(from, 'inbox', file, { name })).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each([
    ['is written over', () => writeFileSync(file, randomBytes(content.length)), false],
    ['is written over and longer', () => writeFileSync(file, randomBytes(content.length + 9)), false],
    ['becomes shorter', () => truncateSync(file, 2_000_000), false],
    ['is appended to', () => appendFileSync(file, 'more'), true],
    ['is touched', () => utimesSync(file, 1, 1), true],
  ])('that %s while it is read is saved as it was, or not at all', async (_what, change, isSaved) => {
    const { events } = await save();
    let count = 0;
    const onEvent = ({ type }: PushEvent): void => {
      if (type !== 'progress') return;
      count += 1;
      if (count === 1) change();
    };
    const pushed = pushFile(from, 'inbox', file, { onEvent });
    if (isSaved) {
      expect(await pushed).toMatchObject({ bytes: content.length, sha256: sha256(content) });
      return;
    }
    await expect(pushed).rejects.toThrow(/while it was read: push it again$/);
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'broken', code: 'failed', bytes: 0 });
    expect(await readdir(inbox)).toEqual([]);
  });

  it('may come from a stream, which cannot go on: nothing of it is kept', async () => {
    const { events } = await save();
    const pushed = await pushFile(from, 'inbox', Readable.from([content]), { name: 'all.bin' });
    expect(pushed).toMatchObject({ name: 'all.bin', sha256: sha256(content) });
    const { mesh, onEvent } = breaking(1_000_000);
    const pieces = Array.from({ length: 30 }, (_, i) => content.subarray(i * 100_000, (i + 1) * 100_000));
    await expect(pushFile(mesh, 'inbox', Readable.from(pieces), { name: 'part.bin', onEvent })).rejects.toMatchObject({
      code: 'link-lost',
    });
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'broken', name: 'part.bin', bytes: 0 });
    expect(await readdir(inbox)).toEqual(['all.bin']);
  });

  it.skipIf(process.platform === 'win32')(
    'a pipe that nobody writes to is no file, and keeps nobody waiting',
    async () => {
      await save();
      const pipe = join(bed.root, 'pipe');
      execFileSync('mkfifo', [pipe]);
      await expect(pushFile(from, 'inbox', pipe)).rejects.toMatchObject({ code: 'invalid' });
    },
  );

  it.skipIf(process.platform !== 'linux')('what does not say how long it is, is not taken for empty', async () => {
    await save();
    await expect(pushFile(from, 'inbox', '/proc/self/status')).rejects.toMatchObject({ code: 'invalid' });
  });

  it('what cannot be read, or has no receiver, is told at once', async () => {
    await save();
    await expect(pushFile(from, 'inbox', join(bed.root, 'none'))).rejects.toMatchObject({ code: 'invalid' });
    await mkdir(join(bed.root, 'folder'));
    await expect(pushFile(from, 'inbox', join(bed.root, 'folder'))).rejects.toMatchObject({ code: 'invalid' });
    await expect(pushFile(from, 'nobody', file)).rejects.toMatchObject({ code: 'no-instance' });
    await expect(pushFile(from, 'inbox', file, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('the name of a file', () => {
  it('holds its bound at n and n + 1', () => {
    expect(checkFileName('n'.repeat(fileNameBytesMax))).toBeUndefined();
    expect(checkFileName('n'.repeat(fileNameBytesMax + 1))).toMatch(/230 bytes/);
    expect(checkFileName('é'.repeat(fileNameBytesMax / 2))).toBeUndefined();
    expect(checkFileName('é'.repeat(fileNameBytesMax / 2 + 1))).toMatch(/230 bytes/);
  });

  it.each([
    ['a.txt', 0, 'a.txt'],
    ['a.txt', 1, 'a-1.txt'],
    ['a.tar.gz', 2, 'a.tar-2.gz'],
    ['plain', 3, 'plain-3'],
  ])('%s, the %ith, is %s', (name, number, expected) => {
    expect(numberedName(name, number)).toBe(expected);
  });
});
