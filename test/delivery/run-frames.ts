import { FrameKind, writeU32 } from '../../src/protocol/frame.ts';
import { noNode } from '../../src/protocol/ids.ts';
import { type MessageHead, writeMessageHead } from '../../src/protocol/message-head.ts';
import { ReceivedRun, runMessageBytesMax, writeRunMessage } from '../../src/protocol/message-run.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { ReceivedFrame } from '../../src/protocol/received-frame.ts';
import { Writer } from '../../src/protocol/writer.ts';

export interface RunMessage {
  readonly id: MessageHead['id'];
  readonly correlation: number;
  readonly body: Uint8Array;
}

/** The rest of a run [F19]. `head`: of all, but for the id. */
export function runRest(head: Omit<MessageHead, 'id'>, messages: readonly RunMessage[]): Uint8Array {
  const writer = new Writer();
  let last: number | undefined;
  for (const { id, correlation, body } of messages) {
    if (last === undefined) {
      writeMessageHead(writer, { ...head, id });
      const at = writer.room(4);
      writeU32(writer.bytes, at, body.length);
    } else {
      const own = new Writer();
      own.messageId(id);
      const at = writer.room(runMessageBytesMax);
      writer.length = writeRunMessage(writer.bytes, at, { correlation, last }, own.view(), body.length);
    }
    writer.raw(body);
    last = correlation;
  }
  return writer.copy();
}

/** Its messages, each as a frame of its own, as far as it is not malformed. */
export function messagesIn(frame: ReceivedFrame): ReceivedFrame[] {
  const run = new ReceivedRun();
  const reader = new Reader(frame.bytes);
  const found: ReceivedFrame[] = [];
  run.begin(frame, 0);
  while (run.next(reader, 0)) {
    const { kind, flags, hops, to, from, correlation, deadlineMs, bytes, start, end } = run.whole();
    found.push({
      kind,
      flags,
      hops,
      to,
      from,
      correlation,
      deadlineMs,
      bytes: bytes.slice(start, end),
      start: 0,
      end: end - start,
    });
  }
  return found;
}

/** Why it is malformed. */
export function faultOf(rest: Uint8Array, correlation = 1): string | undefined {
  const run = new ReceivedRun();
  const header = { kind: FrameKind.run, flags: 0, hops: 8, to: noNode, from: noNode, correlation, deadlineMs: 1_000 };
  run.begin({ ...header, bytes: rest, start: 0, end: rest.length }, 0);
  const reader = new Reader(rest);
  while (run.next(reader, 0));
  return run.fault;
}
