import { type Decoded, malformed } from './decoded.ts';
import { FogataError } from './fogata-error.ts';
import { type GossipItem, readItem } from './gossip-item.ts';
import type { NodeId } from './ids.ts';
import { deltaItemsMax, digestRowsMax } from './limits.ts';
import { type MemberState, memberStates } from './member-update.ts';
import type { RawItem } from './raw-item.ts';
import { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What the sender holds of one member. */
export interface DigestRow {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly state: MemberState;
  /** Version of the record that is held; 0 none. */
  readonly recordVersion: number;
}

export interface Digest {
  readonly kind: 'digest';
  readonly answerWanted: boolean;
  readonly rows: readonly DigestRow[];
}

export interface Delta {
  readonly kind: 'delta';
  readonly items: readonly GossipItem[];
  /** Nodes of which the sender knows that the receiver has newer [S1]. */
  readonly wanted: readonly NodeId[];
}

export type SyncFrame = Digest | Delta;

const digestType = 1;
const deltaType = 2;
const answerWantedBit = 1;

export function writeDigest(writer: Writer, digest: Digest): void {
  if (digest.rows.length > digestRowsMax) throw new FogataError('too-large', `more than ${digestRowsMax} digest rows`);
  writer.u8(digestType);
  writer.u8(digest.answerWanted ? answerWantedBit : 0);
  writer.u32(digest.rows.length);
  for (const row of digest.rows) {
    writer.nodeId(row.id);
    writer.u64(row.incarnation);
    writer.word(memberStates, row.state);
    writer.u32(row.recordVersion);
  }
}

/** Items as bytes: what is passed on need not be decoded. The caller splits what would pass the frame bound [S3]. */
export function writeDelta(writer: Writer, items: readonly RawItem[], wanted: readonly NodeId[]): void {
  if (items.length > deltaItemsMax || wanted.length > digestRowsMax)
    throw new FogataError('too-large', 'a delta too large');
  writer.u8(deltaType);
  writer.u32(items.length);
  for (const item of items) {
    writer.u8(item.type);
    writer.u32(item.bytes.length);
    writer.raw(item.bytes);
  }
  writer.u16(wanted.length);
  for (const id of wanted) writer.nodeId(id);
}

/** Bytes one item takes in a delta, for splitting. */
export function deltaItemBytes(item: RawItem): number {
  return 5 + item.bytes.length;
}

export function decodeSync(bytes: Uint8Array, start: number, end: number): Decoded<SyncFrame> {
  const reader = new Reader(bytes, start, end);
  const type = reader.u8();
  if (type !== digestType && type !== deltaType) return malformed(reader.reason ?? 'kind');
  const frame = type === digestType ? readDigest(reader) : readDelta(reader);
  reader.expectEnd();
  return reader.result(frame);
}

function readDigest(reader: Reader): Digest {
  const answerWanted = (reader.u8() & answerWantedBit) !== 0;
  const count = reader.count32(digestRowsMax);
  const rows: DigestRow[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    rows.push({
      id: reader.nodeId(),
      incarnation: reader.u64(),
      state: reader.word(memberStates),
      recordVersion: reader.u32(),
    });
  }
  return { kind: 'digest', answerWanted, rows };
}

function readDelta(reader: Reader): Delta {
  const count = reader.count32(deltaItemsMax);
  const items: GossipItem[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const type = reader.u8();
    const item = readItem(reader, type, reader.u32());
    if (item !== undefined) items.push(item);
  }
  const countWanted = reader.count16(digestRowsMax);
  const wanted: NodeId[] = [];
  for (let i = 0; i < countWanted && !reader.failed; i++) wanted.push(reader.nodeId());
  return { kind: 'delta', items, wanted };
}
