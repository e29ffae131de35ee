import { beforeEach, describe, expect, it } from 'vitest';
import { placeOf, queryOf, readAnswer, zoneOf } from '../../../test/agent/zone-bed.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ByteStream } from '../../runtime/streams.ts';
import { writeQueueBytes } from '../../testing/outbound-half.ts';
import { createWorld, type World } from '../../testing/world.ts';
import { type DnsFace, openDnsFace } from './dns-face.ts';
import { connectionsMax, idleMs, queryBytesMax } from './dns-limits.ts';

const where = { address: '127.0.0.1', port: 7473 };
const wide = Array.from({ length: 200 }, (_, i) => placeOf(`db${i}`, { direct: ['192.0.2.1:80'] }));
const zone = zoneOf({ services: { crm: [placeOf('db1')], wide } });

let world: World;
let runtime: Runtime;
let face: DnsFace;
let accepted: ByteStream[];

beforeEach(async () => {
  world = createWorld();
  accepted = [];
  runtime = watched(world.host('h').start().runtime);
  face = await world.complete(openDnsFace(runtime, where, zone));
});

/** Keeps what is accepted in sight. */
function watched(given: Runtime): Runtime {
  const listen: Runtime['streams']['listen'] = (at, onStream, secure) =>
    given.streams.listen(
      at,
      (stream, identity) => {
        accepted.push(stream);
        onStream(stream, identity);
      },
      secure,
    );
  return { ...given, streams: { ...given.streams, listen } };
}

const framed = (bytes: Uint8Array) => Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);

/** A connection, and what came by it. */
function connected(from: Runtime = runtime) {
  const stream = from.streams.connect(where);
  const state = { stream, bytes: Buffer.alloc(0), isClosed: false, isEnded: false };
  stream.start({
    onData: (bytes) => (state.bytes = Buffer.concat([state.bytes, bytes])),
    onConnect() {},
    onDrain() {},
    onEnd: () => (state.isEnded = true),
    onClose: () => (state.isClosed = true),
  });
  return state;
}

function partsOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) break;
    found.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return found;
}

const answersIn = (bytes: Buffer) => partsOf(bytes).map(readAnswer);

describe('by UDP', () => {
  it('answers who asks on this host', async () => {
    const got: Uint8Array[] = [];
    const options = { address: '127.0.0.1', port: 0, shared: false, broadcast: false, multicastInterface: undefined };
    const onDatagram = (bytes: Uint8Array) => void got.push(bytes);
    const socket = await world.complete(runtime.datagrams.open({ ...options, onDatagram, onError() {} }));
    socket.send(Buffer.of(1, 2, 3), where);
    socket.send(queryOf('crm.fogata', 'A', { id: 1 }), where);
    socket.send(queryOf('nobody.fogata', 'A', { id: 2 }), where);
    await world.runFor(100);
    expect(got.map((bytes) => readAnswer(bytes).code)).toEqual(['NOERROR', 'NXDOMAIN']);
  });
});

describe('by TCP', () => {
  it('answers several queries in their order, however they are cut', async () => {
    const queries = Buffer.concat([1, 2, 3].map((id) => framed(queryOf('crm.fogata', 'SRV', { id }))));
    const client = connected();
    for (const byte of queries) {
      client.stream.write(Buffer.of(byte));
      await world.runFor(1);
    }
    client.stream.write(queries);
    await world.runFor(100);
    const found = answersIn(client.bytes);
    expect(found.map(({ packet }) => packet.id)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(found[5]?.answers).toHaveLength(1);
  });

  it('ends when the client has ended, after all answers', async () => {
    const client = connected();
    client.stream.write(framed(queryOf('crm.fogata', 'A')));
    client.stream.end();
    await world.runFor(100);
    expect(answersIn(client.bytes)).toHaveLength(1);
    expect(client).toMatchObject({ isEnded: true, isClosed: true });
  });

  it('is closed when no whole query came for a while', async () => {
    const client = connected();
    await world.runFor(idleMs - 100);
    client.stream.write(framed(queryOf('crm.fogata', 'A')));
    await world.runFor(idleMs - 100);
    // Bytes of half a query do not count.
    client.stream.write(Buffer.of(0));
    await world.runFor(50);
    expect(client.isClosed).toBe(false);
    await world.runFor(100);
    expect(client.isClosed).toBe(true);
  });

  it.each([
    [queryBytesMax, false],
    [queryBytesMax + 1, true],
  ])('a query of %i bytes closes it: %s', async (length, isClosed) => {
    const client = connected();
    client.stream.write(framed(Buffer.alloc(length)).subarray(0, 2));
    await world.runFor(100);
    expect(client.isClosed).toBe(isClosed);
  });

  it('an answer for a query closes it', async () => {
    const client = connected();
    client.stream.write(framed(Buffer.from(queryOf('crm.fogata', 'A')).fill(0x80, 2, 3)));
    await world.runFor(100);
    expect(client).toMatchObject({ isClosed: true, bytes: { length: 0 } });
  });

  it('holds so many connections, and closes one more', async () => {
    const clients = Array.from({ length: connectionsMax + 1 }, () => connected());
    await world.runFor(100);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual(clients.map((_, i) => i === connectionsMax));
    clients[0]?.stream.destroy();
    await world.runFor(100);
    const next = connected();
    next.stream.write(framed(queryOf('crm.fogata', 'A')));
    await world.runFor(100);
    expect(answersIn(next.bytes)).toHaveLength(1);
  });

  it('answers no more to who does not read, and all when it does', async () => {
    const count = 100;
    const client = connected();
    const queued = () => accepted[0]?.queuedBytes ?? Number.NaN;
    client.stream.pause();
    for (let id = 1; id <= count; id += 1) client.stream.write(framed(queryOf('wide.fogata', 'SRV', { id })));
    await world.runFor(idleMs / 2);
    const most = queued();
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(writeQueueBytes + 65_537);
    client.stream.resume();
    await world.runFor(2_000);
    expect(queued()).toBe(0);
    expect(partsOf(client.bytes).map((answer) => answer.readUInt16BE(0))).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
  });
});

describe('the face', () => {
  it('hears this host alone', async () => {
    const other = world.host('other').start().runtime;
    const client = connected(other);
    await world.runFor(1_000);
    expect(client.isClosed).toBe(true);
  });

  it('closes whatever is open, and its port can be taken again', async () => {
    const client = connected();
    await world.runFor(100);
    face.close();
    await world.runFor(100);
    expect(client.isClosed).toBe(true);
    await world.complete(openDnsFace(runtime, where, zone));
  });

  it('that cannot have its port leaves nothing open', async () => {
    await expect(world.complete(openDnsFace(runtime, where, zone))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    face.close();
    const taken = await world.complete(runtime.streams.listen(where, () => undefined));
    await expect(world.complete(openDnsFace(runtime, where, zone))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    taken.close();
    await world.complete(openDnsFace(runtime, where, zone));
  });
});
