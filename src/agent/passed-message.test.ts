import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeNode, type FakeNode } from '../../test/agent/fake-node.ts';
import { FrameProgram } from '../../test/agent/frame-program.ts';
import { deliveredIn, deliveredRest } from '../../test/delivery/delivered-frames.ts';
import { bareDelivered } from '../delivery/delivered-batch.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { type MessageId, type NodeId, noNode } from '../protocol/ids.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import { writeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import { silentLog } from '../runtime/log.ts';
import { createWorld, type World } from '../testing/world.ts';
import { PassedMessage } from './passed-message.ts';
import { createProgramEndpoint, type ProgramEndpoint } from './program-endpoint.ts';

const id = '00112233445566778899aabbccddeeff' as MessageId;
const body = new TextEncoder().encode('hello');

let world: World;
let node: FakeNode;
let endpoint: ProgramEndpoint;
let one: FrameProgram;

beforeEach(async () => {
  world = createWorld();
  const { runtime } = world.host('h').start();
  node = createFakeNode();
  const { clock, streams } = runtime;
  endpoint = createProgramEndpoint({ clock, log: silentLog, node, software: 'test', status: () => ({}) });
  const { local } = await streams.listen({ address: '127.0.0.1', port: 7000 }, (stream) => endpoint.accept(stream));
  one = new FrameProgram(streams.connect(local));
  await world.runFor(100);
  await one.opened;
});
afterEach(() => endpoint.close());

function rest(head: Partial<Parameters<typeof writeMessageHead>[1]> = {}): Uint8Array {
  const writer = new Writer();
  const names = { service: 'crm', node: '', command: 'get', fromService: 'erp', fromNode: 'hq' };
  writeMessageHead(writer, { id, bodyKind: 'text', attempt: 7, ...names, params: { a: 'b' }, ...head });
  writer.raw(body);
  return writer.copy();
}

function replyRest(service: string, from: string): Uint8Array {
  const writer = new Writer();
  const said = { outcome: 'answered', code: undefined, bodyKind: 'text', load: 0.5, reason: '', params: {} } as const;
  writeReplyHead(writer, { ...said, service, node: from });
  writer.raw(body);
  return writer.copy();
}

async function ask(head: Parameters<typeof rest>[0] = {}, flags: number = FrameFlag.replyWanted) {
  one.send({ kind: FrameKind.message, correlation: 6, flags }, rest(head));
  await world.runFor(100);
  return node.exchanges[0];
}

describe('a program’s message that says what its agent would put in [F12]', () => {
  it('goes on as it came, and its answer too', async () => {
    const exchange = await ask();
    const { request } = exchange ?? {};
    expect(request?.encoded?.rest).toEqual(rest());
    expect({ ...request, ...fieldsOf(request) }).toMatchObject({
      id,
      to: { service: 'crm', node: '' },
      command: 'get',
      params: { a: 'b' },
      bodyKind: 'text',
      body,
      fromService: 'erp',
      replyWanted: true,
      idempotent: false,
    });
    request?.encoded?.pass(replyRest('crm', 'db1'));
    await world.runFor(100);
    expect(await one.next(FrameKind.reply)).toMatchObject({ correlation: 6, rest: replyRest('crm', 'db1') });
    // Its correlation is free again.
    one.send({ kind: FrameKind.message, correlation: 6 }, rest());
    await world.runFor(100);
    expect(node.exchanges).toHaveLength(2);
  });

  it('[F15] one way: goes on, and many learn at once that they were delivered', async () => {
    const exchange = await ask({}, 0);
    for (const correlation of [7, 8]) one.send({ kind: FrameKind.message, correlation, flags: 0 }, rest());
    await world.runFor(100);
    expect(node.exchanges).toHaveLength(3);
    exchange?.request.encoded?.delivered('db1');
    node.exchanges[1]?.request.encoded?.delivered('db2');
    node.exchanges[2]?.request.encoded?.delivered('db2');
    await world.runFor(100);
    const told = [await one.next(FrameKind.delivered), await one.next(FrameKind.delivered)];
    expect(told.map((frame) => deliveredIn(frame.rest, frame.correlation))).toMatchObject([
      { service: 'crm', nodes: ['db1'], load: undefined, correlations: [6] },
      { service: 'crm', nodes: ['db2'], load: undefined, correlations: [7, 8] },
    ]);
    // Their correlations are free again.
    one.send({ kind: FrameKind.message, correlation: 6 }, rest());
    await world.runFor(100);
    expect(node.exchanges).toHaveLength(4);
  });

  it('[F15] its outcome goes out before the link ends, when its program wants nothing more', async () => {
    const exchange = await ask({}, 0);
    one.link.end();
    await world.runFor(100);
    exchange?.request.encoded?.delivered('db1');
    await world.runFor(100);
    expect(one.frames.map(({ kind }) => kind)).toContain(FrameKind.delivered);
  });

  it.each([['small', 5] as const, ['large', 10_000] as const])(
    'is its frame first and then a copy, when the frame is no more: %s',
    (_, bodyBytes) => {
      const original = Buffer.concat([rest(), new Uint8Array(bodyBytes).fill(7)]);
      const bytes = Uint8Array.from([1, 2, ...original]);
      const header = { kind: FrameKind.message, flags: 0, hops: 1, to: noNode, from: noNode, correlation: 9 };
      const frame = { ...header, deadlineMs: 500, bytes, start: 2, end: bytes.length };
      const address = { service: 'crm', node: '' };
      const headBytes = rest().length - body.length;
      const origin = { passReply() {}, passDelivered() {}, passSettlement() {} };
      const passed = new PassedMessage(frame, { address, bodyStart: 2 + headBytes }, new ByteCopies(), origin);
      expect([passed.rest.buffer, passed.headBytes]).toEqual([bytes.buffer, headBytes]);
      passed.frameEnds();
      bytes.fill(0);
      expect(Buffer.from(passed.rest).equals(original)).toBe(true);
      const { id: idText, command, fromService, params, bodyKind } = passed;
      expect({ idText, command, fromService, params, bodyKind }).toEqual({
        ...{ idText: id, command: 'get', fromService: 'erp', params: { a: 'b' }, bodyKind: 'text' },
      });
      expect(passed.body.length).toBe(body.length + bodyBytes);
    },
  );

  it('is given up when its program is sent away', async () => {
    const exchange = await ask();
    endpoint.close();
    await world.runFor(100);
    expect(exchange?.cancelled).toBe(true);
  });

  it.each([
    ['another node’s name', { fromNode: 'db1' }],
    ['no name', { fromNode: '' }],
    ['no id', { id: '0'.repeat(32) as MessageId }],
  ])('is taken apart when it has %s', async (_, head) => {
    const exchange = await ask(head);
    expect(exchange?.request).toMatchObject({ command: 'get', params: { a: 'b' } });
    expect(exchange?.request.encoded).toBeUndefined();
  });

  it.each([
    ['a publish', {}, FrameFlag.publish],
    ['for every instance', { node: '*' }, 0],
  ])('is not passed on when it is %s', async (_, head, flags) => {
    await ask(head, flags);
    expect(node.exchanges).toHaveLength(0);
  });
});

describe('a message for a program', () => {
  async function forward(reply: Uint8Array) {
    const registering = one.request({ op: 'register', service: 'crm', weight: 100, labels: {}, inFlightMax: 9 });
    await world.runFor(100);
    await registering;
    const { passed, said } = await forwarded();
    const given = await one.next(FrameKind.message);
    one.send({ kind: FrameKind.reply, correlation: given.correlation }, reply);
    await world.runFor(100);
    return { given, passed, said };
  }

  async function forwarded() {
    const passed: [ErrorCode | undefined, Uint8Array][] = [];
    const said: unknown[] = [];
    const header = { kind: FrameKind.message, hops: 1, to: 'a'.repeat(16) as NodeId, from: noNode, correlation: 99 };
    const bytes = Uint8Array.of(1, 2, ...rest());
    const frame = { ...header, flags: 0xff, deadlineMs: 500, bytes, start: 2, end: bytes.length };
    node.provisions[0]?.provider.forward?.(frame, {
      service: 'crm',
      respond: (reply_) => said.push(reply_),
      pass: (code, bytes_) => passed.push([code, bytes_.slice()]),
    });
    bytes.fill(0);
    await world.runFor(100);
    return { passed, said };
  }

  it('goes to it as it came, and its answer goes back as it comes', async () => {
    const { given, passed, said } = await forward(replyRest('crm', 'hq'));
    expect(given).toMatchObject({ flags: FrameFlag.replyWanted | FrameFlag.idempotent, deadlineMs: 500, rest: rest() });
    expect({ passed, said }).toEqual({ passed: [[undefined, replyRest('crm', 'hq')]], said: [] });
  });

  it('[F15] is delivered when it says so, with others or alone', async () => {
    const { given, said } = await forward(replyRest('crm', 'hq'));
    expect(said).toEqual([]);
    const again = await forwarded();
    one.send({ kind: FrameKind.delivered, correlation: 77 }, deliveredRest('crm', ['hq'], [77, given.correlation + 1]));
    await world.runFor(100);
    expect(again.said).toEqual([bareDelivered]);
    one.send({ kind: FrameKind.delivered, correlation: 1 }, Uint8Array.of(1));
    await world.runFor(100);
    expect(await one.closed).toMatchObject({ kind: 'protocol', text: 'bad delivered: short' });
  });

  it.each([
    ['another node', 'crm', 'db1'],
    ['another service', 'erp', 'hq'],
    ['nobody', '', ''],
  ])('an answer in the name of %s is taken apart, and the agent says who gave it', async (_, service, from) => {
    const { passed, said } = await forward(replyRest(service, from));
    expect({ passed, said }).toMatchObject({ passed: [], said: [{ outcome: 'answered', bodyKind: 'text', body }] });
  });
});

/** They lie behind getters. */
function fieldsOf(request: FakeNode['exchanges'][number]['request'] | undefined) {
  return {
    id: request?.id,
    command: request?.command,
    params: request?.params,
    bodyKind: request?.bodyKind,
    body: request?.body,
    fromService: request?.fromService,
  };
}
