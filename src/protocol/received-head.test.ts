import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageHead, messageId } from '../../test/interop/protocol-arbitraries.ts';
import { ByteCopies } from './byte-copies.ts';
import { noNode } from './ids.ts';
import { decodeMessageHead, type MessageHead, setMessageAttempt, writeMessageHead } from './message-head.ts';
import { NameCache } from './name-cache.ts';
import { Reader } from './reader.ts';
import { ReceivedHead } from './received-head.ts';
import { Writer } from './writer.ts';

const reader = new Reader(new Uint8Array(0), 0, 0, new NameCache());

function headIn(bytes: Uint8Array, start: number, end: number): ReceivedHead {
  const header = { kind: 6, flags: 0, hops: 0, to: noNode, from: noNode, correlation: 1, deadlineMs: 1 };
  return new ReceivedHead({ ...header, bytes, start, end });
}

function fieldsOf({ id, bodyKind, attempt, service, node, command, fromService, fromNode, params }: ReceivedHead) {
  return { id, bodyKind, attempt, service, node, command, fromService, fromNode, params };
}

describe('a received head', () => {
  it('says what decodeMessageHead says, also once its frame is gone', () => {
    const copies = new ByteCopies();
    fc.assert(
      fc.property(messageHead, fc.uint8Array({ maxLength: 3_000 }), (head, body) => {
        const writer = new Writer();
        writeMessageHead(writer, head);
        if (head.bodyKind !== 'none') writer.raw(body);
        const frame = Uint8Array.of(9, ...writer.view(), 9);
        const end = 1 + writer.length;
        const decoded = decodeMessageHead(frame, 1, end);
        const received = headIn(frame, 1, end);
        expect(received.read(reader)).toBe(undefined);
        expect(decoded).toMatchObject({ ok: true, bodyStart: received.bodyStart });
        const expected = frame.slice(received.bodyStart, end);
        const kept = received.keep(copies);
        frame.fill(0);
        expect(kept).toEqual(expected);
        if (decoded.ok) expect(fieldsOf(received)).toEqual(decoded.head);
      }),
    );
  });

  it('says the same again of names that were read before, whatever comes with them', () => {
    const copies = new ByteCopies();
    const names = new NameCache();
    const mine = new Reader(new Uint8Array(0), 0, 0, names);
    const few = fc.array(messageHead, { minLength: 1, maxLength: 3 });
    const reads = fc.array(fc.record({ at: fc.nat(2), id: messageId, cut: fc.nat(40) }), { maxLength: 12 });
    fc.assert(
      fc.property(few, reads, (heads, each) => {
        for (const { at, id, cut } of each) {
          const writer = new Writer();
          writeMessageHead(writer, { ...(heads[at % heads.length] as MessageHead), id, bodyKind: 'bytes' });
          writer.raw(Uint8Array.of(1, 2, 3));
          const bytes = writer.copy().subarray(0, cut < 3 ? writer.length : writer.length - cut);
          const decoded = decodeMessageHead(bytes, 0, bytes.length);
          const received = headIn(bytes, 0, bytes.length);
          expect(received.read(mine)).toBe(decoded.ok ? undefined : decoded.reason);
          if (!decoded.ok) continue;
          const body = bytes.slice(decoded.bodyStart);
          expect(received.keepBody({ bytes, start: 0, end: bytes.length }, copies, names)).toEqual(body);
          bytes.fill(0);
          expect(fieldsOf(received)).toEqual(decoded.head);
        }
      }),
    );
  });

  it('is malformed where decodeMessageHead says so', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const decoded = decodeMessageHead(bytes, 0, bytes.length);
        expect(headIn(bytes, 0, bytes.length).read(reader)).toBe(decoded.ok ? undefined : decoded.reason);
      }),
    );
  });

  it('the attempt is changed in place', () => {
    fc.assert(
      fc.property(messageHead, fc.nat(255), (head, attempt) => {
        const writer = new Writer();
        writeMessageHead(writer, { ...head, bodyKind: 'none' });
        const bytes = writer.copy();
        setMessageAttempt(bytes, 0, attempt);
        expect(decodeMessageHead(bytes, 0, bytes.length)).toMatchObject({
          ok: true,
          head: { ...head, bodyKind: 'none', attempt },
        });
      }),
    );
  });
});
