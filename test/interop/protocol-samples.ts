import { type Beacon, writeBeacon } from '../../src/protocol/beacon.ts';
import { clusterTag } from '../../src/protocol/cluster-tag.ts';
import { writeCredit } from '../../src/protocol/credit.ts';
import { encodeDatagram } from '../../src/protocol/datagram.ts';
import { beginFrame, endFrame, type FrameFields, FrameFlag, FrameKind } from '../../src/protocol/frame.ts';
import { writeGoaway } from '../../src/protocol/goaway.ts';
import { encodeItem, type GossipItem } from '../../src/protocol/gossip-item.ts';
import { type GossipPacket, writePacket } from '../../src/protocol/gossip-packet.ts';
import { type Hello, writeHello } from '../../src/protocol/hello.ts';
import { type MessageId, type NodeId, noNode } from '../../src/protocol/ids.ts';
import { type MessageHead, writeMessageHead } from '../../src/protocol/message-head.ts';
import { type ReplyHead, writeReplyHead } from '../../src/protocol/reply-head.ts';
import { writeReset } from '../../src/protocol/reset.ts';
import { type Digest, writeDelta, writeDigest } from '../../src/protocol/sync.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { alikeRest, refusalRest } from '../delivery/alike-frames.ts';
import { deliveredRest } from '../delivery/delivered-frames.ts';
import { runRest } from '../delivery/run-frames.ts';

// One of everything that goes over the wire, always the same.

export const cluster = 'home';
export const tag = clusterTag(cluster);
const here = '0011223344556677' as NodeId;
const there = '8899aabbccddeeff' as NodeId;
const incarnation = 1_793_000_000_123;
const utf8 = new TextEncoder();

const items: readonly GossipItem[] = [
  {
    type: 'member',
    update: {
      id: here,
      incarnation,
      state: 'suspect',
      versionOldest: 1,
      versionNewest: 1,
      recordVersion: 3,
      by: there,
      name: 'db1',
      addresses: [
        { address: '192.0.2.10', port: 7472 },
        { address: '2001:db8::10', port: 7472 },
      ],
      cause: undefined,
    },
  },
  {
    type: 'record',
    record: {
      id: here,
      incarnation,
      version: 3,
      services: [
        {
          name: 'crm',
          state: 'up',
          kinds: { messages: true, http: true, streams: false },
          weight: 100,
          labels: { zone: 'süd', v: '2' },
          endpoint: { address: '192.0.2.10', port: 8080 },
        },
        {
          name: 'billing',
          state: 'draining',
          kinds: { messages: true, http: false, streams: false },
          weight: 0,
          labels: {},
          endpoint: undefined,
        },
        {
          name: 'stock',
          state: 'warning',
          kinds: { messages: false, http: true, streams: false },
          weight: 20,
          labels: {},
          endpoint: { address: '::', port: 80 },
        },
      ],
    },
  },
  {
    type: 'load',
    report: {
      id: here,
      incarnation,
      sequence: 9,
      hostLoad: 0.5,
      services: [
        { name: 'crm', load: undefined, inFlight: 12 },
        { name: 'billing', load: 1, inFlight: 0 },
      ],
    },
  },
];

const beacon: Beacon = {
  versionOldest: 1,
  versionNewest: 1,
  node: here,
  incarnation,
  sequence: 4,
  leaving: false,
  seeking: true,
  nodePort: 7472,
  nodeName: 'db1',
  clusterName: cluster,
  recordVersion: 3,
  hostLoad: 0.1,
  services: [{ name: 'crm', load: 0.2, state: 'up' }],
};

const packets: Readonly<Record<string, GossipPacket>> = {
  ping: { kind: 'ping', sequence: 1, from: here, to: there, viewDigest: 0xdeadbeef, items: items.slice(0, 1) },
  'ping to whoever is there': { kind: 'ping', sequence: 2, from: here, to: noNode, viewDigest: 0, items: [] },
  ack: { kind: 'ack', sequence: 1, from: there, viewDigest: 0xdeadbeef, items: [] },
  'ping-request': {
    kind: 'ping-request',
    sequence: 3,
    from: here,
    target: there,
    targetAddress: { address: 'fe80::1', port: 7473 },
    items: [],
  },
  nack: { kind: 'nack', sequence: 3, from: there },
  gossip: { kind: 'gossip', from: here, items },
};

const hello: Hello = {
  versionOldest: 1,
  versionNewest: 1,
  clusterTag: tag,
  role: 'node',
  node: here,
  incarnation,
  nodePort: 7472,
  nodeName: 'db1',
  clusterName: cluster,
  software: 'fogata 0.1.0',
};

const message: MessageHead = {
  id: '000102030405060708090a0b0c0d0e0f' as MessageId,
  bodyKind: 'json',
  attempt: 1,
  service: 'crm',
  node: '*',
  command: 'leads.create',
  fromService: '',
  fromNode: 'db1',
  params: { lang: 'de', 'x-request-id': '7' },
};

const reply: ReplyHead = {
  outcome: 'refused',
  code: 'busy',
  bodyKind: 'text',
  load: 0.96,
  service: 'crm',
  node: 'db2',
  reason: 'too many',
  params: { 'retry-after': '1' },
};

const digest: Digest = {
  kind: 'digest',
  answerWanted: true,
  rows: [{ id: there, incarnation, state: 'alive', recordVersion: 1 }],
};

