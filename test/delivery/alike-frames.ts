import { AlikeWriter, ReceivedAlike } from '../../src/protocol/alike.ts';
import { FrameKind } from '../../src/protocol/frame.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { type ReplyHead, writeReplyHead } from '../../src/protocol/reply-head.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { received } from './delivery-bed.ts';

/** The rest of a reply frame that refuses, as `fields` say. */
export function refusalRest(fields: Partial<ReplyHead> = {}, body = new Uint8Array(0)): Uint8Array {
  const writer = new Writer();
  const nobody = { service: '', node: '', load: undefined, params: {}, bodyKind: 'none' } as const;
  writeReplyHead(writer, { outcome: 'refused', code: 'busy', reason: 'full', ...nobody, ...fields });
  writer.raw(body);
  return writer.copy();
}

/** The rest of an alike frame [F17]. */
export function alikeRest(reply: Uint8Array, correlations: readonly number[]): Uint8Array {
  const writer = new AlikeWriter();
  writer.begin(reply);
  for (const correlation of correlations) writer.correlations.add(correlation);
  return writer.view().slice();
}

/** What one says, or why it is malformed. `first`: the correlation in its header. */
export function alikeIn(rest: Uint8Array, first: number) {
  const alike = new ReceivedAlike();
  const malformed = alike.read(received({ kind: FrameKind.alike, correlation: first }, rest), new Reader(rest));
  if (malformed !== undefined) return malformed;
  const { reply, end } = alike;
  const { values, count } = alike.correlations;
  const body = { kind: reply.bodyKind, bytes: rest.subarray(reply.bodyStart, end) };
  return { reply: reply.head(), body, correlations: [...values.subarray(0, count)] };
}
