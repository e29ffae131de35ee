import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askerOf, type PlaceFields, placeOf, queryOf, readAnswer } from '../../../test/agent/zone-bed.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createDnsResponder } from './dns-responder.ts';

const start = 'fogata 0 SOA fogata nobody.invalid minimum 0';

const office = askerOf({
  services: {
    crm: [placeOf('db1'), placeOf('db2')],
    web: [placeOf('w1', { direct: ['192.0.2.1:8080', '[2001:db8::1]:8080'], labels: { version: '2' }, load: 0.254 })],
    postgres: [placeOf('db1', { http: false })],
    erp: [placeOf('db1', { state: 'down' })],
    'a.b': [placeOf('db1')],
    'a..c': [placeOf('db1')],
  },
  nodes: { db1: ['192.0.2.11', '2001:db8::11'], db2: ['192.0.2.12'], w1: ['192.0.2.1'], 'x.y': ['192.0.2.13'] },
});

describe('the zone', () => {
  it('has a start and a server', () => {
    expect(office('fogata', 'SOA').answers).toEqual([start]);
    expect(office('fogata', 'NS').answers).toEqual(['fogata 0 NS fogata']);
    expect(office('fogata', 'A')).toMatchObject({ code: 'NOERROR', answers: [], authorities: [start] });
  });

  it.each(['example.org', 'fogata.example', 'xfogata', 'crm.localhost', '1.0.0.127.in-addr.arpa', '.'])(
    'is the only one: %s is refused',
    (name) => {
      const { code, packet, authorities } = office(name, 'A');
      expect({ code, authorities, aa: packet.flag_aa }).toEqual({ code: 'REFUSED', authorities: [], aa: false });
    },
  );

  it.each(['AXFR', 'IXFR'])('is not handed out: %s', (type) => {
    expect(office('fogata', type).code).toBe('REFUSED');
  });

  it.each([
    ['nobody.fogata', 'A', 'NXDOMAIN'],
    ['x.crm.fogata', 'A', 'NXDOMAIN'],
    ['_udp.fogata', 'SRV', 'NXDOMAIN'],
    ['_nobody._tcp.fogata', 'SRV', 'NXDOMAIN'],
    ['_crm._udp.fogata', 'SRV', 'NXDOMAIN'],
    ['_https._tcp.crm.fogata', 'SRV', 'NXDOMAIN'],
    ['_http._tcp.postgres.fogata', 'SRV', 'NXDOMAIN'],
    ['nobody.node.fogata', 'A', 'NXDOMAIN'],
    ['crm.w1.node.fogata', 'A', 'NXDOMAIN'],
    ['a\\.b.fogata', 'A', 'NXDOMAIN'],
    ['__proto__.fogata', 'A', 'NXDOMAIN'],
    ['crm.fogata', 'MX', 'NOERROR'],
    ['crm.fogata', 'HTTPS', 'NOERROR'],
    ['crm.fogata', 'AAAA', 'NOERROR'],
    ['_crm._tcp.fogata', 'A', 'NOERROR'],
    ['_tcp.fogata', 'SRV', 'NOERROR'],
    ['_tcp.crm.fogata', 'SRV', 'NOERROR'],
    ['node.fogata', 'A', 'NOERROR'],
    ['y.node.fogata', 'A', 'NOERROR'],
    ['b.db1.node.fogata', 'A', 'NOERROR'],
    ['b.fogata', 'A', 'NOERROR'],
    ['erp.fogata', 'A', 'NOERROR'],
    ['erp.fogata', 'SRV', 'NOERROR'],
    ['erp.fogata', 'TXT', 'NOERROR'],
    ['postgres.fogata', 'A', 'NOERROR'],
    ['postgres.fogata', 'SRV', 'NOERROR'],
  ])('%s %s is %s, with nothing but the start', (name, type, code) => {
    const { packet, ...answer } = office(name, type);
    expect(answer).toMatchObject({ code, answers: [], authorities: [start], additionals: [] });
    expect(packet.flag_aa).toBe(true);
  });

  it.each(['crm.fogata', 'db1.node.fogata', 'fogata', '_tcp.fogata'])('ANY of %s is minimal (RFC 8482)', (name) => {
    expect(office(name, 'ANY').answers).toEqual([`${name} 0 HINFO RFC8482/`]);
  });

  it('ANY of no name is no name', () => {
    expect(office('nobody.fogata', 'ANY').code).toBe('NXDOMAIN');
  });
});

