import * as fc from 'fast-check';
import type { Beacon } from '../../src/protocol/beacon.ts';
import { bodyKinds } from '../../src/protocol/body.ts';
import type { DirectoryRecord } from '../../src/protocol/directory-record.ts';
import { errorCodes } from '../../src/protocol/error-code.ts';
import type { FrameFields } from '../../src/protocol/frame.ts';
import { type Goaway, goawayReasons } from '../../src/protocol/goaway.ts';
import type { GossipItem } from '../../src/protocol/gossip-item.ts';
import type { GossipPacket } from '../../src/protocol/gossip-packet.ts';
import type { Hello } from '../../src/protocol/hello.ts';
import { type MessageId, type NodeId, noNode } from '../../src/protocol/ids.ts';
import { formatIp } from '../../src/protocol/ip-address.ts';
import type { LoadReport } from '../../src/protocol/load-report.ts';
import { type MemberUpdate, memberCauses, memberStates } from '../../src/protocol/member-update.ts';
import type { MessageHead } from '../../src/protocol/message-head.ts';
import { outcomeWords, type ReplyHead } from '../../src/protocol/reply-head.ts';
import type { Reset } from '../../src/protocol/reset.ts';
import { type ServiceEntry, serviceStates } from '../../src/protocol/service-entry.ts';
import type { SocketAddress } from '../../src/protocol/socket-address.ts';
import type { SyncFrame } from '../../src/protocol/sync.ts';
import type { TextRecord } from '../../src/protocol/text-record.ts';

// Values of every type that goes over the wire, as they come back from it: loads in steps, records without prototype.

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const u8 = fc.nat(255);
const u16 = fc.nat(65_535);
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.oneof(fc.maxSafeNat(), fc.nat(1_000), fc.constant(Number.MAX_SAFE_INTEGER));
const port = fc.integer({ min: 1, max: 65_535 });
const load = fc.option(
  fc.nat(250).map((step) => step / 250),
  { nil: undefined },
);
const versions = fc
  .tuple(fc.integer({ min: 1, max: 255 }), fc.nat(255))
  .map(([oldest, more]) => ({ versionOldest: oldest, versionNewest: Math.min(255, oldest + more) }));
const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength });

export const nodeIdOrNone = hex(16) as fc.Arbitrary<NodeId>;
export const nodeId = nodeIdOrNone.filter((id) => id !== noNode);
export const messageId = hex(32) as fc.Arbitrary<MessageId>;
export const name = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/);
export const command = fc.stringMatching(/^[A-Za-z0-9_./-]{1,63}$/);
const nameOrNone = fc.oneof(name, fc.constant(''));

const textRecord = (namesMax: number, nameMax: number, valueMax: number): fc.Arbitrary<TextRecord> =>
  fc
    .dictionary(fc.oneof(text(nameMax), fc.constantFrom('__proto__', 'constructor', '')), text(valueMax), {
      maxKeys: namesMax,
      noNullPrototype: false,
    })
    .map((record) => Object.assign(Object.create(null) as Record<string, string>, record));

export const socketAddress: fc.Arbitrary<SocketAddress> = fc
  .tuple(fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })), port)
  .map(([bytes, number]) => ({ address: formatIp(bytes), port: number }));

export const memberUpdate: fc.Arbitrary<MemberUpdate> = fc
  .record({
    id: nodeId,
    incarnation: u64,
    state: fc.constantFrom(...memberStates),
    recordVersion: u32,
    by: nodeIdOrNone,
    name,
    addresses: fc.array(socketAddress, { maxLength: 8 }),
    cause: fc.constantFrom(undefined, ...memberCauses),
    versions,
  })
  .map(({ versions: spoken, ...rest }) => ({ ...rest, ...spoken }));

export const serviceEntry: fc.Arbitrary<ServiceEntry> = fc.record({
  name,
  state: fc.constantFrom(...serviceStates),
  kinds: fc.record({ messages: fc.boolean(), http: fc.boolean(), streams: fc.boolean() }),
  weight: u16,
  labels: textRecord(16, 40, 60),
  endpoint: fc.option(socketAddress, { nil: undefined }),
});

export const directoryRecord: fc.Arbitrary<DirectoryRecord> = fc.record({
  id: nodeId,
  incarnation: u64,
  version: u32,
  services: fc.array(serviceEntry, { maxLength: 12 }),
});

