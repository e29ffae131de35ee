import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFakeNode,
  type FakeNode,
  fakeAnswer,
  fakeMessageId,
  fakeSettlement,
} from '../../test/agent/fake-node.ts';
import { FrameProgram, replyOf } from '../../test/agent/frame-program.ts';
import { alikeIn } from '../../test/delivery/alike-frames.ts';
import { deliveredIn } from '../../test/delivery/delivered-frames.ts';
import { readPublished, readTried } from '../api/program-reply.ts';
import type { DeliveryReply } from '../delivery/provider.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import type { MessageId } from '../protocol/ids.ts';
import { decodeMessageHead } from '../protocol/message-head.ts';
import { decodeReset } from '../protocol/reset.ts';
import { silentLog } from '../runtime/log.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { systemStreams } from '../runtime/system-streams.ts';
import { createProgramEndpoint, type ProgramEndpoint } from './program-endpoint.ts';
import { listenOnUnix, type UnixEndpoint } from './unix-endpoint.ts';

const text = new TextDecoder();
const bytesOf = (value: string) => new TextEncoder().encode(value);

let directory: string;
let path: string;
let node: FakeNode;
let endpoint: ProgramEndpoint;
let unix: UnixEndpoint;
let programs: FrameProgram[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fogata-'));
  path = join(directory, 'run', 'agent.sock');
  node = createFakeNode();
  programs = [];
  const clock = systemClock();
  endpoint = createProgramEndpoint({ clock, log: silentLog, node, software: 'fogata/test', status: () => ({ up: 1 }) });
  const http = createServer((request, response) => response.end(`http ${request.url}`));
  unix = await listenOnUnix({ clock, log: silentLog, path, http, onProgram: (stream) => endpoint.accept(stream) });
});

afterEach(async () => {
  for (const program of programs) program.link.destroy();
  endpoint.close();
  unix.close();
  await rm(directory, { recursive: true });
});

async function program(): Promise<FrameProgram> {
  const one = new FrameProgram(systemStreams().connect({ path }));
  programs.push(one);
  await one.opened;
  return one;
}

