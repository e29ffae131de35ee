import { describe, expect, it } from 'vitest';
import type { DiscoveryStatus, GroupMethodStatus } from '../discovery/discovery-status.ts';
import type { Member } from '../membership/member.ts';
import { nodeIdFrom } from '../protocol/ids.ts';
import { discoveryView } from './discovery-view.ts';

const healthy: GroupMethodStatus = {
  method: 'multicast',
  interface: 'eth0',
  family: 'ipv4',
  address: '10.1.0.1',
  internal: false,
  state: 'working',
  sent: 20,
  heard: 7,
  lastError: undefined,
  since: 0,
};

const status: DiscoveryStatus = {
  seeking: false,
  listeners: [{ family: 'ipv4', state: 'working', lastError: undefined, since: 0 }],
  beacons: [healthy],
  mdns: undefined,
  seeds: [],
  remembered: { peers: 3, state: 'working', lastError: undefined, since: 0 },
  answers: { sent: 0, heard: 0 },
  copies: [],
  ignored: {},
};

function member(number: number, foundBy: Member['foundBy'] = [], changes: Partial<Member> = {}): Member {
  const here = { address: `10.1.0.${number}`, port: 7472 };
  return {
    id: nodeIdFrom(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, number])),
    name: `n${number}`,
    incarnation: 1,
    state: 'alive',
    claimed: 'alive',
    cause: undefined,
    unstable: false,
    observations: [],
    addresses: [here],
    reachedAt: here,
    versionOldest: 1,
    versionNewest: 1,
    recordVersion: 1,
    since: 0,
    rttMs: undefined,
    minRttMs: undefined,
    foundBy,
    ...changes,
  };
}

const way = (method: Member['foundBy'][number]['method'], name: string, via = '') => ({
  method,
  interface: name,
  via,
  at: 0,
});

const view = (changes: Partial<DiscoveryStatus>, members: readonly Member[] = []) =>
  discoveryView({ status: { ...status, ...changes }, self: member(1), members });

describe('how this node looks for others', () => {
  it('is well where all is sent and heard, and counts whom it found', () => {
    const members = [
      member(2, [way('multicast', 'eth0')]),
      member(3, [way('seed', '')]),
      member(4, [way('multicast', 'eth1')]),
    ];
    const [multicast] = view({}, members).methods;
    expect(multicast).toMatchObject({
      method: 'multicast',
      interface: 'eth0',
      at: '10.1.0.1',
      state: 'working',
      found: 1,
      why: '',
    });
  });

  it('tells being filtered from being alone', () => {
    const deaf = { ...healthy, heard: 0 };
    const alone = view({ beacons: [deaf] });
    expect(alone.methods[0]).toMatchObject({ state: 'working', why: '' });
    const filtered = view({ beacons: [deaf] }, [member(2, [way('mdns', 'eth0')])]);
    expect(filtered.methods[0]).toMatchObject({ state: 'silent' });
    expect(filtered.methods[0]?.why).toContain('sent 20, heard 0, and one node is on that link');
    expect(filtered.methods[0]?.cure).toContain('UDP port 7470');
  });

  it.each([
    ['ENETUNREACH', 'no route', 'ip route add 224.0.0.0/4 dev eth0'],
    ['EPERM', 'firewall', '7470'],
    ['EADDRINUSE', 'for itself alone', "ss -ulpn 'sport = :7470'"],
    ['ENODEV', 'no multicast', 'ip link set eth0 multicast on'],
    ['ENOBUFS', 'no more multicast groups', 'igmp_max_memberships'],
  ])('explains %s, and how it is mended', (lastError, why, cure) => {
    const [multicast] = view({ beacons: [{ ...healthy, state: 'failing', lastError }] }).methods;
    expect(multicast).toMatchObject({ state: 'failing', lastError });
    expect(multicast?.why).toContain(why);
    expect(multicast?.cure).toContain(cure);
  });

  it('is deaf where the one listener of a family fails', () => {
    const listeners = [{ family: 'ipv4', state: 'failing', lastError: 'EADDRINUSE', since: 0 }] as const;
    expect(view({ listeners }).methods[0]).toMatchObject({ state: 'failing', lastError: 'EADDRINUSE' });
  });

  it('says what became of each seed', () => {
    const seed = {
      host: 'db.example',
      port: 7472,
      tried: 3,
      state: 'working',
      lastError: undefined,
      since: 0,
    } as const;
    const seeds = [
      { ...seed, addresses: ['10.1.0.9:7472'], reached: 1 },
      { ...seed, host: '10.1.0.8', addresses: ['10.1.0.8:7472'], reached: 0 },
      { ...seed, host: 'gone.example', addresses: [], reached: 0, state: 'failing', lastError: 'ENOTFOUND' } as const,
    ];
    const found = member(9, [way('dns', '', 'db.example:7472')]);
    const methods = view({ seeds }, [found]).methods.filter((one) => one.method === 'seed' || one.method === 'dns');
    expect(methods).toMatchObject([
      { method: 'dns', at: 'db.example:7472', state: 'working', found: 1, why: '' },
      { method: 'seed', at: '10.1.0.8:7472', state: 'silent', sent: 3, heard: 0 },
      { method: 'dns', state: 'failing', lastError: 'ENOTFOUND' },
    ]);
    expect(methods.every((one) => one.state === 'working' || one.cure !== '')).toBe(true);
  });
});

describe('what is odd', () => {
  it('is a name that several have, and an id that is elsewhere too', () => {
    const twin = member(2, [], { name: 'n1' });
    const copies = [{ name: 'n7', addresses: ['10.1.0.7:7472'], firstAt: 0, lastAt: 2_000 }];
    const { notices } = view({ copies }, [twin, member(3, [], { name: 'n1', state: 'left' })]);
    expect(notices.map((notice) => notice.kind)).toEqual(['copied-id', 'name-conflict']);
    expect(notices[0]?.text).toContain('10.1.0.7:7472');
    expect(notices[1]?.text).toContain('2 nodes have the name "n1"');
  });

  it('is another cluster on the link while nobody of this one is', () => {
    const ignored = { 'other-cluster': 12 };
    expect(view({ ignored }).notices).toMatchObject([{ kind: 'other-cluster' }]);
    expect(view({ ignored }, [member(2)]).notices).toEqual([]);
  });
});
