import { describe, expect, it } from 'vitest';
import type { ByteStream, StreamEvents, Streams } from '../runtime/streams.ts';
import { agentTarget } from './agent-target.ts';
import { upgradedStream } from './upgraded-stream.ts';

/** A connection of which the test plays the other side. */
function fakeStreams() {
  const seen = { written: '', dialled: '', destroyed: false };
  let events: StreamEvents | undefined;
  const streams: Streams = {
    listen: () => Promise.reject(new Error('not here')),
    connect(where): ByteStream {
      seen.dialled = JSON.stringify(where);
      return {
        remote: where,
        queuedBytes: 0,
        start: (given) => void (events = given),
        write(bytes) {
          seen.written += Buffer.from(bytes).toString('latin1');
          return true;
        },
        writeBoth: () => true,
        gather() {},
        together: (write) => write(),
        pause() {},
        resume() {},
        end() {},
        destroy() {
          seen.destroyed = true;
          events?.onClose(new Error('destroyed'));
        },
      };
    },
  };
  const resolver = {
    resolve: async (host: string) => {
      if (host === 'nowhere') throw Object.assign(new Error('ENOTFOUND nowhere'), { code: 'ENOTFOUND' });
      return ['127.0.0.1'];
    },
  };
  return {
    seen,
    tools: { streams, resolver },
    say: (text: string) => events?.onData(Buffer.from(text, 'latin1')),
    connect: () => events?.onConnect(),
  };
}

function recorder() {
  const told: string[] = [];
  const events: StreamEvents = {
    onConnect: () => told.push('connect'),
    onData: (bytes) => told.push(`data ${Buffer.from(bytes).toString('latin1')}`),
    onDrain: () => told.push('drain'),
    onEnd: () => told.push('end'),
    onClose: (error) => told.push(`close ${error?.message ?? ''}`),
  };
  return { told, events };
}

const settled = async () => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

async function dialled() {
  const fake = fakeStreams();
  const { told, events } = recorder();
  const stream = upgradedStream({ host: 'localhost', port: 7471 }, fake.tools);
  stream.start(events);
  stream.write(Buffer.from('hello'));
  await settled();
  fake.connect();
  return { ...fake, told, stream };
}

describe('upgradedStream', () => {
  it('asks for the upgrade, and lets bytes through once it is agreed', async () => {
    const { seen, say, told, stream } = await dialled();
    expect(seen.dialled).toBe('{"address":"127.0.0.1","port":7471}');
    expect(seen.written).toMatch(
      /^GET \/v1\/link HTTP\/1\.1\r\nHost: localhost:7471\r\nConnection: Upgrade\r\nUpgrade: fogata\r\n\r\n$/,
    );
    expect(told).toEqual([]);
    say('HTTP/1.1 101 Switching Proto');
    say('cols\r\nUpgrade: fogata\r\n\r\nfirst');
    expect(seen.written.endsWith('\r\n\r\nhello')).toBe(true);
    stream.write(Buffer.from('!'));
    expect(seen.written.endsWith('hello!')).toBe(true);
    say('second');
    expect(told).toEqual(['connect', 'data first', 'data second']);
  });

  it.each([
    ['HTTP/1.1 404 Not Found\r\n\r\n', 'it answered "HTTP/1.1 404 Not Found"'],
    [`HTTP/1.1 101 ok\r\n${'x'.repeat(9_000)}`, 'its answer has no end'],
  ])('says that it is no agent: %j', async (text, why) => {
    const { say, told, seen } = await dialled();
    say(text);
    expect(seen.destroyed).toBe(true);
    expect(told).toEqual([`close localhost:7471 is no agent: ${why}`]);
  });

  it('closes when the name is not known', async () => {
    const { told, events } = recorder();
    upgradedStream({ host: 'nowhere', port: 1 }, fakeStreams().tools).start(events);
    await settled();
    expect(told).toEqual(['close ENOTFOUND nowhere']);
  });
});

describe('agentTarget', () => {
  it.each([
    ['/run/fogata/agent.sock', { path: '/run/fogata/agent.sock' }],
    ['./a.sock', { path: './a.sock' }],
    ['http://127.0.0.1:7471', { host: '127.0.0.1', port: 7471 }],
    ['http://[::1]:7471/', { host: '::1', port: 7471 }],
    ['http://box', { host: 'box', port: 80 }],
  ])('%s', (where, target) => {
    expect(agentTarget(where)).toEqual(target);
  });

  it.each(['', 'https://box', 'tcp://box:1', 'http://'])('refuses %j', (where) => {
    expect(() => agentTarget(where)).toThrow(expect.objectContaining({ code: 'config' }));
  });
});
