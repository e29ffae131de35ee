import { decode, encode, type Packet } from 'dns-packet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMdns, stepsMax } from './decode-mdns.ts';
import { encodeMdns } from './encode-mdns.ts';
import { type MdnsMessage, type MdnsRecord, mdnsBytesMax } from './mdns-packet.ts';

const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

const data = fc.oneof(
  fc.record({ type: fc.constant('PTR' as const), target: name }),
  fc.record({ type: fc.constant('SRV' as const), target: name, port: fc.integer({ min: 0, max: 65_535 }) }),
  fc.record({ type: fc.constant('TXT' as const), texts: fc.array(label, { minLength: 1, maxLength: 4 }) }),
  fc.record({ type: fc.constant('A' as const), address: fc.ipV4() }),
  fc.constant({ type: 'AAAA' as const, address: 'fe80::1' }),
);
const record: fc.Arbitrary<MdnsRecord> = fc
  .tuple(data, name, fc.integer({ min: 0, max: 100_000 }), fc.boolean())
  .map(([said, of, ttlS, flush]) => ({ ...said, name: of, ttlS, flush }));
const records = fc.array(record, { maxLength: 5 });

const message: fc.Arbitrary<MdnsMessage> = fc.record({
  id: fc.integer({ min: 0, max: 65_535 }),
  isResponse: fc.boolean(),
  isTruncated: fc.constant(false),
  questions: fc.array(fc.record({ name, type: fc.constantFrom('PTR', 'SRV', 'ANY'), unicast: fc.constant(false) }), {
    maxLength: 3,
  }),
  answers: records,
  authorities: records,
  additionals: records,
});

describe('mDNS messages', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(message, (said) => {
        const bytes = encodeMdns(said);
        fc.pre(bytes.length <= mdnsBytesMax);
        expect(decodeMdns(bytes)).toEqual(said);
      }),
    );
  });

  it('[N5] are read or refused, whatever the bytes, and never thrown at', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeMdns(bytes)));
    fc.assert(
      fc.property(message, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), (said, changes) => {
        const bytes = encodeMdns(said);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodeMdns(bytes);
      }),
    );
  });

  it('are refused when they are longer than any that is looked at', () => {
    const questions = [{ name: 'x', type: 'PTR', unicast: false }];
    const bytes = encodeMdns({ questions });
    const padded = (length: number) => Uint8Array.from({ length }, (_, i) => bytes[i] ?? 0);
    expect(decodeMdns(padded(mdnsBytesMax))).toMatchObject({ questions });
    expect(decodeMdns(padded(mdnsBytesMax + 1))).toBeUndefined();
  });

  it('tell who asks for an answer alone, in whatever letters', () => {
    const bytes = encodeMdns({ questions: [{ name: 'x', type: 'PTR', unicast: false }] });
    bytes[13] = 'X'.charCodeAt(0);
    bytes[bytes.length - 2] = 0x80;
    expect(decodeMdns(bytes)?.questions).toEqual([{ name: 'x', type: 'PTR', unicast: true }]);
  });

  it('are as others write and read them', () => {
    fc.assert(
      fc.property(message, (said) => {
        const bytes = encodeMdns(said);
        fc.pre(bytes.length <= mdnsBytesMax);
        const read = decode(Buffer.from(bytes));
        const { answers = [], authorities = [], additionals = [] } = read;
        expect(answers.length + authorities.length + additionals.length).toBe(
          said.answers.length + said.authorities.length + said.additionals.length,
        );
        expect(decodeMdns(encode(read as Packet))).toEqual(said);
      }),
    );
  });

  it('are read with names that point at names before them', () => {
    const bytes = bytesOf(
      '0000 8400 0000 0002 0000 0000 | 0141 01 62 00 | 000c 0001 00000078 0004 0163 c00e | c01d 0010 8001 0000000a 0002 01ff',
    );
    expect(decodeMdns(bytes)?.answers).toEqual([
      { type: 'PTR', name: 'a.b', target: 'c.b', ttlS: 120, flush: false },
      { type: 'TXT', name: 'b', texts: ['\ufffd'], ttlS: 10, flush: true },
    ]);
  });

  it('[N5] are refused where a name points at itself or ahead, or is longer than one may be or than its record', () => {
    const answered = (rest: string) => decodeMdns(bytesOf(`0000 8400 0000 0001 0000 0000 ${rest}`));
    const label = `3f${'61'.repeat(63)}`;
    const named = (last: number) =>
      `${label.repeat(3)} ${last.toString(16)}${'61'.repeat(last)} 00 0010 0001 00000000 0000`;
    expect(answered('0161 00 000c 0001 00000000 0002 c00c')?.answers).toMatchObject([{ target: 'a' }]);
    expect(answered('0161 00 000c 0001 00000000 0002 c019')).toBeUndefined();
    expect(answered('0161 00 000c 0001 00000000 0002 c01a')).toBeUndefined();
    expect(answered('0161 00 000c 0001 00000000 0001 c00c')).toBeUndefined();
    expect(answered(named(61))?.answers).toHaveLength(1);
    expect(answered(named(62))).toBeUndefined();
    expect(answered(`40${'61'.repeat(64)} 00 0010 0001 00000000 0000`)).toBeUndefined();
  });

  it('[N5] are refused where names that point at a long one make much of little', () => {
    // A name of 127 labels, 15 names that point at it, and one of `labels` labels.
    const asked = (labels: number) => {
      const of = (count: number) => '01c3'.repeat(count);
      const pointers = 'c00c 000c 0001'.repeat(15);
      return decodeMdns(
        bytesOf(`0000 0000 0011 0000 0000 0000 ${of(127)} 00 000c 0001 ${pointers} ${of(labels)} 00 000c 0001`),
      );
    };
    const labelsLeft = stepsMax - 127 - 15 * 128;
    expect(asked(labelsLeft)?.questions).toHaveLength(17);
    expect(asked(labelsLeft + 1)).toBeUndefined();
  });

  it('are read without the records that are not looked at, whatever is in those', () => {
    const nsec = '00 002f 0001 00000000 0003 ffffff';
    const ofChaos = '00 0001 0003 00000000 0001 ff';
    const bytes = bytesOf(`0000 8400 0000 0003 0000 0000 ${nsec} ${ofChaos} 0161 00 0001 0001 00000000 0004 7f000001`);
    expect(decodeMdns(bytes)?.answers).toEqual([{ type: 'A', name: 'a', address: '127.0.0.1', ttlS: 0, flush: false }]);
  });

  it('say back the type that was asked for, whichever it is', () => {
    const bytes = bytesOf('0000 0000 0001 0000 0000 0000 00 002f 0001');
    const asked = decodeMdns(bytes);
    expect(asked?.questions).toEqual([{ name: '', type: 'TYPE47', unicast: false }]);
    expect(encodeMdns({ questions: asked?.questions ?? [] })).toEqual(bytes);
  });
});

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/[^0-9a-f]/g, ''), 'hex'));
}
