import { decode, encode, type Packet } from 'dns-packet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askerOf, placeOf, queryOf, readAnswer, responderOf, zoneOf } from '../../../test/agent/zone-bed.ts';
import type { Clock } from '../../runtime/clock.ts';
import { answersPerSecond, instancesAnsweredMax, payloadBytesMax, plainBytesMax } from './dns-limits.ts';
import { createDnsResponder } from './dns-responder.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, i) => placeOf(`db${i}`, { direct: [`192.0.2.${(i % 250) + 1}:80`] }));

const zone = {
  services: { crm: [placeOf('db1')], wide: many(400), few: many(8) },
  nodes: { db1: ['192.0.2.11'] },
};
const ask = askerOf(zone);
const respond = responderOf(zone);

const opt = (fields: object = {}): Packet['additionals'] => [
  { type: 'OPT', name: '.', udpPayloadSize: 4_096, flags: 0, options: [], ...fields } as never,
];

/** Rewrites a query's bytes. */
function changed(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  change(new DataView(copy.buffer));
  return copy;
}

const plain = queryOf('crm.fogata', 'A');
const withOneMore = changed(plain, (view) => view.setUint16(10, 1));

describe('a query', () => {
  it('is answered under its id, with RD as it came and no recursion', () => {
    const { packet } = ask('crm.fogata', 'A', { id: 0xbeef, flags: 0x0100 });
    expect(packet).toMatchObject({ id: 0xbeef, type: 'response', opcode: 'QUERY' });
    expect(packet).toMatchObject({ flag_rd: true, flag_ra: false, flag_aa: true, flag_tc: false });
    expect(ask('crm.fogata', 'A', { flags: 0 }).packet.flag_rd).toBe(false);
    expect(ask('crm.fogata', 'A', { flags: 0x0010 }).packet.flag_cd).toBe(true);
    expect(ask('crm.fogata', 'A', { flags: 0x0020 }).packet.flag_ad).toBe(false);
  });

  it('has its question said back bit by bit (draft-vixie-dnsext-dns0x20)', () => {
    const query = queryOf('cRm.FOgATa', 'A');
    expect(Buffer.from(respond(query) ?? []).includes(query.subarray(12))).toBe(true);
  });

  it.each([
    ['an answer', changed(plain, (view) => view.setUint16(2, 0x8100))],
    ['11 bytes', plain.subarray(0, 11)],
    ['nothing', plain.subarray(0, 0)],
  ])('that is %s gets none', (_what, bytes) => {
    expect(respond(bytes)).toBeUndefined();
  });

  it.each([
    ['no question', changed(plain, (view) => view.setUint16(4, 0))],
    ['two questions', changed(plain, (view) => view.setUint16(4, 2))],
    ['65,535 questions', changed(plain, (view) => view.setUint16(4, 65_535))],
    ['a cut name', plain.subarray(0, 18)],
    ['a cut type', plain.subarray(0, plain.length - 3)],
    ['a name that points at itself', changed(plain, (view) => view.setUint16(12, 0xc00c))],
    ['a label of 64', changed(plain, (view) => view.setUint8(12, 64))],
    ['more records than bytes', changed(plain, (view) => view.setUint16(10, 65_535))],
    ['bytes behind its end', Buffer.concat([plain, Buffer.of(0)])],
    ['OPT as its type', queryOf('crm.fogata', 'OPT')],
    ['two OPT', queryOf('crm.fogata', 'A', { additionals: [...(opt() ?? []), ...(opt() ?? [])] })],
    ['OPT of a name', Buffer.concat([withOneMore, Buffer.of(1, 0x78, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0)])],
    [
      'OPT as an answer',
      encode({ type: 'query', questions: [{ name: 'crm.fogata', type: 'A' }], answers: opt() ?? [] }),
    ],
  ])('with %s is malformed', (_what, bytes) => {
    const { code, packet } = readAnswer(respond(bytes));
    expect({ code, id: packet.id }).toEqual({ code: 'FORMERR', id: Buffer.from(bytes).readUInt16BE(0) });
  });

  it('may have a name of 255 bytes, and of no more', () => {
    const labels = (last: number) => [...Array.from({ length: 3 }, () => 'x'.repeat(63)), 'y'.repeat(last)].join('.');
    expect(ask(labels(61), 'A').code).toBe('REFUSED');
    expect(readAnswer(respond(queryOf(labels(62), 'A'))).code).toBe('FORMERR');
  });

  it.each([1, 2, 4, 5, 15])('of opcode %i is not implemented', (opcode) => {
    const { code, packet } = readAnswer(respond(changed(plain, (view) => view.setUint16(2, opcode << 11))));
    expect(code).toBe('NOTIMP');
    expect((packet.flags ?? 0) & 0x7800).toBe(opcode << 11);
  });

  it.each(['CH', 'HS', 'ANY'])('of class %s is refused', (wanted) => {
    expect(ask('crm.fogata', 'A', { class: wanted }).code).toBe('REFUSED');
  });

  it('whatever else is in it is passed over', () => {
    const bytes = encode({
      type: 'query',
      id: 7,
      questions: [{ name: 'crm.fogata', type: 'A' }],
      authorities: [{ type: 'A', name: 'x.crm.fogata', ttl: 1, data: '192.0.2.1' }],
      additionals: opt({ options: [{ code: 10, data: Buffer.alloc(8) }] }) ?? [],
    });
    expect(readAnswer(respond(bytes))).toMatchObject({ code: 'NOERROR', answers: ['crm.fogata 0 A 127.0.0.1'] });
  });

  it('of random bytes gets an answer that can be read, or none', () => {
    const header = fc.tuple(fc.constantFrom(0, 0x0100, 0x8000, 0x2800), fc.constantFrom(0, 1, 2), fc.nat(3), fc.nat(3));
    const near = fc.tuple(header, fc.uint8Array({ maxLength: 64 })).map(([[flags, questions, a, b], rest]) => {
      const bytes = new Uint8Array(12 + rest.length);
      const view = new DataView(bytes.buffer);
      [7, flags, questions, a, 0, b].forEach((value, i) => view.setUint16(2 * i, value));
      bytes.set(rest, 12);
      return bytes;
    });
    const bent = fc.tuple(fc.nat(200), fc.nat(255), fc.constantFrom('A', 'SRV', 'TXT')).map(([at, value, type]) => {
      const query = queryOf('_crm._tcp.fogata', type, { additionals: opt() });
      return changed(query, (view) => view.setUint8(at % query.length, value));
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 1_300 }), near, bent), fc.boolean(), (bytes, isStream) => {
        const answer = respond(bytes, isStream ? 'tcp' : 'udp');
        if (answer === undefined) return;
        expect(answer.length).toBeLessThanOrEqual(isStream ? 65_535 : payloadBytesMax);
        const packet = decode(Buffer.from(answer));
        expect(packet.type).toBe('response');
        expect(packet.id).toBe(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('EDNS', () => {
  const edns = ({ packet }: ReturnType<typeof ask>) => packet.additionals?.find(({ type }) => type === 'OPT');

  it('is answered where it was asked with, and only there', () => {
    expect(edns(ask('crm.fogata', 'A'))).toBeUndefined();
    const options = [{ code: 10, data: Buffer.alloc(8) }];
    const found = edns(ask('crm.fogata', 'A', { additionals: opt({ options }) }));
    expect(found).toMatchObject({ udpPayloadSize: payloadBytesMax, ednsVersion: 0, extendedRcode: 0, flags: 0 });
    expect(found).toMatchObject({ options: [] });
  });

  it('comes with refusals and with "no such name"', () => {
    expect(edns(ask('example.org', 'A', { additionals: opt() }))).toBeDefined();
    expect(edns(ask('nobody.fogata', 'A', { additionals: opt() }))).toBeDefined();
  });

  it('says back that DNSSEC is understood (RFC 3225)', () => {
    expect(edns(ask('crm.fogata', 'A', { additionals: opt({ flags: 0x8001 }) }))).toMatchObject({ flags: 0x8000 });
  });

  it('of another version is BADVERS, with the version spoken', () => {
    const found = ask('crm.fogata', 'A', { additionals: opt({ ednsVersion: 1 }) });
    expect(found.answers).toEqual([]);
    expect((found.packet.flags ?? 0) & 15).toBe(0);
    expect(edns(found)).toMatchObject({ extendedRcode: 1, ednsVersion: 0 });
  });
});

describe('an answer that is too long', () => {
  const size = (udpPayloadSize: number) => ({ additionals: opt({ udpPayloadSize }) });

  it.each([
    ['without EDNS', {}, plainBytesMax],
    ['with a small EDNS size', size(100), plainBytesMax],
    ['with the size asked for', size(700), 700],
    ['with a large EDNS size', size(65_535), payloadBytesMax],
  ])('is cut between records, best first, and marked: %s', (_how, asked, bytesMax) => {
    const { packet, bytes, answers, additionals } = ask('wide.fogata', 'SRV', asked);
    expect(packet.flag_tc).toBe(true);
    expect(bytes.length).toBeLessThanOrEqual(bytesMax);
    expect(bytes.length).toBeGreaterThan(bytesMax - 100);
    expect(additionals).toEqual([]);
    expect(answers.map((line) => /db(\d+)\.node/.exec(line)?.[1])).toEqual(answers.map((_, i) => String(i)));
  });

  it('comes whole by TCP, so many of the best at most', () => {
    const { packet, answers, additionals } = ask('wide.fogata', 'SRV', {}, 'tcp');
    expect(packet.flag_tc).toBe(false);
    expect(answers).toHaveLength(instancesAnsweredMax);
    expect(additionals).toHaveLength(instancesAnsweredMax);
    expect(ask('wide.fogata', 'TXT', {}, 'tcp').answers).toHaveLength(instancesAnsweredMax);
  });

  it('has fewer addresses along, and is not marked for that', () => {
    const { packet, answers, additionals } = ask('few.fogata', 'SRV');
    expect(packet.flag_tc).toBe(false);
    expect(answers).toHaveLength(8);
    expect(additionals.length).toBeLessThan(8);
  });
});

describe('many queries', () => {
  it('so many answers a second, and no more', () => {
    let now = 0;
    const responder = createDnsResponder(zoneOf(zone), { now: () => now } as Clock);
    for (let i = 0; i < answersPerSecond; i += 1) expect(responder.toDatagram(plain)).toBeDefined();
    expect(responder.toDatagram(plain)).toBeUndefined();
    now = 1;
    expect(responder.toDatagram(plain)).toBeDefined();
  });
});