export const loadReport: fc.Arbitrary<LoadReport> = fc.record({
  id: nodeId,
  incarnation: u64,
  sequence: u32,
  hostLoad: load,
  services: fc.array(fc.record({ name, load, inFlight: u16 }), { maxLength: 20 }),
});

export const gossipItem: fc.Arbitrary<GossipItem> = fc.oneof(
  memberUpdate.map((update) => ({ type: 'member', update }) as const),
  directoryRecord.map((record) => ({ type: 'record', record }) as const),
  loadReport.map((report) => ({ type: 'load', report }) as const),
);

const items = fc.array(gossipItem, { maxLength: 5 });

export const gossipPacket: fc.Arbitrary<GossipPacket> = fc.oneof(
  fc.record({ kind: fc.constant('ping'), sequence: u32, from: nodeId, to: nodeIdOrNone, viewDigest: u32, items }),
  fc.record({ kind: fc.constant('ack'), sequence: u32, from: nodeId, viewDigest: u32, items }),
  fc.record({
    kind: fc.constant('ping-request'),
    sequence: u32,
    from: nodeId,
    target: nodeId,
    targetAddress: socketAddress,
    items,
  }),
  fc.record({ kind: fc.constant('nack'), sequence: u32, from: nodeId }),
  fc.record({ kind: fc.constant('gossip'), from: nodeId, items }),
);

export const beacon: fc.Arbitrary<Beacon> = fc
  .record({
    versions,
    node: nodeId,
    incarnation: u64,
    sequence: u32,
    leaving: fc.boolean(),
    seeking: fc.boolean(),
    nodePort: port,
    nodeName: name,
    clusterName: name,
    recordVersion: u32,
    hostLoad: load,
    services: fc.array(fc.record({ name, load, state: fc.constantFrom(...serviceStates) }), { maxLength: 12 }),
  })
  .map(({ versions: spoken, ...rest }) => ({ ...rest, ...spoken }));

export const frameFields: fc.Arbitrary<FrameFields> = fc.record({
  kind: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 128, max: 255 })),
  flags: u8,
  hops: fc.nat(8),
  to: nodeIdOrNone,
  from: nodeIdOrNone,
  correlation: u32,
  deadlineMs: fc.oneof(fc.nat(86_400_000), fc.constant(Number.POSITIVE_INFINITY)),
});

export const hello: fc.Arbitrary<Hello> = fc
  .record({
    versions,
    clusterTag: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    node: nodeId,
    incarnation: u64,
    nodePort: u16,
    nodeName: name,
    clusterName: name,
    software: text(60),
    program: fc.boolean(),
  })
  .map(({ versions: spoken, program, ...rest }) => ({
    ...rest,
    ...spoken,
    ...(program ? { role: 'program', node: noNode, nodeName: '' } : { role: 'node' }),
  })) as fc.Arbitrary<Hello>;

export const messageHead: fc.Arbitrary<MessageHead> = fc.record({
  id: messageId,
  bodyKind: fc.constantFrom(...bodyKinds),
  attempt: u8,
  service: name,
  node: fc.oneof(nameOrNone, fc.constant('*')),
  command,
  fromService: nameOrNone,
  fromNode: nameOrNone,
  params: textRecord(64, 60, 300),
});

export const replyHead: fc.Arbitrary<ReplyHead> = fc.record({
  outcome: fc.constantFrom(...outcomeWords),
  code: fc.option(fc.constantFrom(...errorCodes), { nil: undefined }),
  bodyKind: fc.constantFrom(...bodyKinds),
  load,
  service: nameOrNone,
  node: nameOrNone,
  reason: text(200),
  params: textRecord(64, 60, 300),
});

export const goaway: fc.Arbitrary<Goaway> = fc.record({ reason: fc.constantFrom(...goawayReasons), text: text(200) });

export const reset: fc.Arbitrary<Reset> = fc.record({ code: fc.constantFrom(...errorCodes), text: text(200) });

export const syncFrame: fc.Arbitrary<SyncFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('digest'),
    answerWanted: fc.boolean(),
    rows: fc.array(
      fc.record({
        id: nodeId,
        incarnation: u64,
        state: fc.constantFrom(...memberStates),
        recordVersion: u32,
      }),
      { maxLength: 30 },
    ),
  }),
  fc.record({ kind: fc.constant('delta'), items, wanted: fc.array(nodeId, { maxLength: 20 }) }),
);
