import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteChannel, IncomingStream, OpenOptions } from '../src/api/byte-channel.ts';
import { FogataError } from '../src/protocol/fogata-error.ts';
import { type AgentsBed, agentsBed, instancesOf, type Pair, pairings } from './agent/agents-bed.ts';

let bed: AgentsBed;
beforeEach(async () => {
  bed = await agentsBed();
});
afterEach(() => bed.end());

async function served(make: () => Promise<Pair>, onStream: (stream: IncomingStream) => void | Promise<void>) {
  const [from, to] = await make();
  await to.serve('echo', {}, { onStream });
  await instancesOf(from, 'echo', 1);
  return { from, to };
}

function echo(stream: IncomingStream): void {
  const channel = stream.accept({ params: { said: stream.params['say'] ?? '' }, body: { command: stream.command } });
  channel.pipe(channel);
}

describe.each(pairings)('a stream from %s', (_name, pairOf) => {
  const make = () => pairOf(bed);

  it('is a Duplex that carries bytes both ways and ends each way on its own', async () => {
    const { from, to } = await served(make, echo);
    const channel = await from.open('echo', 'talk/all', { params: { say: 'hi' }, body: 'hello' });
    expect(channel).toMatchObject({
      instance: { service: 'echo', node: to.self.name },
      params: { said: 'hi' },
      body: { command: 'talk/all' },
    });
    const sent = randomBytes(3_000_000);
    const back = buffer(channel);
    channel.write(sent.subarray(0, 10));
    channel.end(sent.subarray(10));
    expect((await back).equals(sent)).toBe(true);
  });

  it('the serving side may write on after the opener has ended, and the other way round', async () => {
    const { from } = await served(make, async (stream) => {
      const channel = stream.accept();
      const heard = await text(channel);
      channel.write(`heard ${heard}`);
      channel.end('.');
    });
    const channel = await from.open('echo', 'talk');
    channel.end('one two');
    expect(await text(channel)).toBe('heard one two.');
  });

  it('the opener may write on after the serving side has ended, and a channel closes once both have', async () => {
    const heard: Promise<string>[] = [];
    const { from } = await served(make, (stream) => {
      const channel = stream.accept();
      channel.end('bye');
      heard.push(text(channel));
    });
    const channel = await from.open('echo', 'talk');
    const closed = once(channel, 'close');
    expect(await text(channel)).toBe('bye');
    expect(channel.destroyed).toBe(false);
    channel.end('still here');
    expect(await heard[0]).toBe('still here');
    await closed;
    expect(channel.errored).toBeNull();
  });

  it('is told who opened it, and may be refused with a code and a reason', async () => {
    const offers: Partial<IncomingStream>[] = [];
    const { from } = await served(make, (stream) => {
      const { service, command, params, body } = stream;
      offers.push({ service, command, params, body, from: stream.from });
      stream.reset('not-allowed', 'no entry');
    });
    const refused = from.open('echo', 'enter', { params: { a: 'b' }, body: new Uint8Array([1]), from: 'erp' });
    await expect(refused).rejects.toMatchObject({ code: 'not-allowed', message: 'no entry' });
    expect(offers).toEqual([
      {
        service: 'echo',
        command: 'enter',
        params: { a: 'b' },
        body: new Uint8Array([1]),
        from: { node: from.self.name, service: 'erp' },
      },
    ]);
  });

  it.each([
    ['a FogataError', new FogataError('busy', 'come again'), { code: 'busy', message: 'come again' }],
    ['anything else', new TypeError('oops'), { code: 'failed', message: 'oops' }],
    ['a code of its own', Object.assign(new FogataError('busy', 'x'), { code: 'MINE' }), { code: 'failed' }],
  ])('a handler that throws %s refuses it', async (_what, thrown, expected) => {
    const { from } = await served(make, () => Promise.reject(thrown));
    await expect(from.open('echo', 'x')).rejects.toMatchObject(expected);
    await expect(from.open('echo', 'x', { idempotent: true })).rejects.toMatchObject(expected);
  });

  it('a reset by either side reaches the other with its code and reason', async () => {
    const channels: ByteChannel[] = [];
    const { from } = await served(make, (stream) => void channels.push(stream.accept()));
    const one = await from.open('echo', 'x');
    one.reset('storage', 'my disk is full');
    const [error] = (await once(channels[0] as ByteChannel, 'error')) as unknown[];
    expect(error).toMatchObject({ code: 'storage', message: 'my disk is full' });
    const two = await from.open('echo', 'x');
    channels[1]?.write('some');
    await once(two, 'readable');
    channels[1]?.destroy(new FogataError('draining', 'closing time'));
    const [told] = (await once(two, 'error')) as unknown[];
    expect(told).toMatchObject({ code: 'draining', message: 'closing time' });
  });

  it('a reset right behind the accept is heard by whoever awaits the channel', async () => {
    const { from } = await served(make, (stream) => {
      const channel = stream.accept();
      if (stream.command === 'throw') throw new FogataError('draining', 'closing time');
      channel.reset('draining', 'closing time');
    });
    for (const command of ['reset', 'throw']) {
      const channel = await from.open('echo', command);
      const closed = once(channel, 'close').catch(() => undefined);
      const [error] = (await once(channel, 'error')) as unknown[];
      expect(error).toMatchObject({ code: 'draining', message: 'closing time' });
      await closed;
    }
  });

  it('a reset with a code that is none is misuse, and breaks nothing off', async () => {
    const { from } = await served(make, (stream) => {
      if (stream.command === 'accept') stream.accept().resume();
      else stream.reset('nonsense' as 'failed', 'x');
    });
    await expect(from.open('echo', 'reset')).rejects.toMatchObject({ code: 'invalid' });
    const channel = await from.open('echo', 'accept');
    const own = Object.assign(new FogataError('busy', 'x'), { code: 'MINE' });
    for (const [code, reason] of [
      ['nonsense', 'x'],
      [undefined, 'x'],
      ['failed', 5],
    ]) {
      expect(() => channel.reset(code as 'failed', reason as string)).toThrow(/reset/);
    }
    expect(channel.destroyed).toBe(false);
    channel.destroy(own);
    expect((await once(channel, 'error'))[0]).toBe(own);
    const next = await from.open('echo', 'accept');
    expect(next.destroyed).toBe(false);
    next.destroy();
  });

  it('the signal gives up before the accept, and breaks off after it', async () => {
    const channels: ByteChannel[] = [];
    const offers: IncomingStream[] = [];
    const { from } = await served(make, (stream) => {
      if (stream.command === 'accept') channels.push(stream.accept());
      else offers.push(stream);
    });
    const before = new AbortController();
    const never = from.open('echo', 'wait', { signal: before.signal });
    const late = new AbortController();
    const channel = await from.open('echo', 'accept', { signal: late.signal });
    before.abort();
    await expect(never).rejects.toMatchObject({ code: 'cancelled' });
    const gone = once(channels[0] as ByteChannel, 'error');
    late.abort();
    expect((await gone)[0]).toMatchObject({ code: 'cancelled' });
    expect(channel.destroyed).toBe(true);
    // What is accepted after its opener has gone is gone.
    expect(offers).toHaveLength(1);
    expect(offers[0]?.accept().destroyed).toBe(true);
    await expect(from.open('echo', 'x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('who does not read slows who writes: memory holds no more than the windows on the way', async () => {
    const channels: ByteChannel[] = [];
    const { from } = await served(make, (stream) => void channels.push(stream.accept()));
    const channel = await from.open('echo', 'x');
    const chunk = Buffer.alloc(65_536, 7);
    let written = 0;
    let hasRoom = true;
    while (hasRoom && written < 64_000_000) {
      written += chunk.length;
      hasRoom = channel.write(chunk) || (await Promise.race([once(channel, 'drain').then(() => true), rest()]));
    }
    // Three streams at most one behind the other, each with its window, and what the two programs read and write ahead.
    expect(written).toBeLessThan(3 * 262_144 + 8 * 65_536);
    const whole = buffer(channels[0] as ByteChannel);
    channel.end();
    expect((await whole).length).toBe(written);
    channels[0]?.end();
  });

  it('not accepted within the deadline it is given up', async () => {
    const { from } = await served(make, () => undefined);
    await expect(from.open('echo', 'x', { deadlineMs: 50 })).rejects.toMatchObject({ code: 'deadline' });
  });
});

describe('opening', () => {
  it('misuse and absence are told by code', async () => {
    const mesh = await bed.node('a');
    await expect(mesh.open('nobody', 'x')).rejects.toMatchObject({ code: 'no-instance' });
    await expect(mesh.open('crm@*', 'x')).rejects.toMatchObject({ code: 'invalid' });
    await expect(mesh.open('crm', 'no good')).rejects.toMatchObject({ code: 'invalid' });
    await expect(mesh.open('crm', 'http')).rejects.toMatchObject({ code: 'invalid' });
    await mesh.serve('plain', () => undefined);
    await expect(mesh.open('plain', 'x')).rejects.toMatchObject({ code: 'no-instance' });
    await expect(mesh.serve('none', {})).rejects.toMatchObject({ code: 'invalid' });
    await mesh.serve('table', {}, { onStream: { known: (stream) => void stream.accept().end() } });
    await expect(mesh.open('table', 'other')).rejects.toMatchObject({ code: 'unknown-command' });
    const channel = await mesh.open('table', 'known');
    expect(await text(channel)).toBe('');
    channel.end();
    await mesh.close();
    await expect(mesh.open('table', 'known')).rejects.toMatchObject({ code: 'closed' });
  });

  it.each([
    ['a node', async () => bed.node('a')],
    [
      'a program',
      async () => {
        await bed.agent('a');
        return bed.program('a');
      },
    ],
  ])('[F14] by %s chooses by labels, strategy and key as a call does', async (_who, make) => {
    const from = await make();
    for (const name of ['b', 'c']) {
      const to = await bed.node(name);
      await to.serve('echo', {}, { onStream: echo, labels: { zone: name } });
    }
    await instancesOf(from, 'echo', 2);
    const nodesOf = async (address: string, options: OpenOptions) => {
      const nodes = new Set<string>();
      for (let i = 0; i < 6; i++) {
        const channel = await from.open(address, 'say', options);
        nodes.add(channel.instance.node);
        channel.destroy();
      }
      return [...nodes].sort();
    };
    expect(await nodesOf('echo[zone=b]', {})).toEqual(['b']);
    expect(await nodesOf('echo[zone=c]', {})).toEqual(['c']);
    expect(await nodesOf('echo', { strategy: 'round-robin' })).toEqual(['b', 'c']);
    expect(await nodesOf('echo', { sticky: 'customer-4711' })).toHaveLength(1);
    const nobody = { code: 'no-instance', message: 'nobody serves echo[zone=d]' };
    await expect(from.open('echo[zone=d]', 'say')).rejects.toMatchObject(nobody);
    await expect(from.open('echo', 'say', { strategy: 'sticky' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('one that is busy is passed over for another, also by its agent', async () => {
    await bed.agent('a');
    await bed.agent('b');
    const [here, there] = [await bed.program('a'), await bed.program('b')];
    const took: string[] = [];
    const onStream = (who: string) => (stream: IncomingStream) => {
      took.push(who);
      stream.accept();
    };
    await here.serve('one', {}, { inFlightMax: 1, onStream: onStream('a') });
    await there.serve('one', {}, { inFlightMax: 1, onStream: onStream('b') });
    await instancesOf(here, 'one', 2);
    const channels = [await here.open('one', 'x'), await here.open('one', 'x')];
    expect(took.sort()).toEqual(['a', 'b']);
    await expect(here.open('one', 'x')).rejects.toMatchObject({ code: 'busy' });
    for (const channel of channels) channel.destroy();
  });

  it('a lost agent breaks streams off; one opened meanwhile waits for the next agent', async () => {
    const agent = await bed.agent('a');
    const mesh = await bed.program('a');
    await mesh.serve('echo', {}, { onStream: echo });
    const channel = await mesh.open('echo', 'x');
    const broken = once(channel, 'error');
    await agent.stop();
    // An agent that stops says so.
    expect((await broken)[0]).toMatchObject({ code: 'closed' });
    const waiting = mesh.open('echo', 'x', { deadlineMs: 30_000 });
    const tooShort = mesh.open('echo', 'x', { deadlineMs: 20 });
    await expect(tooShort).rejects.toMatchObject({ code: 'deadline' });
    await bed.agent('a');
    const next = await waiting.catch((error: FogataError) => error);
    // Its service may not be registered again yet: then nobody serves it.
    if (next instanceof FogataError) expect(next.code).toBe('no-instance');
    else next.destroy();
  });

  it('carries files of many pieces through pipeline, in both directions at once', async () => {
    const [from, to] = [await bed.node('a'), await bed.node('b')];
    const sent = randomBytes(8_000_000);
    await to.serve(
      'swap',
      {},
      {
        onStream: async (stream) => {
          const channel = stream.accept();
          await pipeline([sent], channel);
        },
      },
    );
    await instancesOf(from, 'swap', 1);
    const channel = await from.open('swap', 'x');
    const back = buffer(channel);
    channel.end();
    expect((await back).equals(sent)).toBe(true);
  });
});

/** False after so many turns of the loop that all that is on the way between sockets of this process has arrived. */
async function rest(): Promise<false> {
  for (let turn = 0; turn < 2_000; turn++) await new Promise((resolve) => setImmediate(resolve));
  return false;
}
