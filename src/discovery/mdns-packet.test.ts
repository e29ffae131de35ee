import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMdns, encodeMdns, type MdnsMessage, type MdnsRecord, mdnsBytesMax } from './mdns-packet.ts';

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
});
