import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteStream, ListenAddress, StreamAddress, StreamListener } from './streams.ts';
import { systemStreams } from './system-streams.ts';

const streams = systemStreams();
const loopback = { address: '127.0.0.1', port: 0 };
const listeners: StreamListener[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fogata-streams-'));
});

afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  await rm(directory, { recursive: true, force: true });
});

/** A stream with all it told, in order; `saw(what)` waits for a happening. */
function observe(stream: ByteStream) {
  const told: string[] = [];
  const waiting = new Map<string, () => void>();
  let text = '';
  let received = 0;
  let closedWith: Error | undefined;
  const tell = (what: string): void => {
    told.push(what);
    waiting.get(what)?.();
  };
  stream.start({
    onConnect: () => tell('connect'),
    onData(bytes) {
      received += bytes.length;
      if (received < 1_000) text += new TextDecoder().decode(bytes);
      if (told.at(-1) !== 'data') tell('data');
    },
    onDrain: () => tell('drain'),
    onEnd: () => tell('end'),
    onClose(error) {
      closedWith = error;
      tell('close');
    },
  });
  return {
    stream,
    told,
    text: () => text,
    received: () => received,
    code: () => (closedWith !== undefined && 'code' in closedWith ? closedWith.code : closedWith),
    saw: (what: string) =>
      new Promise<void>((resolve) => (told.includes(what) ? resolve() : waiting.set(what, resolve))),
  };
}

type Observed = ReturnType<typeof observe>;

async function listen(where: ListenAddress) {
  const accepted: Observed[] = [];
  let onAccept: ((one: Observed) => void) | undefined;
  const listener = await streams.listen(where, (stream) => {
    const one = observe(stream);
    accepted.push(one);
    onAccept?.(one);
  });
  listeners.push(listener);
  const next = (): Promise<Observed> =>
    new Promise((resolve) => {
      const ready = accepted[0];
      if (ready !== undefined) resolve(ready);
      else onAccept = resolve;
    });
  return { listener, next };
}

