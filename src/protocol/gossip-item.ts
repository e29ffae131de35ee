import type { Decoded } from './decoded.ts';
import { type DirectoryRecord, readRecord, writeRecord } from './directory-record.ts';
import { type LoadReport, readLoadReport, writeLoadReport } from './load-report.ts';
import { type MemberUpdate, readMember, writeMember } from './member-update.ts';
import { ItemType, type RawItem } from './raw-item.ts';
import { Reader } from './reader.ts';
import type { RecentlyDecoded } from './recently-decoded.ts';
import { Writer } from './writer.ts';

/** An item as its meaning. */
export type GossipItem =
  | { readonly type: 'member'; readonly update: MemberUpdate }
  | { readonly type: 'record'; readonly record: DirectoryRecord }
  | { readonly type: 'load'; readonly report: LoadReport };

export function encodeItem(item: GossipItem): RawItem {
  return encodeItemBy(new Writer(256), item);
}

/** With a writer that is written over, for where there is much to encode. */
export function encodeItemBy(writer: Writer, item: GossipItem): RawItem {
  writer.reset();
  writeItem(writer, item);
  return { type: ItemType[item.type], bytes: writer.copy() };
}

/** The body of an item, without its type and length. */
export function writeItem(writer: Writer, item: GossipItem): void {
  if (item.type === 'member') writeMember(writer, item.update);
  else if (item.type === 'record') writeRecord(writer, item.record);
  else writeLoadReport(writer, item.report);
}

/** `undefined` for a type that is not known: such an item is skipped [G2]. */
export function decodeItem(item: RawItem): Decoded<GossipItem | undefined> {
  const reader = new Reader(item.bytes);
  return reader.result(readItem(reader, item.type, item.bytes.length));
}

/**
 * The reader stands at the body of an item of so many bytes; fields of a later revision at its end are skipped [N6]. What is
 * among the `recent` is not decoded again, and what is decoded is put there.
 */
export function readItem(
  reader: Reader,
  type: number,
  itemBytes: number,
  recent?: RecentlyDecoded<GossipItem>,
): GossipItem | undefined {
  const start = reader.position;
  reader.skip(itemBytes);
  if (reader.failed) return undefined;
  const { bytes, position: end } = reader;
  const known = recent?.find(type, bytes, start, end);
  if (known !== undefined) return known;
  const body = new Reader(bytes, start, end);
  const item = readBody(body, type);
  if (body.reason !== undefined) reader.fail(body.reason);
  else if (item !== undefined) recent?.add(type, bytes, start, end, item);
  return item;
}

function readBody(body: Reader, type: number): GossipItem | undefined {
  if (type === ItemType.member) return { type: 'member', update: readMember(body) };
  if (type === ItemType.record) return { type: 'record', record: readRecord(body) };
  if (type === ItemType.load) return { type: 'load', report: readLoadReport(body) };
  return undefined;
}
