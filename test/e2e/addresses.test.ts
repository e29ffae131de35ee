import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from './lab/agent.ts';
import { startContainer } from './lab/container.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { seesAll } from './lab/members.ts';
import { startProgram } from './lab/program.ts';
import { runTool } from './lab/run-tool.ts';
import { until, untilTrue } from './lab/until.ts';

async function addressOf(agent: Agent, name: string): Promise<string | undefined> {
  return (await agent.nodes()).nodes.find((node) => node.name === name)?.address;
}

const why = (agent: Agent, ...args: string[]) =>
  runTool('node', ['dist/cli/main.js', '--agent', agent.socket, 'nodes', '--why', ...args]);

describe('addresses', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = openLab();
  });
  afterEach(() => lab.close());

  it('a container behind NAT is reached by what it advertises, by all, also those it never spoke to', async () => {
    const host = lab.addHost({ addresses: 'ipv4' });
    const container: Host = { ...host, ...startContainer(host, 7480, 7472) };
    await startProgram(container, 'inside');
    const b = await startAgent(lab, lab.addHost({ addresses: 'ipv4' }), { name: 'b' });
    const c = await startAgent(lab, lab.addHost({ addresses: 'ipv4' }), { name: 'c' });
    const inside = await startAgent(lab, container, {
      name: 'inside',
      serve: ['crm=http://127.0.0.1:8080'],
      seeds: [b.host.address],
      advertise: [`${host.address}:7480`],
    });
    await Promise.all([inside, b, c].map((agent) => seesAll(agent, ['b', 'c', 'inside'])));
    for (const agent of [b, c]) {
      await untilTrue('the advertised address is the one', 5_000, async () => {
        return (await addressOf(agent, 'inside')) === `${host.address}:7480`;
      });
      await untilTrue('its program answers', 10_000, () => {
        return agent.host
          .run('curl', ['-sS', '-H', 'Host: crm.localhost', 'http://127.0.0.1:7471/leads'])
          .includes('inside');
      });
    }
    const { counters } = await c.status();
    expect(counters['members.suspect']).toBe(0);
  });

  it('what cannot be reached, though it is named first, is left for what can', async () => {
    const agents: Agent[] = [];
    for (const name of ['a', 'b', 'c']) {
      const host = lab.addHost({ addresses: name === 'c' ? 'ipv4' : 'both' });
      host.cable.blockGroups();
      const seeds = agents[0] === undefined ? [] : ['10.77.0.1'];
      agents.push(
        await startAgent(lab, host, { name, seeds, advertise: ['203.0.113.9', '10.77.0.200', '[fd77::99]:9'] }),
      );
    }
    await Promise.all(agents.map((agent) => seesAll(agent, ['a', 'b', 'c'])));
    const [, b, c] = agents as [Agent, Agent, Agent];
    await untilTrue('they reach each other', 5_000, async () => {
      return (await addressOf(b, 'c')) === '10.77.0.3:7472' && (await addressOf(c, 'b')) === '10.77.0.2:7472';
    });
  });

  it('nodes --why tells what is filtered, what a seed lacks, and names that several have', async () => {
    const walled = lab.addHost();
    walled.cable.blockGroups(['in']);
    const b = await startAgent(lab, lab.addHost(), { name: 'b' });
    const elsewhere = { ...lab, folder: join(lab.folder, 'twin') };
    mkdirSync(elsewhere.folder);
    const twin = await startAgent(elsewhere, lab.addHost(), { name: 'b' });
    const a = await startAgent(lab, walled, { name: 'walled', seeds: ['10.77.0.99'] });
    await seesAll(a, ['b', 'b', 'walled']);
    const text = await until('silence is noticed', 15_000, () => {
      const shown = why(a);
      return /multicast +eth0 +10.+ silent/.test(shown) ? shown : undefined;
    });
    expect(text).toMatch(
      /multicast +eth0 +10\.77\.0\.1 +silent +\d+ +0 +0\n +sent \d+, heard 0, and 2 nodes are on that link/,
    );
    expect(text).toMatch(/seed +– +10\.77\.0\.99:7472 +silent/);
    expect(text).toContain('2 nodes have the name "b"');
    for (const agent of [b, twin]) expect(why(agent)).toContain('2 nodes have the name "b"');
    expect(why(b, 'walled')).toMatch(/walled .*\n +multicast on eth0, \d+ s ago \(first\)/);
  });
});