async function pair(where: StreamAddress = loopback): Promise<[Observed, Observed]> {
  const server = await listen(where);
  const dialled = observe(streams.connect(server.listener.local));
  return [dialled, await server.next()];
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const kinds: [string, () => StreamAddress][] = [
  ['TCP', () => loopback],
  ['Unix', () => ({ path: join(directory, 'socket') })],
];

describe.each(kinds)('%s streams', (_name, where) => {
  it('carry bytes both ways, also those written before the connection stands', async () => {
    const server = await listen(where());
    const dialled = observe(streams.connect(server.listener.local));
    dialled.stream.write(bytes('hello'));
    expect(dialled.stream.queuedBytes).toBe(5);
    const accepted = await server.next();
    await accepted.saw('data');
    accepted.stream.writeBoth(bytes('wel'), bytes('come'));
    expect(accepted.stream.queuedBytes).toBe(0);
    await dialled.saw('data');
    expect([accepted.text(), dialled.text()]).toEqual(['hello', 'welcome']);
    expect(dialled.told[0]).toBe('connect');
    expect(accepted.told).not.toContain('connect');
    expect(dialled.stream.queuedBytes).toBe(0);
    dialled.stream.destroy();
  });

  it('gather what is written until the end of the turn', async () => {
    const [dialled, accepted] = await pair(where());
    await dialled.saw('connect');
    dialled.stream.gather();
    dialled.stream.write(bytes('well '));
    dialled.stream.writeBoth(bytes('m'), bytes('et'));
    expect(dialled.stream.queuedBytes).toBe(8);
    await accepted.saw('data');
    expect([accepted.text(), dialled.stream.queuedBytes]).toEqual(['well met', 0]);
    dialled.stream.gather();
    dialled.stream.write(bytes(' again'));
    dialled.stream.end();
    await accepted.saw('end');
    expect(accepted.text()).toBe('well met again');
    accepted.stream.destroy();
  });

  it('end by halves, then close in order on both sides', async () => {
    const [dialled, accepted] = await pair(where());
    dialled.stream.write(bytes('question'));
    dialled.stream.end();
    await accepted.saw('end');
    expect(accepted.text()).toBe('question');
    accepted.stream.write(bytes('answer'));
    accepted.stream.end();
    await Promise.all([dialled.saw('close'), accepted.saw('close')]);
    expect(dialled.told).toEqual(['connect', 'data', 'end', 'close']);
    expect(accepted.told).toEqual(['data', 'end', 'close']);
    expect([dialled.text(), dialled.code(), accepted.code()]).toEqual(['answer', undefined, undefined]);
  });

  it('do nothing after end and after close', async () => {
    const [dialled, accepted] = await pair(where());
    dialled.stream.end();
    expect(dialled.stream.write(bytes('late'))).toBe(true);
    await accepted.saw('end');
    accepted.stream.end();
    await Promise.all([dialled.saw('close'), accepted.saw('close')]);
    dialled.stream.write(bytes('later'));
    dialled.stream.end();
    dialled.stream.destroy();
    expect(accepted.received()).toBe(0);
    expect(dialled.told.filter((what) => what === 'close')).toHaveLength(1);
  });

  it('push back on a writer whose reader has paused', async () => {
    const [dialled, accepted] = await pair(where());
    accepted.stream.pause();
    const chunk = new Uint8Array(1 << 20);
    let written = 0;
    while (dialled.stream.write(chunk) || written < 8) written += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(dialled.told).not.toContain('drain');
    expect(dialled.stream.queuedBytes).toBeGreaterThan(0);
    expect(accepted.received()).toBe(0);
    accepted.stream.resume();
    await dialled.saw('drain');
    expect(dialled.stream.queuedBytes).toBe(0);
    dialled.stream.end();
    await accepted.saw('end');
    expect(accepted.received()).toBe((written + 1) * chunk.length);
    accepted.stream.destroy();
  });

  it('can be paused by the one who dialled', async () => {
    const [dialled, accepted] = await pair(where());
    await dialled.saw('connect');
    dialled.stream.pause();
    accepted.stream.write(bytes('wait'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(dialled.told).toEqual(['connect']);
    dialled.stream.resume();
    await dialled.saw('data');
    dialled.stream.destroy();
  });

  it('tell both sides when one destroys', async () => {
    const [dialled, accepted] = await pair(where());
    await dialled.saw('connect');
    dialled.stream.destroy();
    dialled.stream.destroy();
    await dialled.saw('close');
    expect(dialled.code()).toBe('ECONNABORTED');
    await accepted.saw(_name === 'TCP' ? 'close' : 'end');
    if (_name === 'TCP') expect(accepted.code()).toBe('ECONNRESET');
    accepted.stream.destroy();
  });

  it('live on when the listener closes', async () => {
    const server = await listen(where());
    const dialled = observe(streams.connect(server.listener.local));
    const accepted = await server.next();
    server.listener.close();
    dialled.stream.write(bytes('still here'));
    await accepted.saw('data');
    const refused = observe(streams.connect(server.listener.local));
    await refused.saw('close');
    expect(['ECONNREFUSED', 'ENOENT']).toContain(refused.code());
    dialled.stream.destroy();
  });

  it('refuse a second listener in the same place', async () => {
    const server = await listen(where());
    await expect(listen(server.listener.local)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a listener on every address', () => {
  it('is reached by both families, and shows each as it is', async () => {
    const { listener, next } = await listen({ port: 0 });
    const { address, port } = listener.local as { address: string; port: number };
    const isBoth = address === '::';
    expect(['::', '0.0.0.0']).toContain(address);
    const dialled = observe(streams.connect({ address: '127.0.0.1', port }));
    const accepted = await next();
    expect(accepted.stream.remote).toMatchObject({ address: '127.0.0.1' });
    dialled.stream.destroy();
    if (!isBoth) return;
    const second = await listen({ port: 0 });
    const where = { address: '::1', port: (second.listener.local as { port: number }).port };
    const dialledBy6 = observe(streams.connect(where));
    expect((await second.next()).stream.remote).toMatchObject({ address: '::1' });
    dialledBy6.stream.destroy();
  });

  it.each(['127.0.0.1', '0.0.0.0'])('has its port for itself: %s may not have it too', async (address) => {
    const { listener } = await listen({ port: 0 });
    const { port } = listener.local as { port: number };
    await expect(listen({ address, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('does not take a port of which somebody has one family', async () => {
    const { listener } = await listen({ address: '0.0.0.0', port: 0 });
    const { port } = listener.local as { port: number };
    await expect(listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a failed dial', () => {
  it('closes once, with the reason', async () => {
    const server = await listen(loopback);
    server.listener.close();
    const dialled = observe(streams.connect(server.listener.local));
    dialled.stream.write(bytes('lost'));
    await dialled.saw('close');
    expect(dialled.told).toEqual(['close']);
    expect(dialled.code()).toBe('ECONNREFUSED');
  });

  it.each([{ address: '127.0.0.1', port: 65_536 }, { path: `/${'x'.repeat(200)}` }])(
    'never throws: %j',
    async (where) => {
      const dialled = observe(streams.connect(where));
      dialled.stream.destroy();
      await dialled.saw('close');
      expect(dialled.told).toEqual(['close']);
      expect(dialled.code()).toBeDefined();
    },
  );
});

describe('the file of a Unix socket', () => {
  it('is for its owner only and goes with the listener', async () => {
    const path = join(directory, 'socket');
    const { listener } = await listen({ path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(listener.local).toEqual({ path });
    listener.close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is replaced when nobody listens at it any more', async () => {
    const path = join(directory, 'socket');
    // Renamed away from under its server, the file stays when the server closes, as after kill -9.
    const server = createServer().listen(join(directory, 'first'));
    await new Promise((resolve) => server.once('listening', resolve));
    const { link } = await import('node:fs/promises');
    await link(join(directory, 'first'), path);
    await new Promise((resolve) => server.close(resolve));
    expect((await stat(path)).isSocket()).toBe(true);
    await chmod(path, 0o777);
    await listen({ path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await new Promise<void>((resolve) => {
      const probe = connect(path, () => {
        probe.destroy();
        resolve();
      });
    });
  });

  it('is left alone when it is no socket', async () => {
    const path = join(directory, 'notes.txt');
    await writeFile(path, 'mine');
    await expect(listen({ path })).rejects.toMatchObject({ code: 'ENOTSOCK' });
    expect((await stat(path)).size).toBe(4);
  });

  it('must fit: a longer path is refused, not cut off', async () => {
    await expect(listen({ path: join(directory, 'x'.repeat(100)) })).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  });
});
