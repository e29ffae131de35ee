import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from './lab/agent.ts';
import { type Lab, openLab } from './lab/lab.ts';
import { foundBy, seesAll } from './lab/members.ts';
import { withNames } from './lab/names.ts';
import { untilTrue } from './lab/until.ts';

describe('nodes find each other', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = openLab();
  });
  afterEach(() => lab.close());

  it('[P3] two agents on one host share the beacon port', async () => {
    const host = lab.addHost();
    const other = lab.addHost();
    const agents = [
      await startAgent(lab, host, { name: 'a' }),
      await startAgent(lab, host, { name: 'b', http: 'off' }),
      await startAgent(lab, other, { name: 'c' }),
    ];
    await Promise.all(agents.map((agent) => seesAll(agent, ['a', 'b', 'c'])));
  });

  it('where there is no IPv4', async () => {
    const names = ['a', 'b'];
    const agents = await Promise.all(
      names.map((name) => startAgent(lab, lab.addHost({ addresses: 'ipv6' }), { name, serve: [] })),
    );
    await Promise.all(agents.map((agent) => seesAll(agent, names)));
    expect((await agents[0]?.nodes())?.nodes.find((node) => node.name === 'b')?.address).toMatch(/^\[f[de]\S+\]:7472$/);
  });

  it('on an interface that comes up after the start', async () => {
    const late = lab.addHost({ isUp: false });
    const agents = [await startAgent(lab, late, { name: 'late' }), await startAgent(lab, lab.addHost(), { name: 'b' })];
    late.raise();
    await Promise.all(agents.map((agent) => seesAll(agent, ['b', 'late'], 15_000)));
  });

  it('by a seed, where multicast and broadcast do not pass', async () => {
    const walled = lab.addHost();
    walled.cable.blockGroups();
    const b = await startAgent(lab, lab.addHost(), { name: 'b' });
    const c = await startAgent(lab, lab.addHost(), { name: 'c' });
    const a = await startAgent(lab, walled, { name: 'walled', seeds: [b.host.address] });
    await Promise.all([a, b, c].map((agent) => seesAll(agent, ['b', 'c', 'walled'])));
    expect(await foundBy(a, 'b')).toContain('seed');
    for (const agent of [b, c]) {
      expect(await foundBy(agent, 'walled')).not.toContain('multicast');
      expect(await foundBy(agent, 'walled')).not.toContain('broadcast');
    }
  });

  it('by a name with addresses, and by one that has SRV records only, each with its own port', async () => {
    const b = await startAgent(lab, lab.addHost(), { name: 'b' });
    const c = await startAgent(lab, lab.addHost(), { name: 'c', flags: ['--port', '7490'] });
    const walled = lab.addHost();
    walled.cable.blockGroups();
    const named = await withNames(lab, walled, {
      'b.example': { A: [b.host.address] },
      'c.example': { A: [c.host.address] },
      'site.example': {},
      '_fogata._udp.site.example': { SRV: [{ priority: 0, weight: 0, port: 7490, target: 'c.example' }] },
    });
    const a = await startAgent(lab, named, { name: 'a', seeds: ['b.example', 'site.example', 'none.example'] });
    await Promise.all([a, b, c].map((agent) => seesAll(agent, ['a', 'b', 'c'])));
    const { seeds } = (await a.status()).discovery;
    expect(seeds.map((seed) => seed.addresses)).toEqual([['10.77.0.1:7472'], ['10.77.0.2:7490'], []]);
    await untilTrue('both are known to be reached', 5_000, async () => {
      const reached = (await a.status()).discovery.seeds.map((seed) => seed.reached);
      return reached.join() === '1,1,0';
    });
    expect(await foundBy(a, 'b')).toContain('dns');
  });

  it.each(['in', 'out'] as const)(
    'where multicast and broadcast pass one way only (blocked: %s)',
    async (direction) => {
      const walled = lab.addHost();
      walled.cable.blockGroups([direction]);
      const agents = await Promise.all([
        startAgent(lab, walled, { name: 'walled' }),
        startAgent(lab, lab.addHost(), { name: 'b' }),
      ]);
      await Promise.all(agents.map((agent) => seesAll(agent, ['b', 'walled'])));
    },
  );

  it('again after the plug was out', async () => {
    const agents = await Promise.all(['a', 'b', 'c'].map((name) => startAgent(lab, lab.addHost(), { name })));
    const [a, b, c] = agents as [Agent, Agent, Agent];
    await Promise.all(agents.map((agent) => seesAll(agent, ['a', 'b', 'c'])));
    a.host.cable.unplug();
    await Promise.all([seesAll(b, ['b', 'c']), seesAll(c, ['b', 'c'])]);
    a.host.cable.plug();
    await Promise.all(agents.map((agent) => seesAll(agent, ['a', 'b', 'c'])));
  });
});
