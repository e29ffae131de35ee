import { describe, expect, it } from 'vitest';
import { alikeRest, refusalRest } from '../../test/delivery/alike-frames.ts';
import { deliveredIn, deliveredRest } from '../../test/delivery/delivered-frames.ts';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { meshOver } from '../api/mesh-over.ts';
import type { FrameLinkEvents } from '../links/frame-link.ts';
import { toBody } from '../protocol/body.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import type { Hello } from '../protocol/hello.ts';
import { messageIdFrom, nodeIdFrom, noNode } from '../protocol/ids.ts';
import { decodeMessageHead, writeMessageHead } from '../protocol/message-head.ts';
import { decodeReplyHead, type OutcomeWord, writeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import { silentLog } from '../runtime/log.ts';
import { agentPort } from './agent-port.ts';

interface Sent {
  readonly kind: number;
  readonly flags: number;
  readonly correlation: number;
  readonly deadlineMs: number;
  readonly rest: Uint8Array;
}

const agentHello: Hello = {
  versionOldest: 1,
  versionNewest: 1,
  clusterTag: clusterTag('c'),
  role: 'node',
  node: nodeIdFrom(new Uint8Array(8).fill(7)),
  incarnation: 1,
  nodePort: 7472,
  nodeName: 'host1',
  clusterName: 'c',
  software: 'test',
};

/** An agent that answers what the test tells it to. */
function fakeAgent() {
  const clock = manualClock();
  const sent: Sent[] = [];
  const state = { dials: 0, alive: true, held: 0, name: 'host1' };
  let events: FrameLinkEvents | undefined;
  const tools = {
    clock,
    random: {
      next: () => 0.5,
      bytes: (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 7 + 1) & 255),
    },
    keepAlive() {
      state.held += 1;
      return () => void (state.held -= 1);
    },
    log: silentLog,
  };
  const port = agentPort((given) => {
    state.dials += 1;
    events = given;
    queueMicrotask(() => {
      if (state.alive) given.onOpen({ ...agentHello, nodeName: state.name });
      else given.onClose({ kind: 'unreachable', text: 'ECONNREFUSED' });
    });
    const close = () => given.onClose(undefined);
    return {
      peer: () => agentHello,
      queuedBytes: () => 0,
      bulkBytes: () => 0,
      send(fields, head, body) {
        sent.push({ ...fields, rest: Buffer.concat([head ?? new Uint8Array(0), body ?? new Uint8Array(0)]) });
        return true;
      },
      sendFrames: () => true,
      end: close,
      goaway: close,
      verify() {},
      pause() {},
      resume() {},
      destroy: close,
    };
  }, tools);
  const writer = new Writer();
  function give(kind: number, correlation: number, bytes: Uint8Array, flags = 0) {
    const header = { kind, flags, hops: 0, to: noNode, from: noNode, correlation, deadlineMs: 1_000 };
    return events?.onFrame({ ...header, bytes, start: 0, end: bytes.length });
  }
  return {
    clock,
    sent,
    state,
    port,
    mesh: meshOver(port, tools),
    of: (kind: number) => sent.filter((each) => each.kind === kind),
    json: (kind: number, correlation: number, value: unknown) =>
      give(kind, correlation, Buffer.from(JSON.stringify(value))),
    reply(correlation: number, outcome: OutcomeWord, body?: unknown) {
      const { kind, bytes } = toBody(body as undefined);
      writer.reset();
      const head = { outcome, code: undefined, bodyKind: kind, load: undefined, service: 'crm', node: 'host2' };
      writeReplyHead(writer, { ...head, reason: '', params: {} });
      give(7, correlation, Buffer.concat([writer.copy(), bytes]));
    },
    alike: (reply: Uint8Array, correlations: readonly number[]) =>
      give(22, correlations[0] ?? 0, alikeRest(reply, correlations)),
    delivered(nodes: readonly string[], correlations: readonly number[]) {
      const rest = Buffer.from(
        deliveredRest(
          'crm',
          nodes.map((node) => node.trim() || 'x'),
          correlations,
        ),
      );
      // A name that no writer would write.
      if (nodes.includes(' ')) rest[rest.lastIndexOf(0x78)] = 0x20;
      return give(21, correlations[0] as number, rest);
    },
    message(correlation: number, command: string, flags = 1) {
      writer.reset();
      const id = messageIdFrom(new Uint8Array(16).fill(correlation));
      const names = { service: 'crm', node: '', command, fromService: '', fromNode: 'host3' };
      writeMessageHead(writer, { id, bodyKind: 'none', attempt: 0, ...names, params: {} });
      give(6, correlation, writer.copy(), flags);
    },
    cancel: (correlation: number) => give(8, correlation, new Uint8Array(0)),
    lose: () => events?.onClose({ kind: 'lost', text: 'reset' }),
  };
}

