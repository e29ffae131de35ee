import { describe, expect, it } from 'vitest';
import { readNodeId } from '../protocol/ids.ts';
import { encodeMdns } from './encode-mdns.ts';
import { createMdnsIntake } from './mdns-intake.ts';
import type { MdnsRecord } from './mdns-packet.ts';
import { mdnsService } from './mdns-records.ts';

const node = readNodeId(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 0xab), 0);

function pointer(target: string): MdnsRecord {
  return { name: mdnsService, type: 'PTR', target, ttlS: 4_500, flush: false };
}

function announcement(i: number): Uint8Array {
  return encodeMdns({ isResponse: true, answers: [pointer(`n${i}.${mdnsService}`)] });
}

describe('what comes in by mDNS', () => {
  it('is decoded once for all its copies, and no other is taken for one', () => {
    const intake = createMdnsIntake(node);
    const first = intake.take(announcement(1), 0);
    const other = intake.take(announcement(2), 0);
    expect(intake.take(announcement(1), 0)).toBe(first);
    expect(intake.take(announcement(2), 0)).toBe(other);
    expect([first?.answers, other?.answers]).toEqual([[pointer(`n1.${mdnsService}`)], [pointer(`n2.${mdnsService}`)]]);
  });

  it('is kept when the bytes it was read from are used again', () => {
    const intake = createMdnsIntake(node);
    const bytes = announcement(1);
    const first = intake.take(bytes, 0);
    bytes.set(announcement(2));
    expect(intake.take(bytes, 0)).not.toBe(first);
    expect(intake.take(announcement(1), 0)).toBe(first);
  });

  it('is remembered of the last 32, and no more', () => {
    const intake = createMdnsIntake(node);
    const messages = Array.from({ length: 33 }, (_, i) => intake.take(announcement(i), 0));
    expect(intake.take(announcement(1), 0)).toBe(messages[1]);
    expect(intake.take(announcement(0), 0)).not.toBe(messages[0]);
  });

  it('is of no concern when it names neither these services nor all, or probes for the name of another', () => {
    const intake = createMdnsIntake(node);
    const printer = pointer('x._ipp._tcp.local');
    expect(intake.take(encodeMdns({ answers: [{ ...printer, name: '_ipp._tcp.local' }] }), 0)).toBeUndefined();
    const probe = (label: string) => encodeMdns({ authorities: [pointer(`${label}.${mdnsService}`)] });
    expect(intake.take(probe('0123456789abcdef'), 0)).toBeUndefined();
    expect(intake.take(probe(node), 0)).toBeDefined();
    expect(intake.take(probe(node.toUpperCase()), 0)).toBeDefined();
    expect(intake.take(encodeMdns({ answers: [pointer('X._FOGATA._udp.local')] }), 0)).toBeDefined();
  });

  it('is looked at up to 200 times a second, copies too', () => {
    const intake = createMdnsIntake(node);
    const taken = Array.from({ length: 201 }, () => intake.take(announcement(1), 0) !== undefined);
    expect(taken.filter((one) => one)).toHaveLength(200);
    expect(intake.take(announcement(1), 1_000)).toBeDefined();
  });

  it('is nothing when it is longer than a frame holds, or no message', () => {
    const intake = createMdnsIntake(node);
    const padded = (length: number) => {
      const bytes = new Uint8Array(length);
      bytes.set(announcement(1));
      return bytes;
    };
    expect(intake.take(padded(2_048), 0)).toBeDefined();
    expect(intake.take(padded(2_049), 0)).toBeUndefined();
    const cut = announcement(1).subarray(0, -3);
    expect([intake.take(cut, 0), intake.take(cut, 0)]).toEqual([undefined, undefined]);
  });
});