describe('an agent that is only starting', () => {
  it('cannot say (RFC 1035, 4.1.1), and says no more of other zones than later', () => {
    const clock = { now: () => 0 } as Clock;
    const responder = createDnsResponder({ names: undefined, agentHttp: [], random: () => 0 }, clock);
    expect(readAnswer(responder.toDatagram(queryOf('crm.fogata', 'A'))).code).toBe('SERVFAIL');
    expect(readAnswer(responder.toDatagram(queryOf('example.org', 'A'))).code).toBe('REFUSED');
  });
});

describe('names', () => {
  it.each([
    ['crm.fogata', 'A', ['crm.fogata 0 A 127.0.0.1']],
    ['CrM.FoGaTa', 'A', ['CrM.FoGaTa 0 A 127.0.0.1']],
    ['web.fogata', 'A', ['web.fogata 0 A 192.0.2.1']],
    ['web.fogata', 'AAAA', ['web.fogata 0 AAAA 2001:db8::1']],
    ['web.fogata', 'TXT', ['web.fogata 0 TXT node=w1 state=up weight=100 load=0.25 version=2']],
    ['postgres.fogata', 'TXT', ['postgres.fogata 0 TXT node=db1 state=up weight=100']],
    ['a.b.fogata', 'A', ['a.b.fogata 0 A 127.0.0.1']],
    ['db1.node.fogata', 'A', ['db1.node.fogata 0 A 192.0.2.11']],
    ['db1.node.fogata', 'AAAA', ['db1.node.fogata 0 AAAA 2001:db8::11']],
    ['x.y.node.fogata', 'A', ['x.y.node.fogata 0 A 192.0.2.13']],
    ['web.w1.node.fogata', 'A', ['web.w1.node.fogata 0 A 192.0.2.1']],
    ['a.b.db1.node.fogata', 'A', ['a.b.db1.node.fogata 0 A 127.0.0.1']],
    ['web.fogata', 'SRV', ['web.fogata 0 SRV 0 746 8080 web.w1.node.fogata']],
    ['_web._tcp.fogata', 'SRV', ['_web._tcp.fogata 0 SRV 0 746 8080 web.w1.node.fogata']],
    ['_http._tcp.web.fogata', 'SRV', ['_http._tcp.web.fogata 0 SRV 0 746 8080 web.w1.node.fogata']],
    ['_a.b._tcp.fogata', 'SRV', ['_a.b._tcp.fogata 0 SRV 0 500 7471 a.b.db1.node.fogata']],
    ['web.w1.node.fogata', 'SRV', ['web.w1.node.fogata 0 SRV 0 746 8080 web.w1.node.fogata']],
  ])('%s %s', (name, type, expected) => {
    expect(office(name, type)).toMatchObject({ code: 'NOERROR', answers: expected, authorities: [] });
  });

  it('gives the addresses of SRV targets along', () => {
    expect(office('_web._tcp.fogata', 'SRV').additionals).toEqual([
      'web.w1.node.fogata 0 A 192.0.2.1',
      'web.w1.node.fogata 0 AAAA 2001:db8::1',
    ]);
  });

  it('every SRV target resolves to where it says', () => {
    const { answers } = office('crm.fogata', 'SRV');
    expect(answers).toHaveLength(2);
    for (const line of answers) {
      expect(office(line.split(' ').at(-1) ?? '', 'A').answers.join()).toMatch(/ A 127\.0\.0\.1$/);
    }
  });

  it('says nothing of the agent where that takes no HTTP, or another family', () => {
    const services = { crm: [placeOf('db1')] };
    expect(askerOf({ services, agentHttp: [] })('crm.fogata', 'A')).toMatchObject({ code: 'NOERROR', answers: [] });
    const byIpv6 = askerOf({ services, agentHttp: ['[::1]:7471'] });
    expect(byIpv6('crm.fogata', 'A').answers).toEqual([]);
    expect(byIpv6('crm.fogata', 'AAAA').answers).toEqual(['crm.fogata 0 AAAA ::1']);
  });

  it('leaves out of a TXT record what does not fit a string', () => {
    const labels = { ok: 'x'.repeat(252), long: 'x'.repeat(251), é: 'y' };
    const ask = askerOf({ services: { crm: [placeOf('db1', { labels })] } });
    const [line = ''] = ask('crm.fogata', 'TXT').answers;
    expect(line.split(' ').map((text) => text.split('=')[0])).toEqual([
      ...['crm.fogata', '0', 'TXT', 'node', 'state', 'weight', 'ok', 'é'],
    ]);
  });
});

