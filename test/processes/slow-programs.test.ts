import { createInterface } from 'node:readline';
import { connect } from 'fogata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, type Running, runFogata, startAgent } from './fogata-process.ts';

let agent: AgentUnderTest;

beforeAll(async () => {
  agent = await startAgent('h1');
});
afterAll(() => agent.stop());

/** One that is stopped outlives everything but this. */
const listeners: Running[] = [];
afterEach(() => {
  for (const { process } of listeners.splice(0)) process.kill('SIGKILL');
});

const fogata = (...args: string[]) => runFogata(args, agent.env);

/** A program that is stopped, as by a debugger or a host that swaps, and goes on when it is told to. */
async function stoppedListener(service: string): Promise<Running> {
  const listening = fogata('listen', service, '--json');
  listeners.push(listening);
  await using mesh = await connect(agent.env['FOGATA_AGENT']);
  for await (const event of mesh.watch()) if (event.type === 'instance-up' && event.service === service) break;
  expect(await mesh.send(service, 'before')).toMatchObject({ outcome: 'delivered' });
  listening.process.kill('SIGSTOP');
  return listening;
}

describe('a program that does not read', () => {
  it('does not execute what had expired when it reads again', async () => {
    const listening = await stoppedListener('late');
    await using mesh = await connect(agent.env['FOGATA_AGENT']);
    expect(await mesh.send('late', 'expires', { deadlineMs: 300 })).toMatchObject({ code: 'deadline' });
    // What a frame was late is known to about 20 ms [F13]: this one is given more.
    expect(await mesh.send('late', 'meanwhile', { deadlineMs: 300 })).toMatchObject({ code: 'deadline' });
    const inTime = mesh.send('late', 'waits', { deadlineMs: 30_000 });
    listening.process.kill('SIGCONT');
    expect(await inTime).toMatchObject({ outcome: 'delivered' });
    listening.process.kill('SIGINT');
    const { stdout } = await listening.ended;
    expect(stdout).toMatch(/"waits"/);
    expect(stdout).not.toMatch(/"expires"/);
  });

  it('is given no more than it may have in hand, the rest is refused as busy, and it learns how many it missed', async () => {
    const listening = await stoppedListener('news');
    let count = 0;
    createInterface({ input: listening.process.stdout }).on('line', (line) => {
      const { type, count: missed } = JSON.parse(line) as { type?: string; count?: number };
      if (type === 'missed') count += missed ?? 0;
    });
    await using mesh = await connect(agent.env['FOGATA_AGENT']);
    const all = Array.from({ length: 1_500 }, () => mesh.publish('news', 'item', { deadlineMs: 30_000 }));
    const refused: Promise<string>[] = all.map(async (one) => {
      const { outcome, code } = await one;
      return outcome === 'delivered' ? outcome : `${outcome}(${code})`;
    });
    // Those above the 1,024 it may have in hand are answered while it is stopped.
    expect(await Promise.all(refused.slice(1_024))).toEqual(Array.from({ length: 476 }, () => 'refused(busy)'));
    listening.process.kill('SIGCONT');
    expect(new Set(await Promise.all(refused.slice(0, 1_024)))).toEqual(new Set(['delivered']));
    await expect.poll(() => count).toBe(476);
    listening.process.kill('SIGINT');
    await listening.ended;
  });

  it('that listens by events is refused likewise, and told', async () => {
    const stop = new AbortController();
    const response = await fetch(`${agent.http}/v1/listen/feed`, { signal: stop.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await using mesh = await connect(agent.env['FOGATA_AGENT']);
    for await (const event of mesh.watch()) if (event.type === 'instance-up' && event.service === 'feed') break;
    // 16 MiB may wait for it, and what its socket holds.
    const body = 'x'.repeat(1_000_000);
    let refusedCount = 0;
    for (let i = 0; i < 60; i++) {
      const { outcome, code } = await mesh.publish('feed', 'item', { body });
      if (outcome === 'delivered') continue;
      expect(`${outcome}(${code})`).toBe('refused(busy)');
      refusedCount += 1;
    }
    expect(refusedCount).toBeGreaterThan(10);
    let text = '';
    while (!/event: missed\ndata: .*\n/.test(text)) {
      const { value } = await reader.read();
      text = (text + Buffer.from(value ?? []).toString('latin1')).slice(-2_000_000);
    }
    expect(text).toContain(`event: missed\ndata: {"type":"missed","count":${refusedCount}}\n`);
    stop.abort();
  });
});
