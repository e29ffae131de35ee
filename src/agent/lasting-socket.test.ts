import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { type LastingSocket, lastingSocket } from './lasting-socket.ts';

let root: string;
let path: string;
let told: string[];
let accepted: Socket[];
let socket: LastingSocket;
let timers: (() => void)[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fogata-'));
  path = join(root, 'run', 'agent.sock');
  told = [];
  accepted = [];
  timers = [];
  const say = (text: string) => void told.push(text);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  const schedule: Clock['schedule'] = (_, callback) => {
    timers.push(callback);
    return { cancel: () => void (timers = timers.filter((other) => other !== callback)) };
  };
  const clock = { schedule } as Clock;
  socket = await lastingSocket({ clock, log, path, connectionsMax: 10, accept: (one) => void accepted.push(one) });
});

afterEach(async () => {
  socket.close();
  for (const one of accepted) one.destroy();
  await rm(root, { recursive: true, force: true });
});

/** Lets the time pass until it looks again, and waits until it has. */
async function look(): Promise<void> {
  for (const callback of timers.splice(0)) callback();
  while (timers.length === 0) await stat(root);
}

function reach(): Promise<string> {
  return new Promise((resolve) => {
    const client = connect({ path });
    client.on('connect', () => {
      resolve('connected');
      client.end();
    });
    client.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

describe('lastingSocket', () => {
  it('is there, for its owner alone', async () => {
    expect(await reach()).toBe('connected');
    expect(await modeOf(path)).toBe('600');
    await look();
    expect(told).toEqual([]);
  });

  it.each([
    ['the file', () => path],
    ['its directory', () => dirname(path)],
  ])('is made again when somebody has removed %s, and connections live on', async (_what, removed) => {
    const client = connect({ path, allowHalfOpen: true });
    await new Promise((resolve) => client.once('connect', resolve));
    await rm(removed(), { recursive: true });
    expect(await reach()).toBe('ENOENT');
    await look();
    expect(await reach()).toBe('connected');
    expect(await modeOf(path)).toBe('600');
    expect(told).toEqual(['the socket file was gone, and is made again']);
    const heard = new Promise((resolve) => client.once('data', (bytes) => resolve(String(bytes))));
    accepted[0]?.write('still here');
    expect(await heard).toBe('still here');
    client.destroy();
  });

  it('tries again every second, and says once why it cannot', async () => {
    await rm(dirname(path), { recursive: true });
    await writeFile(dirname(path), 'in the way');
    await look();
    await look();
    expect(told).toEqual(['the socket file is gone, and cannot be made again']);
    await rm(dirname(path));
    await look();
    expect(await reach()).toBe('connected');
  });

  it('leaves what somebody else has put there', async () => {
    await rm(path);
    await writeFile(path, 'another');
    await chmod(path, 0o640);
    await look();
    expect(await modeOf(path)).toBe('640');
    expect(told).toEqual([]);
  });

  it('is not made again once it is closed', async () => {
    socket.close();
    expect(timers).toEqual([]);
    expect(await reach()).toBe('ENOENT');
  });
});