function payload(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return encodeDatagram(tag, writer.view());
}

function frame(kind: FrameKind, fields: Partial<FrameFields>, write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  const correlation = 0x01020304;
  const start = beginFrame(writer, {
    kind,
    flags: 0,
    hops: 0,
    to: noNode,
    from: noNode,
    correlation,
    deadlineMs: Number.POSITIVE_INFINITY,
    ...fields,
  });
  write(writer);
  endFrame(writer, start);
  return writer.copy();
}

const nothing = () => {};
const routed = { to: there, from: here, hops: 8, deadlineMs: 10_000 };
const json = (text: string) => (writer: Writer) => writer.raw(utf8.encode(text));

function messageFrame(writer: Writer): void {
  writeMessageHead(writer, message);
  writer.raw(utf8.encode('{"a":1}'));
}

function replyFrame(writer: Writer): void {
  writeReplyHead(writer, reply);
  writer.raw(utf8.encode('später'));
}

/** Whole datagrams of the cluster `home`, by name. */
export const datagrams: Readonly<Record<string, Uint8Array>> = {
  beacon: payload((writer) => writeBeacon(writer, beacon)),
  'beacon, leaving': payload((writer) => writeBeacon(writer, { ...beacon, seeking: false, leaving: true })),
  ...Object.fromEntries(
    Object.entries(packets).map(([name, packet]) => [name, payload((writer) => writePacket(writer, packet))]),
  ),
};

/** Whole frames, by name. */
export const frames: Readonly<Record<string, Uint8Array>> = {
  hello: frame(FrameKind.hello, {}, (writer) => writeHello(writer, hello)),
  'hello of a program': frame(FrameKind.hello, {}, (writer) =>
    writeHello(writer, { ...hello, role: 'program', node: noNode, incarnation: 0, nodePort: 0, nodeName: '' }),
  ),
  goaway: frame(FrameKind.goaway, {}, (writer) =>
    writeGoaway(writer, { reason: 'duplicate-link', text: 'one is enough' }),
  ),
  ping: frame(FrameKind.ping, {}, nothing),
  pong: frame(FrameKind.pong, {}, nothing),
  clock: frame(FrameKind.clock, {}, nothing),
  'sync digest': frame(FrameKind.sync, {}, (writer) => writeDigest(writer, digest)),
  'sync delta': frame(FrameKind.sync, {}, (writer) =>
    writeDelta(
      writer,
      items.map((item) => encodeItem(item)),
      [there],
    ),
  ),
  message: frame(FrameKind.message, { ...routed, flags: FrameFlag.replyWanted | FrameFlag.idempotent }, messageFrame),
  reply: frame(FrameKind.reply, routed, replyFrame),
  cancel: frame(FrameKind.cancel, routed, nothing),
  open: frame(FrameKind.open, routed, messageFrame),
  accept: frame(FrameKind.accept, routed, replyFrame),
  data: frame(FrameKind.data, routed, (writer) => writer.raw(Uint8Array.of(1, 2, 3))),
  'data, end': frame(FrameKind.data, { ...routed, flags: FrameFlag.end }, nothing),
  credit: frame(FrameKind.credit, routed, (writer) => writeCredit(writer, 262_144)),
  reset: frame(FrameKind.reset, routed, (writer) =>
    writeReset(writer, { code: 'cancelled', text: 'no longer wanted' }),
  ),
  request: frame(FrameKind.request, {}, json('{"verb":"nodes"}')),
  response: frame(FrameKind.response, {}, json('{"nodes":[]}')),
  event: frame(FrameKind.event, {}, json('{"event":"member"}')),
  key: frame(FrameKind.key, {}, json('{"op":"list"}')),
  'key reply': frame(FrameKind.keyReply, {}, json('{"ok":false,"reason":"in use"}')),
  wish: frame(FrameKind.wish, { correlation: 7 }, json('{"labels":{"version":"2"},"strategy":"nearest"}')),
  decision: frame(FrameKind.decision, { correlation: 7 }, json('[]')),
  delivered: frame(FrameKind.delivered, { ...routed, correlation: 7 }, (writer) =>
    writer.raw(deliveredRest('crm', ['db1'], [7, 8, 10, 265, 521, 6], 0.5)),
  ),
  'delivered, published': frame(FrameKind.delivered, { correlation: 2 }, (writer) =>
    writer.raw(deliveredRest('news', ['db1', 'db2'], [2, 4])),
  ),
  alike: frame(FrameKind.alike, { correlation: 2 }, (writer) =>
    writer.raw(alikeRest(refusalRest({ bodyKind: 'json' }, utf8.encode('{"instances":[]}')), [2, 4, 265, 520])),
  ),
  run: frame(FrameKind.run, { ...routed, to: noNode, flags: FrameFlag.publish, correlation: 2 }, (writer) =>
    writer.raw(
      runRest({ ...message, node: '*', bodyKind: 'text' }, [
        { id: message.id, correlation: 2, body: utf8.encode('one') },
        { id: '00112233445566778899aabbccddef00' as MessageId, correlation: 4, body: utf8.encode('') },
        { id: '00112233445566778899aabbccddef01' as MessageId, correlation: 260, body: utf8.encode('three') },
      ]),
    ),
  ),
};
