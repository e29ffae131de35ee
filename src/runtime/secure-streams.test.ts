import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import type { ByteStream, SecureDial, SecureListen, StreamAddress, StreamListener, Streams } from './streams.ts';
import { systemStreams } from './system-streams.ts';

const key = (number: number) => new Uint8Array(32).fill(number);
const good: SecureDial = { identity: 'good', psk: key(1) };

interface Listening {
  readonly listener: StreamListener;
  readonly refusals: string[];
  readonly identities: (string | undefined)[];
  readonly streams: ByteStream[];
}

const listeners: StreamListener[] = [];

/** Sends back what it hears. */
async function echo(streams: Streams, where: StreamAddress): Promise<Listening> {
  const listening = { refusals: [] as string[], identities: [] as (string | undefined)[], streams: [] as ByteStream[] };
  const secure: SecureListen = {
    pskOf: (identity) => (identity === 'good' ? key(1) : undefined),
    onRefused: (reason) => void listening.refusals.push(reason),
  };
  const listener = await streams.listen(
    where,
    (stream, identity) => {
      listening.identities.push(identity);
      listening.streams.push(stream);
      stream.start({
        onData: (bytes) => void stream.write(bytes.slice()),
        onEnd: () => stream.end(),
        onConnect() {},
        onDrain() {},
        onClose() {},
      });
    },
    secure,
  );
  listeners.push(listener);
  return { listener, ...listening };
}

/** Sends `bytes`, ends, and resolves with what came back, or with the text of the error. */
function ask(stream: ByteStream, bytes: Uint8Array): Promise<number | string> {
  return new Promise((resolve) => {
    let count = 0;
    stream.start({
      onConnect() {},
      onDrain() {},
      onEnd() {},
      onData: (piece) => void (count += piece.length),
      onClose: (error) => resolve(error === undefined ? count : error.message),
    });
    stream.write(bytes);
    stream.end();
  });
}

afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});

describe('secure streams of the system [K6]', () => {
  const streams = systemStreams();
  const anywhere = { address: '127.0.0.1', port: 0 };

  it('carry bytes both ways and end in order, also half by half', async () => {
    const { listener, identities } = await echo(streams, anywhere);
    expect(await ask(streams.connect(listener.local, good), new Uint8Array(3_000_000))).toBe(3_000_000);
    expect(identities).toEqual(['good']);
  });

  it('name the likely cause when the other side has another key', async () => {
    const { listener, identities, refusals } = await echo(streams, anywhere);
    const other = 'the other side has another key';
    expect(await ask(streams.connect(listener.local, { ...good, psk: key(2) }), key(9))).toContain(other);
    expect(await ask(streams.connect(listener.local, { ...good, identity: 'old' }), key(9))).toContain(other);
    expect(identities).toEqual([]);
    expect(refusals).toHaveLength(2);
    expect(refusals.join()).toContain(other);
  });

  it('and when it has none', async () => {
    const { listener, identities, refusals } = await echo(streams, anywhere);
    const plain = await ask(streams.connect(listener.local), new TextEncoder().encode('a plain link, hello'.repeat(5)));
    expect(plain).not.toBe(95);
    expect(identities).toEqual([]);
    expect(refusals.join()).toContain('it has no key');

    const server = createServer((socket) => socket.on('error', () => undefined).end('a plain answer')).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await ask(streams.connect({ address: '127.0.0.1', port }, good), key(9))).toContain('it has no key');
    server.close();
  });

  it('a dial that nobody answers fails as any other', async () => {
    const { listener } = await echo(streams, anywhere);
    listener.close();
    expect(await ask(streams.connect(listener.local, good), key(1))).toContain('ECONNREFUSED');
    expect(await ask(streams.connect({ address: '127.0.0.1', port: 70_000 }, good), key(1))).toContain('70000');
  });

  it('a cut is no orderly end: destroy resets', async () => {
    const { listener, streams: accepted } = await echo(streams, anywhere);
    const stream = streams.connect(listener.local, good);
    const closed = new Promise<Error | undefined>((resolve) => {
      stream.start({
        onConnect: () => void stream.write(key(1)),
        onData: () => accepted[0]?.destroy(),
        onDrain() {},
        onEnd() {},
        onClose: resolve,
      });
    });
    expect((await closed)?.message).toContain('ECONNRESET');
  });
});

describe('secure streams of the virtual world', () => {
  it('need the same secret on both sides', async () => {
    const world = createWorld();
    const [server, client] = [world.host('server').start('s'), world.host('client').start('c')];
    const where = { address: '0.0.0.0', port: 7472 };
    const { identities, refusals } = await world.complete(echo(server.runtime.streams, where));
    const dial = (secure?: SecureDial) => {
      const to = { address: world.hosts[0]?.address() ?? '', port: 7472 };
      return world.complete(ask(client.runtime.streams.connect(to, secure), key(5)));
    };
    expect(await dial(good)).toBe(32);
    expect(await dial({ ...good, psk: key(2) })).toContain('another key');
    expect(await dial()).toContain('no key');
    expect(identities).toEqual(['good']);
    expect(refusals).toHaveLength(2);
  });
});