const flush = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

async function connected() {
  const agent = fakeAgent();
  expect(await agent.port.reach()).toBeUndefined();
  return agent;
}

describe('a program behind an agent', () => {
  it('calls and gets the reply', async () => {
    const agent = await connected();
    expect(agent.mesh.self).toEqual({ id: agentHello.node, name: 'host1', cluster: 'c' });
    const calling = agent.mesh.call('crm@db1', 'PING', { params: { a: '1' }, body: 'hi', deadlineMs: 500 });
    const [message] = agent.of(6);
    const decoded = decodeMessageHead(message!.rest, 0, message!.rest.length);
    const head = { service: 'crm', node: 'db1', command: 'PING', bodyKind: 'text' };
    expect(decoded).toMatchObject({ ok: true, head });
    expect(message).toMatchObject({ flags: 1, deadlineMs: 500 });
    agent.clock.advance(5);
    agent.reply(message!.correlation, 'answered', { pong: true });
    expect(await calling).toMatchObject({
      outcome: 'answered',
      instance: { service: 'crm', node: 'host2' },
      reply: { body: { pong: true } },
      elapsedMs: 5,
    });
  });

  it('an agent that is not there is told at once, and not asked again', async () => {
    const agent = fakeAgent();
    agent.state.alive = false;
    expect(await agent.port.reach()).toMatchObject({ kind: 'unreachable' });
    agent.clock.advance(60_000);
    expect(agent.state.dials).toBe(1);
  });

  it('comes back with growing pauses, its services and its watches', async () => {
    const agent = await connected();
    const serving = agent.mesh.serve('crm', () => {});
    agent.json(15, agent.of(14)[0]!.correlation, { ok: true, result: null });
    await serving;
    const seen: string[] = [];
    void (async () => {
      for await (const event of agent.mesh.watch())
        seen.push('node' in event ? `${event.type} ${event.node.name}` : event.type);
    })();
    const node = (name: string, id: string) => ({ type: 'node-joined', node: { id, name } });
    const show = (...events: unknown[]) => {
      const { correlation } = agent.of(14).findLast((each) => Buffer.from(each.rest).includes('watch'))!;
      for (const event of events) agent.json(16, correlation, event);
    };
    show(node('a', '1'), node('b', '2'), { type: 'ready' });
    await flush();
    agent.state.alive = false;
    agent.lose();
    expect(agent.state.held).toBe(1);
    for (const pauseMs of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
      const { dials } = agent.state;
      agent.clock.advance(pauseMs - 1);
      expect(agent.state.dials).toBe(dials);
      agent.clock.advance(1);
      expect(agent.state.dials).toBe(dials + 1);
      await flush();
    }
    agent.state.alive = true;
    agent.sent.length = 0;
    agent.clock.advance(5_000);
    await flush();
    expect(agent.state.held).toBe(0);
    expect(agent.of(14).map((each) => (JSON.parse(String(each.rest)) as { op: string }).op)).toEqual([
      'register',
      'watch',
    ]);
    show(node('a', '1'), node('c', '3'), { type: 'ready' });
    await flush();
    expect(seen).toEqual(['node-joined a', 'node-joined b', 'ready', 'node-joined c', 'node-gone b']);
  });

  it('a call under way at the break is unknown, an idempotent one is sent again, a later one waits', async () => {
    const agent = await connected();
    const once = agent.mesh.call('crm', 'A');
    const twice = agent.mesh.call('crm', 'B', { idempotent: true });
    agent.lose();
    expect(await once).toMatchObject({ outcome: 'unknown', code: 'link-lost', retryable: false });
    const later = agent.mesh.call('crm', 'C');
    const tooLate = agent.mesh.call('crm', 'D', { deadlineMs: 20 });
    agent.sent.length = 0;
    agent.clock.advance(100);
    await flush();
    expect(await tooLate).toMatchObject({ outcome: 'expired', code: 'deadline' });
    const heads = agent.of(6).map(({ rest }) => decodeMessageHead(rest, 0, rest.length));
    expect(heads).toMatchObject([{ head: { command: 'B', attempt: 1 } }, { head: { command: 'C', attempt: 0 } }]);
    for (const { correlation } of agent.of(6)) agent.reply(correlation, 'answered');
    expect(await twice).toMatchObject({ outcome: 'answered' });
    expect(await later).toMatchObject({ outcome: 'answered' });
  });

  it('a call given up is unknown once its agent may have it, and refused before', async () => {
    const agent = await connected();
    const givenUp = (idempotent: boolean) => {
      const stop = new AbortController();
      const calling = agent.mesh.call('crm', 'A', { idempotent, signal: stop.signal });
      stop.abort();
      return calling;
    };
    for (const idempotent of [false, true]) expect(await givenUp(idempotent)).toMatchObject({ outcome: 'unknown' });
    agent.lose();
    expect(await givenUp(false)).toMatchObject({ outcome: 'refused', code: 'cancelled' });
  });

  it('each message has an id and an attempt of its own, and its agent’s name, however alike they are', async () => {
    const agent = await connected();
    const headsOut = () => {
      const decoded = agent.of(6).map(({ rest }) => decodeMessageHead(rest, 0, rest.length));
      return decoded.map((one) => (one.ok ? [one.head.id, one.head.attempt, one.head.fromNode] : one.reason));
    };
    for (let i = 0; i < 3; i++) void agent.mesh.call('crm', 'A', { idempotent: true });
    const first = headsOut();
    expect(new Set(first.map(([id]) => id)).size).toBe(3);
    expect(first.map((head) => head.slice(1))).toEqual(Array.from({ length: 3 }, () => [0, 'host1']));
    agent.lose();
    agent.state.name = 'host9';
    agent.sent.length = 0;
    agent.clock.advance(100);
    await flush();
    expect(headsOut()).toEqual(first.map(([id]) => [id, 1, 'host9']));
  });

  it('what waits for a link is bounded at 16 MiB', async () => {
    const agent = await connected();
    agent.lose();
    const body = new Uint8Array(1_048_576);
    const waiting = Array.from({ length: 16 }, () => agent.mesh.call('crm', 'A', { body, deadlineMs: 50 }));
    const tooMuch = agent.mesh.call('crm', 'A', { body: 'x' });
    expect(await tooMuch).toMatchObject({ outcome: 'refused', code: 'busy' });
    agent.state.alive = false;
    agent.clock.advance(150);
    for (const each of waiting) expect(await each).toMatchObject({ outcome: 'expired' });
    await flush();
    void agent.mesh.call('crm', 'A', { body });
    agent.state.alive = true;
    agent.clock.advance(200);
    await flush();
    expect(agent.of(6)).toHaveLength(1);
  });

  it('keeps the deadline when the agent does not', async () => {
    const agent = await connected();
    const once = agent.mesh.call('crm', 'A', { deadlineMs: 50 });
    const twice = agent.mesh.send('crm', 'A', { deadlineMs: 50, idempotent: true });
    agent.clock.advance(700);
    expect(await once).toMatchObject({ outcome: 'unknown', code: 'deadline' });
    expect(await twice).toMatchObject({ outcome: 'expired', code: 'deadline' });
    expect(agent.of(8)).toHaveLength(2);
  });

  it('publishes, and tells what the agent told of each', async () => {
    const agent = await connected();
    const publishing = agent.mesh.publish('crm', 'NEWS');
    const id = '0'.repeat(32);
    const delivered = { outcome: 'delivered', id, service: 'crm', node: 'a', reason: '', elapsedMs: 1 };
    const refused = { outcome: 'refused', id, service: 'crm', node: 'b', code: 'busy', reason: 'full', elapsedMs: 1 };
    agent.reply(agent.of(6)[0]!.correlation, 'refused', { instances: [delivered, refused] });
    expect(agent.of(6)[0]!.flags).toBe(4);
    expect(await publishing).toMatchObject({
      outcome: 'refused',
      code: 'busy',
      instances: [{ node: 'a' }, { node: 'b' }],
    });
  });

  it('[F17] takes one reply for many', async () => {
    const agent = await connected();
    const publishing = [agent.mesh.publish('crm', 'A'), agent.mesh.publish('crm', 'B')];
    const sending = agent.mesh.send('crm', 'C');
    const correlations = agent.of(6).map(({ correlation }) => correlation);
    const refused = { outcome: 'refused', service: 'crm', node: 'b', code: 'busy', reason: 'full' };
    const instances = [{ outcome: 'delivered', service: 'crm', node: 'a' }, refused];
    const body = new TextEncoder().encode(JSON.stringify({ instances }));
    expect(agent.alike(refusalRest({ bodyKind: 'json' }, body), [...correlations.slice(0, 2), 900])).toBeUndefined();
    const told = { outcome: 'refused', code: 'busy', reason: 'b: full', instances };
    const published = await Promise.all(publishing);
    expect(published).toMatchObject([told, told]);
    expect(published[0]?.id).not.toBe(published[1]?.id);
    agent.alike(refusalRest({ reason: 'none is free' }), correlations.slice(2));
    expect(await sending).toMatchObject({ outcome: 'refused', code: 'busy', reason: 'none is free', tried: [] });
    expect(agent.alike(refusalRest({ outcome: 'answered', code: undefined }), [1])).toBe('bad alike: range');
  });

  it('[F15] takes what was delivered to one or to many, told of several at once', async () => {
    const agent = await connected();
    const sending = [agent.mesh.send('crm', 'A'), agent.mesh.send('crm', 'B')];
    const publishing = [agent.mesh.publish('crm', 'C'), agent.mesh.publish('crm', 'D')];
    const correlations = agent.of(6).map(({ correlation }) => correlation);
    agent.delivered(['a'], [...correlations.slice(0, 2), 900]);
    agent.delivered(['a', 'b'], correlations.slice(2));
    expect(await Promise.all(sending)).toMatchObject([
      { outcome: 'delivered', instance: { service: 'crm', node: 'a' } },
      { outcome: 'delivered', instance: { service: 'crm', node: 'a' } },
    ]);
    const instances = ['a', 'b'].map((node) => ({ service: 'crm', node, outcome: 'delivered' }));
    expect(await Promise.all(publishing)).toMatchObject([
      { outcome: 'delivered', instances },
      { outcome: 'delivered', instances },
    ]);
    expect(agent.delivered(['a', ' '], [1])).toBe('bad delivered: name');
  });

  it('[F15] says of the one-way messages of a turn at once that it has them', async () => {
    const agent = await connected();
    const serving = agent.mesh.serve('crm', () => undefined);
    agent.json(15, agent.of(14)[0]!.correlation, { ok: true, result: null });
    await serving;
    agent.message(5, 'A', 0);
    agent.message(6, 'B', 0);
    await flush();
    const { correlation, rest } = agent.of(21)[0]!;
    expect([agent.of(7), agent.of(21)]).toMatchObject([[], [{ correlation: 5 }]]);
    const { service, nodes, correlations } = deliveredIn(rest, correlation);
    expect({ service, nodes, correlations }).toEqual({ service: 'crm', nodes: ['host1'], correlations: [5, 6] });
  });

  it('serves: answers, refuses, and gives up what its caller gave up', async () => {
    const agent = await connected();
    let aborted = 0;
    const wait = ({ signal }: { signal: AbortSignal }) =>
      new Promise<undefined>(() => signal.addEventListener('abort', () => void (aborted += 1)));
    const endpoint = '[::]:5432';
    const serving = agent.mesh.serve('crm', { PING: () => ({ body: 'pong' }), WAIT: wait }, { endpoint });
    expect(JSON.parse(String(agent.of(14)[0]?.rest))).toMatchObject({ op: 'register', service: 'crm', endpoint });
    agent.json(15, agent.of(14)[0]!.correlation, { ok: true, result: null });
    const registration = await serving;
    registration.setLoad(0.5);
    agent.message(1, 'PING');
    agent.message(2, 'NONE');
    agent.message(3, 'WAIT');
    agent.cancel(3);
    agent.message(4, 'WAIT');
    const replies = agent
      .of(7)
      .map(({ correlation, rest }) => ({ correlation, ...decodeReplyHead(rest, 0, rest.length) }));
    expect(replies).toMatchObject([
      { correlation: 1, head: { outcome: 'answered', bodyKind: 'text', load: 0.5 } },
      { correlation: 2, head: { outcome: 'refused', code: 'unknown-command' } },
    ]);
    agent.lose();
    expect(aborted).toBe(2);
  });

  it('a refused registration rejects, and the name is free again', async () => {
    const agent = await connected();
    const serving = agent.mesh.serve('crm', () => {});
    agent.json(15, agent.of(14)[0]!.correlation, { ok: false, code: 'not-allowed', reason: 'no' });
    await expect(serving).rejects.toMatchObject({ code: 'not-allowed' });
    void agent.mesh.serve('crm', () => {});
    await flush();
    expect(agent.of(14)).toHaveLength(2);
  });

  it('close withdraws, lets calls end for a while, and settles the rest', async () => {
    const agent = await connected();
    const calls = [false, true].map((idempotent) => agent.mesh.call('crm', 'A', { idempotent }));
    const closing = agent.mesh.close();
    expect(agent.mesh.close()).toBe(closing);
    agent.clock.advance(2_000);
    for (const call of calls) expect(await call).toMatchObject({ outcome: 'unknown', code: 'closed' });
    await closing;
    agent.clock.advance(60_000);
    expect(agent.state).toMatchObject({ dials: 1, held: 0 });
  });
});
