import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replyHead } from '../../test/interop/protocol-arbitraries.ts';
import type { MessageId } from './ids.ts';
import { bodyBytesMax, headBytesMax, paramsMax } from './limits.ts';
import { decodeMessageHead, type MessageHead, peekMessageTarget, writeMessageHead } from './message-head.ts';
import { NameCache } from './name-cache.ts';
import { Reader } from './reader.ts';
import { decodeReplyHead, ReceivedReply, type ReplyHead, writeReplyHead } from './reply-head.ts';
import { Writer } from './writer.ts';

const head: MessageHead = {
  id: '000102030405060708090a0b0c0d0e0f' as MessageId,
  bodyKind: 'bytes',
  attempt: 0,
  service: 'crm',
  node: 'db1',
  command: 'get',
  fromService: 'erp',
  fromNode: 'web1',
  params: {},
};

const reply: ReplyHead = {
  outcome: 'answered',
  code: undefined,
  bodyKind: 'none',
  load: undefined,
  service: 'crm',
  node: 'db1',
  reason: '',
  params: {},
};

function written(change: Partial<MessageHead> = {}, bodyBytes = 0): Uint8Array {
  const writer = new Writer(16, 2_000_000);
  writeMessageHead(writer, { ...head, ...change });
  writer.room(bodyBytes);
  return writer.copy();
}

const decoded = (bytes: Uint8Array) => decodeMessageHead(bytes, 0, bytes.length);
const params = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, value]));

describe('a message head', () => {
  it('says where the body begins, at any offset', () => {
    const bytes = written({}, 7);
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 10);
    const result = decodeMessageHead(larger, 10, 10 + bytes.length);
    expect(result).toMatchObject({ ok: true, head: { service: 'crm', node: 'db1' }, bodyStart: 10 + bytes.length - 7 });
  });

  it('gives its target without the rest', () => {
    for (const node of ['', '*', 'db1']) {
      const bytes = written({ node });
      expect(peekMessageTarget(bytes, 0, bytes.length)).toEqual({ service: 'crm', node });
    }
    const bytes = written();
    expect(peekMessageTarget(bytes, 0, 26)).toEqual({ service: 'crm', node: 'db1' });
    expect(peekMessageTarget(bytes, 0, 25)).toBeUndefined();
    expect(peekMessageTarget(bytes, 0, 3)).toBeUndefined();
  });

  it('parameters named like what every object has are only parameters', () => {
    const hostile = Object.assign(Object.create(null) as Record<string, string>, {
      ['__proto__']: 'x',
      constructor: 'y',
    });
    hostile['__proto__'] = 'x';
    const result = decoded(written({ params: hostile }));
    if (!result.ok) throw new Error(result.reason);
    expect(Object.entries(result.head.params)).toEqual(Object.entries(hostile));
    expect(result.head.params['toString']).toBeUndefined();
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  it('without parameters shares one record that nobody can change', () => {
    const result = decoded(written());
    expect(result.ok && Object.isFrozen(result.head.params)).toBe(true);
  });

  it('[N8] a parameter that stands twice is malformed', () => {
    const bytes = written({ params: { aa: '1', ab: '2' } });
    bytes[bytes.lastIndexOf(0x62)] = 0x61;
    expect(decoded(bytes)).toEqual({ ok: false, reason: 'twice' });
  });

  it('no body is no bytes', () => {
    expect(decoded(written({ bodyKind: 'none' }))).toMatchObject({ ok: true });
    expect(decoded(written({ bodyKind: 'none' }, 1))).toEqual({ ok: false, reason: 'long' });
  });

  it('holds at its bounds', () => {
    const tooLarge: unknown = expect.objectContaining({ code: 'too-large' });
    expect(decoded(written({}, bodyBytesMax))).toMatchObject({ ok: true });
    expect(decoded(written({}, bodyBytesMax + 1))).toEqual({ ok: false, reason: 'long' });
    const most = written({ params: params(paramsMax, '') });
    expect(decoded(most)).toMatchObject({ ok: true });
    expect(() => written({ params: params(paramsMax + 1, '') })).toThrow(tooLarge);
    const countAt = written().length - 1;
    expect(decoded(most.with(countAt, paramsMax + 1))).toEqual({ ok: false, reason: 'count' });
    const half = headBytesMax / 2;
    const overhead = written({ params: { p0: '', p1: '' } }).length;
    const filled = (more: number) => ({ p0: 'v'.repeat(half), p1: 'v'.repeat(half - overhead + more) });
    expect(decoded(written({ params: filled(0) }, 100))).toMatchObject({ ok: true, bodyStart: headBytesMax });
    expect(() => written({ params: filled(1) })).toThrow(tooLarge);
  });

  it.each([
    ['service', { service: 'CRM' }],
    ['service', { service: '' }],
    ['node', { node: '**' }],
    ['command', { command: 'a b' }],
    ['sender', { fromService: '-' }],
  ])('is not written with a bad %s', (_what, change) => {
    expect(() => written(change)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe('a reply head', () => {
  const replied = (change: Partial<ReplyHead>) => {
    const writer = new Writer();
    writeReplyHead(writer, { ...reply, ...change });
    return writer.copy();
  };

  it('a code of a later revision is still an error', () => {
    const bytes = replied({ code: 'busy' }).with(1, 99);
    expect(decodeReplyHead(bytes, 0, bytes.length)).toMatchObject({ ok: true, head: { code: 'failed' } });
  });

  it('a long reason is cut', () => {
    const bytes = replied({ reason: 'ä'.repeat(2_000) });
    const result = decodeReplyHead(bytes, 0, bytes.length);
    expect(result.ok && result.head.reason).toBe('ä'.repeat(512));
  });

  it('says the same again of names that were read before, whatever comes with them', () => {
    const reader = new Reader(new Uint8Array(0), 0, 0, new NameCache());
    const received = new ReceivedReply();
    const few = fc.array(replyHead, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(few, fc.array(fc.tuple(fc.nat(2), fc.nat(40)), { maxLength: 12 }), (heads, each) => {
        for (const [at, cut] of each) {
          const bytes = replied(heads[at % heads.length] as ReplyHead);
          const end = Math.max(0, bytes.length - (cut < 30 ? 0 : cut - 30));
          const decoded = decodeReplyHead(bytes, 0, end);
          reader.reset(bytes, 0, end);
          expect(received.read(reader)).toBe(decoded.ok ? undefined : decoded.reason);
          if (decoded.ok) expect([received.head(), received.bodyStart]).toEqual([decoded.head, decoded.bodyStart]);
        }
      }),
    );
  });

  it.each([
    [0, 0],
    [0, 7],
    [2, 4],
    [3, 251],
  ])('byte %i of %i is malformed', (at, byte) => {
    const bytes = replied({}).with(at, byte);
    expect(decodeReplyHead(bytes, 0, bytes.length)).toEqual({ ok: false, reason: 'range' });
  });
});
