import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { createMdnsBrowser } from './mdns-browser.ts';
import type { MdnsMessage, MdnsRecord } from './mdns-packet.ts';
import { mdnsService } from './mdns-records.ts';

const from = { link: { interface: 'eth0', family: 'ipv4' }, port: 5353, isHere: false } as const;

function bed() {
  const clock = manualClock();
  let looks = 0;
  const browser = createMdnsBrowser({
    clock,
    random: { next: () => 0.5, bytes: (count) => new Uint8Array(count) },
    tag: '0123456789abcdef',
    isSeeking: () => true,
    ownInstance: () => `own.${mdnsService}`,
    ownPointer: () => undefined,
    isReached() {
      looks += 1;
      return true;
    },
    send() {},
    onAddress() {},
  });
  const say = (answers: readonly MdnsRecord[]) => {
    const none = { questions: [], authorities: [], additionals: [] };
    const message: MdnsMessage = { id: 0, isResponse: true, isTruncated: false, ...none, answers };
    browser.hear(message, from);
  };
  return {
    clock,
    browser,
    say,
    looks() {
      const made = looks;
      looks = 0;
      return made;
    },
  };
}

function instanceAt(label: string, target: string): readonly MdnsRecord[] {
  const name = `${label}.${mdnsService}`;
  return [
    { name: mdnsService, type: 'PTR', target: name, ttlS: 4_500, flush: false },
    { name, type: 'SRV', target, port: 7_472, ttlS: 120, flush: true },
  ];
}

function addressOf(target: string, address: string): MdnsRecord {
  return { name: target, type: 'A', address, ttlS: 120, flush: true };
}

describe('what anybody on the link says by mDNS', () => {
  it('gives addresses to the first 32 instances of one host name', () => {
    const { browser, say, looks } = bed();
    for (let i = 0; i < 33; i++) say(instanceAt(`x${i}`, 'x.local'));
    say([addressOf('x.local', '10.1.0.1')]);
    expect(looks()).toBe(32);
    const placed = browser.found().filter(({ addresses }) => addresses.length > 0);
    expect(placed).toHaveLength(32);
  });

  it('has 512 instances looked through in a second, and the others by the next tick', () => {
    const { clock, browser, say, looks } = bed();
    const targets = Array.from({ length: 17 }, (_, i) => `x${i}.local`);
    for (const target of targets) {
      for (let i = 0; i < 32; i++) say(instanceAt(`${i}-${target}`, target));
      say([addressOf(target, '10.1.0.1')]);
    }
    clock.advance(1_000);
    looks();
    say(targets.map((target) => addressOf(target, '10.1.0.1')));
    expect(looks()).toBe(512);
    browser.tick();
    expect(looks()).toBe(544);
  });
});