describe('which instance', () => {
  const at = (n: number, fields: Partial<PlaceFields> = {}) =>
    placeOf(`n${n}`, { direct: [`192.0.2.${n}:80`], ...fields });

  const srvOf = (...places: ReturnType<typeof at>[]) =>
    askerOf({ services: { crm: places } })('crm.fogata', 'SRV').answers.map((line) =>
      line.split(' ').slice(3).join(' '),
    );

  it('only those that work', () => {
    const states = ['up', 'warning', 'degraded', 'suspect', 'down', 'draining'] as const;
    const places = states.map((state, i) => at(i + 1, { state }));
    expect(srvOf(...places)).toEqual([
      '0 500 80 crm.n1.node.fogata',
      '0 500 80 crm.n2.node.fogata',
      '1 500 80 crm.n3.node.fogata',
    ]);
    const texts = askerOf({ services: { crm: places } })('crm.fogata', 'TXT').answers;
    expect(texts.map((line) => / node=(\S+)/.exec(line)?.[1])).toEqual(['n1', 'n2', 'n3']);
  });

  it('none that calls from here have found to fail or to hang', () => {
    expect(srvOf(at(1, { tier: 'ejected' }), at(2, { tier: 'hanging' }), at(3))).toEqual([
      '0 500 80 crm.n3.node.fogata',
    ]);
  });

  it('this host before others, a slow node after, weight 0 last', () => {
    expect(srvOf(at(1, { isHere: true }), at(2), at(3, { state: 'degraded' }), at(4, { weight: 0 }))).toEqual([
      '0 500 80 crm.n1.node.fogata',
      '1 500 80 crm.n2.node.fogata',
      '2 500 80 crm.n3.node.fogata',
      '3 0 80 crm.n4.node.fogata',
    ]);
  });

  it('by weight and load within a priority', () => {
    expect(srvOf(at(1, { load: 0 }), at(2, { load: 0.5 }), at(3, { load: 1, weight: 200 }))).toEqual([
      '0 1000 80 crm.n1.node.fogata',
      '0 500 80 crm.n2.node.fogata',
      '0 100 80 crm.n3.node.fogata',
    ]);
    expect(srvOf(at(1, { weight: 65_535, load: 0 }))).toEqual(['0 65535 80 crm.n1.node.fogata']);
  });

  it('A gives one: drawn by weight from the first priority', () => {
    const places = [at(1, { load: 0 }), at(2, { load: 0.9 }), at(3, { state: 'degraded', load: 0 })];
    const share = (from: number, to: number) => {
      const seen = [];
      for (let chance = from; chance < to; chance += 0.01) {
        const ask = askerOf({ services: { crm: places }, random: () => chance });
        seen.push(
          ask('crm.fogata', 'A')
            .answers.map((line) => line.split(' ').at(-1))
            .join(),
        );
      }
      return new Set(seen);
    };
    expect(share(0, 0.905)).toEqual(new Set(['192.0.2.1']));
    expect(share(0.915, 1)).toEqual(new Set(['192.0.2.2']));
  });

  it('A passes over who has no address of that family', () => {
    const places = [at(1, { isHere: true, direct: ['[2001:db8::1]:80'] }), at(2)];
    const ask = askerOf({ services: { crm: places } });
    expect(ask('crm.fogata', 'A').answers).toEqual(['crm.fogata 0 A 192.0.2.2']);
    expect(ask('crm.fogata', 'AAAA').answers).toEqual(['crm.fogata 0 AAAA 2001:db8::1']);
  });

  it('weight 0 gets it when there is nobody else', () => {
    const ask = askerOf({ services: { crm: [at(1, { weight: 0 }), at(2, { weight: 0 })] } });
    expect(ask('crm.fogata', 'A').answers).toEqual(['crm.fogata 0 A 192.0.2.1']);
  });

  it('whatever the names are, it answers, and every target can be asked for', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, (service, node) => {
        const services = { [service]: [placeOf(node, { direct: ['192.0.2.9:80'] })] };
        const ask = askerOf({ services, nodes: { [node]: ['192.0.2.8'] } });
        if (service.includes('..') || service.endsWith('.node')) return;
        const found = ask(`${service}.fogata`, 'SRV');
        expect(found.code).toBe('NOERROR');
        const targets = found.answers.map((line) => line.split(' ').at(-1) ?? '');
        expect(targets).toHaveLength(node.includes('..') ? 0 : 1);
        for (const target of targets) {
          const [line] = ask(target, 'A').answers;
          expect(line).toBe(`${target} 0 A 192.0.2.9`);
        }
      }),
    );
  });
});