/** Waits for what the other side of a socket does, turn by turn. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the hello of a program', () => {
  it('is answered by the node’s own, whatever cluster the program named', async () => {
    const peer = (await program()).link.peer();
    expect(peer).toMatchObject({ role: 'node', nodeName: 'hq', clusterName: 'fogata', node: node.id, incarnation: 7 });
  });

  it('a node is sent away', async () => {
    const stranger = new FrameProgram(systemStreams().connect({ path }), 'node');
    expect(await stranger.closed).toMatchObject({ kind: 'not-allowed' });
  });
});

describe('what a program asks for [F12]', () => {
  it('is carried and answered under its correlation', async () => {
    const one = await program();
    one.message({ fromService: 'erp', params: { a: 'b' } }, { correlation: 42, flags: 3 }, bytesOf('hi'));
    await until(() => node.exchanges.length === 1);
    expect(node.exchanges[0]?.request).toMatchObject({
      id: fakeMessageId,
      to: { service: 'crm', node: '' },
      command: 'get',
      params: { a: 'b' },
      bodyKind: 'text',
      replyWanted: true,
      idempotent: true,
      fromService: 'erp',
    });
    expect(text.decode(node.exchanges[0]?.request.body)).toBe('hi');
    node.exchanges[0]?.settle(fakeAnswer('hello'));
    const reply = replyOf(await one.next(FrameKind.reply));
    expect(reply).toMatchObject({ correlation: 42, outcome: 'answered', service: 'crm', node: 'db1' });
    expect(text.decode(reply.body.bytes)).toBe('hello');
  });

  it('tells what was tried when it failed', async () => {
    const one = await program();
    one.message({});
    await until(() => node.exchanges.length === 1);
    const tried = [{ service: 'crm', node: 'db1', code: 'busy', reason: 'full' }] as const;
    node.exchanges[0]?.settle(fakeSettlement({ code: 'busy', reason: 'all are full', tried }));
    const reply = replyOf(await one.next(FrameKind.reply));
    expect(reply).toMatchObject({ outcome: 'refused', code: 'busy', reason: 'all are full' });
    expect(readTried(reply.body)).toEqual(tried);
  });

  it('a publish gets one reply for all', async () => {
    const one = await program();
    one.message({ node: '*' }, { flags: FrameFlag.publish });
    await until(() => node.publishes.length === 1);
    const instances = [
      { service: 'crm', node: 'a', outcome: 'delivered' },
      { service: 'crm', node: 'b', outcome: 'refused', code: 'busy', reason: 'full' },
    ] as const;
    node.publishes[0]?.settle({ id: fakeMessageId, elapsedMs: 1, instances, isDelivered: false });
    const { rest, correlation } = await one.next(FrameKind.alike);
    const told = alikeIn(rest, correlation);
    expect(told).toMatchObject({ reply: { outcome: 'refused', code: 'busy', reason: 'b: full' }, correlations: [1] });
    expect(typeof told === 'string' ? told : readPublished(told.body)).toEqual(instances);
  });

  it('[F15] publishes that every instance has are told in one frame', async () => {
    const one = await program();
    for (const correlation of [2, 4]) one.message({ node: '*' }, { flags: FrameFlag.publish, correlation });
    await until(() => node.publishes.length === 2);
    const instances = ['a', 'b'].map((name) => ({ service: 'crm', node: name, outcome: 'delivered' }) as const);
    for (const { settle } of node.publishes) settle({ id: fakeMessageId, elapsedMs: 1, instances, isDelivered: true });
    const { rest, correlation } = await one.next(FrameKind.delivered);
    const crm = { service: 'crm', nodes: ['a', 'b'], load: undefined };
    expect(deliveredIn(rest, correlation)).toEqual({ ...crm, correlations: [2, 4] });
  });

  it('without a message id gets one from the node', async () => {
    const one = await program();
    one.message({ id: '0'.repeat(32) as MessageId });
    await until(() => node.exchanges.length === 1);
    expect(node.exchanges[0]?.request.id).toBeUndefined();
  });

  it('for every instance is refused where one answers, and what is late is expired', async () => {
    const one = await program();
    one.message({ node: '*' });
    expect(replyOf(await one.next(FrameKind.reply))).toMatchObject({ outcome: 'refused', code: 'invalid' });
    one.message({}, { deadlineMs: 0 });
    expect(replyOf(await one.next(FrameKind.reply))).toMatchObject({ outcome: 'expired', code: 'deadline' });
    expect(node.exchanges).toEqual([]);
  });

  it('is given up by a cancel, and by the end of the link', async () => {
    const one = await program();
    one.message({}, { correlation: 1 });
    one.message({}, { correlation: 2 });
    one.send({ kind: FrameKind.cancel, correlation: 1 });
    expect(replyOf(await one.next(FrameKind.reply))).toMatchObject({ correlation: 1, code: 'cancelled' });
    expect(node.exchanges.map(({ cancelled }) => cancelled)).toEqual([true, false]);
    one.link.destroy();
    await until(() => node.exchanges[1]?.cancelled === true);
    await until(() => endpoint.count === 0);
  });

  it('is still answered when the program has said its last word', async () => {
    const one = await program();
    one.message({});
    one.link.end();
    await until(() => node.exchanges.length === 1);
    node.exchanges[0]?.settle(fakeAnswer('late'));
    expect(replyOf(await one.next(FrameKind.reply)).outcome).toBe('answered');
    expect(await one.closed).toBeUndefined();
  });

  it('[F15] [F17] is still told, and the link ended, where many are told of at once', async () => {
    for (const outcome of ['delivered', 'unknown'] as const) {
      node.publishes.length = 0;
      const one = await program();
      await one.request({ op: 'register', service: 'erp', weight: 100, labels: {}, inFlightMax: 10 });
      for (const correlation of [2, 4]) one.message({ node: '*' }, { flags: FrameFlag.publish, correlation });
      one.link.end();
      await until(() => node.provisions.at(-1)?.withdrawn === true);
      const isDelivered = outcome === 'delivered';
      const instances = [{ service: 'crm', node: 'a', outcome }];
      const settled = { id: fakeMessageId, elapsedMs: 1, instances, isDelivered };
      for (const { settle } of node.publishes) settle(settled);
      await one.next(isDelivered ? FrameKind.delivered : FrameKind.alike);
      expect(await one.closed).toBeUndefined();
    }
  });

  it('[F15] goes on where all that was in flight is told of at once', async () => {
    const one = await program();
    for (let i = 0; i < 5_000; i++) one.message({ node: '*' }, { flags: FrameFlag.publish, correlation: i });
    await until(() => node.publishes.length >= 4_096);
    const instances = [{ service: 'crm', node: 'a', outcome: 'delivered' } as const];
    const settled = { id: fakeMessageId, elapsedMs: 1, instances, isDelivered: true };
    for (const { settle } of node.publishes.slice(4_096)) settle(settled);
    await Promise.resolve();
    for (const { settle } of node.publishes.slice(0, 4_096)) settle(settled);
    await until(() => node.publishes.length === 5_000);
  });

  it('waits beyond 4,096 in flight, and goes on when some are settled', async () => {
    const one = await program();
    for (let i = 0; i < 5_000; i++) one.message({}, { correlation: i });
    await until(() => node.exchanges.length >= 4_096);
    const atPause = node.exchanges.length;
    // What was read in one piece is still taken; no further piece is read.
    expect(atPause).toBeLessThan(5_000);
    for (const { settle } of node.exchanges.slice(0, 2_000)) settle(fakeAnswer(''));
    await until(() => node.exchanges.length === 5_000);
    for (const { settle } of node.exchanges.slice(2_000)) settle(fakeAnswer(''));
    await until(() => one.frames.length === 5_000);
  });

  it('a program that serves is read on and told that it is busy', async () => {
    const one = await program();
    await one.request({ op: 'register', service: 'erp', weight: 100, labels: {}, inFlightMax: 10 });
    for (let i = 0; i < 4_097; i++) one.message({}, { correlation: i });
    expect(replyOf(await one.next(FrameKind.reply))).toMatchObject({
      correlation: 4_096,
      outcome: 'refused',
      code: 'busy',
    });
  });

  it.each([
    ['a message that is none', { kind: FrameKind.message }],
    ['a reply that is none', { kind: FrameKind.reply }],
    ['a sync', { kind: FrameKind.sync }],
    ['a response', { kind: FrameKind.response }],
    ['an event', { kind: FrameKind.event }],
  ] as const)('%s ends the link [F4]', async (_, fields) => {
    const one = await program();
    one.send(fields, bytesOf('{}'));
    expect(await one.closed).toMatchObject({ kind: 'protocol' });
  });

  it('a correlation that is open already ends the link', async () => {
    const one = await program();
    one.message({});
    one.message({});
    expect(await one.closed).toMatchObject({ kind: 'protocol' });
    expect(node.exchanges[0]?.cancelled).toBe(true);
  });

  it.each([
    [{ command: 'http' }, 'not-allowed'],
    [{ node: '*' }, 'invalid'],
  ])('a stream with %o is refused', async (head, code) => {
    const one = await program();
    one.message(head, { kind: FrameKind.open, flags: 0, correlation: 9 });
    const { correlation, rest } = await one.next(FrameKind.reset);
    expect(correlation).toBe(9);
    expect(decodeReset(rest, 0, rest.length)).toMatchObject({ ok: true, value: { code } });
  });

  it('an open that cannot be read ends the link', async () => {
    const one = await program();
    one.send({ kind: FrameKind.open, correlation: 9 });
    expect(await one.closed).toMatchObject({ kind: 'protocol' });
  });
});

describe('what a program serves', () => {
  const register = { op: 'register', service: 'crm', weight: 50, labels: { zone: 'north' }, inFlightMax: 7 };

  async function server(): Promise<FrameProgram> {
    const one = await program();
    expect(await one.request(register)).toEqual({ ok: true, result: null });
    return one;
  }

  it('reaches it, and its reply reaches the caller', async () => {
    const one = await server();
    const two = await program();
    expect(node.provisions[0]?.options).toMatchObject({ weight: 50, labels: { zone: 'north' }, inFlightMax: 7 });
    two.message({ fromService: 'erp' }, { deadlineMs: 30_000, flags: 3 }, bytesOf('ask'));
    const frame = await one.next(FrameKind.message);
    expect(frame).toMatchObject({ flags: 3 });
    expect(frame.deadlineMs).toBeGreaterThan(20_000);
    const decoded = decodeMessageHead(frame.rest, 0, frame.rest.length);
    expect(decoded).toMatchObject({ ok: true, head: { command: 'get', fromService: 'erp', fromNode: 'hq' } });
    one.reply(frame.correlation, { params: { p: 'q' } }, bytesOf('answer'));
    const reply = replyOf(await two.next(FrameKind.reply));
    expect(reply).toMatchObject({ outcome: 'answered', node: 'hq', params: { p: 'q' } });
    expect(text.decode(reply.body.bytes)).toBe('answer');
  });

  it('is gone with the program, and what it had in hand is unknown', async () => {
    const one = await server();
    const two = await program();
    two.message({});
    await one.next(FrameKind.message);
    one.link.destroy();
    const reply = replyOf(await two.next(FrameKind.reply));
    expect(reply).toMatchObject({ outcome: 'unknown', code: 'link-lost' });
    expect(node.provisions[0]?.withdrawn).toBe(true);
  });

  it('hears that a caller has given up; an answer after that is dropped', async () => {
    const one = await server();
    const replies: DeliveryReply[] = [];
    const head = { id: fakeMessageId, bodyKind: 'none', attempt: 0, service: 'crm', node: '', command: 'get' } as const;
    const delivery = { replyWanted: true, idempotent: false, deadlineMs: 1_000, body: new Uint8Array(0) };
    const cancel = node.provisions[0]?.provider.deliver(
      { ...delivery, head: { ...head, fromService: '', fromNode: 'hq', params: {} } },
      (reply) => replies.push(reply),
    );
    const { correlation } = await one.next(FrameKind.message);
    cancel?.();
    expect((await one.next(FrameKind.cancel)).correlation).toBe(correlation);
    one.reply(correlation, {});
    await one.request({ op: 'nodes' });
    expect(replies).toEqual([]);
  });

  it('[R6] may listen elsewhere besides', async () => {
    const one = await server();
    expect(node.provisions[0]?.options.endpoint).toBeUndefined();
    await one.request({ ...register, service: 'postgres', endpoint: '0.0.0.0:5432' });
    expect(node.provisions[1]?.options.endpoint).toEqual({ address: '0.0.0.0', port: 5432 });
  });

  it('changes load and state, and is withdrawn', async () => {
    const one = await server();
    expect(await one.request({ op: 'set-load', service: 'crm', load: 0.25 })).toMatchObject({ ok: true });
    expect(await one.request({ op: 'set-state', service: 'crm', state: 'down' })).toMatchObject({ ok: true });
    expect(node.provisions[0]).toMatchObject({ load: 0.25, state: 'down', withdrawn: false });
    expect(await one.request({ op: 'withdraw', service: 'crm' })).toEqual({ ok: true, result: null });
    expect(node.provisions[0]?.withdrawn).toBe(true);
    expect(await one.request({ op: 'withdraw', service: 'crm' })).toMatchObject({ ok: false, code: 'invalid' });
  });

  it.each([
    ['twice', register, /serves "crm" already/],
    ['with weight 0', { ...register, service: 'b', weight: 0 }, /weight/],
    ['at a bad endpoint', { ...register, service: 'b', endpoint: 'db1:5432' }, /endpoint is ADDRESS:PORT/],
    ['under a bad name', { ...register, service: 'B' }, /capital letters/],
    ['without labels', { op: 'register', service: 'b', weight: 1, inFlightMax: 1 }, /labels/],
    ['in no way that is known', { op: 'zzz' }, /op/],
    ['as no JSON', '{', /no JSON/],
  ] as const)('not %s', async (_, request, reason) => {
    const one = await server();
    const response = await one.request(request);
    expect(response).toMatchObject({ ok: false, code: 'invalid' });
    expect(response.ok ? '' : response.reason).toMatch(reason);
  });
});

describe('what a program asks its agent', () => {
  it('is answered', async () => {
    const one = await program();
    expect(await one.request({ op: 'nodes' })).toMatchObject({ ok: true, result: { cluster: 'fogata' } });
    expect(await one.request({ op: 'services' })).toEqual({ ok: true, result: { services: [] } });
    expect(await one.request({ op: 'status' })).toEqual({ ok: true, result: { up: 1 } });
    expect(await one.request({ op: 'resolve', address: 'crm[a=1]', strategy: 'nearest' })).toMatchObject({
      ok: true,
      result: { address: 'crm[a=1]', strategy: 'nearest', chosen: null },
    });
    expect(await one.request({ op: 'resolve', address: 'crm[' })).toMatchObject({ ok: false, code: 'invalid' });
  });

  it('events come until a cancel', async () => {
    const one = await program();
    expect(await one.request({ op: 'watch' }, 5)).toEqual({ ok: true, result: null });
    const first = await one.next(FrameKind.event);
    expect([first.correlation, text.decode(first.rest)]).toEqual([5, '{"type":"ready"}']);
    one.send({ kind: FrameKind.cancel, correlation: 5 });
    await until(() => node.listeners.size === 0);
  });

  it('who does not read its events is cut off, and nobody else', async () => {
    const deaf = await program();
    const other = await program();
    await deaf.request({ op: 'watch' });
    await other.request({ op: 'watch' });
    await other.next(FrameKind.event);
    deaf.link.pause();
    const instance = { node: 'x'.repeat(60_000), state: 'up', load: 0, weight: 1, labels: {} } as const;
    for (let i = 0; i < 1_000 && node.listeners.size === 2; i++) {
      for (const listener of node.listeners) listener({ type: 'instance-up', service: 'crm', instance });
      await other.next(FrameKind.event);
    }
    expect(node.listeners.size).toBe(1);
    expect(await other.request({ op: 'services' })).toMatchObject({ ok: true });
    await until(() => endpoint.count === 1);
  });
});

it('an agent that stops says so', async () => {
  const one = await program();
  endpoint.close();
  expect(await one.closed).toMatchObject({ kind: 'leaving' });
  const late = new FrameProgram(systemStreams().connect({ path }));
  expect(await late.closed).toMatchObject({ kind: 'too-many-links' });
});
