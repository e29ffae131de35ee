import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvitationView, KeyReport } from '../../src/api/key-report.ts';
import { type Agent, startAgent } from './lab/agent.ts';
import { fogata, fogataJson } from './lab/fogata.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { showReport, startLoad } from './lab/load.ts';
import { startProgram } from './lab/program.ts';
import { untilTrue } from './lab/until.ts';

const recorder = pathToFileURL(fileURLToPath(new URL('programs/record-datagrams.mjs', import.meta.url))).href;

/** Long enough that none comes about by chance. */
const names = ['headquarters', 'billing-host', 'storehouse', 'workbench', 'gatehouse'] as const;
const service = 'payroll-service';
const cluster = 'quarry-cluster';

let lab: Lab;

beforeEach(() => {
  lab = openLab();
});

afterEach(() => lab.close());

const tapeOf = (name: string) => join(lab.folder, `${name}.tape`);

const up = (host: Host, name: string, serve: readonly string[] = []): Promise<Agent> =>
  startAgent(lab, host, {
    name,
    isOpen: false,
    serve,
    nodeFlags: ['--import', `${recorder}?to=${encodeURIComponent(tapeOf(name))}`],
  });

const seesAll = async (agent: Agent, count: number): Promise<boolean> => {
  const { posture, nodes } = await agent.nodes();
  return posture === 'sealed' && nodes.filter(({ state }) => state === 'alive').length === count;
};

/** A cluster of these hosts: the first has made the key, the others were let in before they started. */
async function sealedCluster(count: number): Promise<readonly Agent[]> {
  const chosen = names.slice(0, count);
  const hosts = chosen.map(() => lab.addHost());
  const [first] = hosts as [Host];
  await fogataJson(lab, first, chosen[0] ?? '', ['init', '--cluster', cluster]);
  const agents = [await up(first, chosen[0] ?? '')];
  const uses = ['invite', '--uses', String(count), '--expires', '10m'];
  const { token } = await fogataJson<InvitationView>(lab, first, chosen[0] ?? '', uses);
  for (let i = 1; i < count; i++) {
    const [host, name] = [hosts[i] as Host, chosen[i] ?? ''];
    await startProgram(host, name);
    await fogataJson(lab, host, name, ['join', token]);
    agents.push(await up(host, name, [`${service}=http://127.0.0.1:8080`]));
  }
  await untilTrue('all see all', 30_000, async () => {
    const seen = await Promise.all(agents.map((agent) => seesAll(agent, count)));
    return seen.every(Boolean);
  });
  return agents;
}

describe('a cluster with a key, on hosts', () => {
  it('is made by init, invite and join, whether agents run or not', async () => {
    const [a, b, c] = [lab.addHost(), lab.addHost(), lab.addHost()];
    const first = await up(a, 'headquarters');
    expect((await first.status()).posture).toBe('loopback');
    expect(await fogata(lab, a, 'headquarters', ['invite'])).toMatchObject({ code: 1 });
    await fogataJson(lab, a, 'headquarters', ['init', '--cluster', cluster]);
    expect(await first.status()).toMatchObject({ posture: 'sealed', cluster });
    expect(statSync(join(lab.folder, 'headquarters', 'keys.json')).mode & 0o777).toBe(0o600);

    const { token } = await fogataJson<InvitationView>(lab, a, 'headquarters', ['invite', '--uses', '2']);
    const second = await up(b, 'billing-host');
    await fogataJson(lab, b, 'billing-host', ['join', token]);
    expect(await second.status()).toMatchObject({ posture: 'sealed', cluster });

    const typo = `${token.slice(0, 20)}${token[20] === '2' ? '3' : '2'}${token.slice(21)}`;
    const mistyped = await fogata(lab, c, 'storehouse', ['join', typo]);
    expect(mistyped).toMatchObject({ code: 2, stderr: expect.stringContaining('typo') as string });
    expect(await fogata(lab, c, 'storehouse', ['join', '-'], token)).toMatchObject({ code: 0, stderr: '' });
    const late = await fogata(lab, c, 'storehouse', ['join', token, '--data', join(lab.folder, 'elsewhere')]);
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('used up') as string });
    const third = await up(c, 'storehouse');
    for (const agent of [first, second, third]) {
      await untilTrue(`${agent.name} sees all`, 30_000, () => seesAll(agent, 3));
    }
    expect(askByTcp(a)).toContain('Unix socket only');
  });

  it('gets another key under 100 calls a second over five hosts, and not one fails; no name is ever sent in the clear', async () => {
    const agents = await sealedCluster(5);
    const [first, second] = agents as [Agent, Agent];
    await untilTrue('services are known', 20_000, async () => {
      const { services } = await first.services();
      return services.find(({ name }) => name === service)?.instances.length === 4;
    });
    const load = await startLoad(first, 'http', service, 100);
    for (const agent of [first, second]) {
      // On a busy machine somebody may answer late: then it is not complete, and is gone on with.
      await untilTrue('the rotation is complete', 60_000, async () => {
        return (await fogata(lab, agent.host, agent.name, ['key', 'rotate'])).code === 0;
      });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    const report = await load.stop();
    expect(report.faults, showReport(report)).toEqual([]);
    expect(report.failed).toBe(0);
    expect(report.calls).toBeGreaterThan(100);
    const { keys, nodes } = await fogataJson<KeyReport>(lab, first.host, first.name, ['key', 'list']);
    expect(keys).toHaveLength(1);
    expect(nodes.map(({ inUse }) => inUse)).toEqual(Array(5).fill(keys[0]?.id));

    const sent = names.flatMap((name) => readFileSync(tapeOf(name), 'utf8').trim().split('\n'));
    expect(sent.length).toBeGreaterThan(200);
    const bytes = Buffer.concat(sent.map((line) => Buffer.from(line.split(' ')[1] ?? '', 'hex')));
    for (const name of [...names, service, cluster]) expect(bytes.includes(name), name).toBe(false);
    const unsealed = sent.filter((line) => !line.startsWith('5353 ') && !/^\d+ 464754410101/.test(line));
    expect(unsealed).toEqual([]);
  });
});

/** What the HTTP port says to who asks for an invitation there. */
function askByTcp(host: Host): string {
  const url = 'http://127.0.0.1:7471/v1/keys/invite';
  const asked = `{method:'POST',body:'{"expiresMs":60000,"uses":1}'}`;
  return host.run('node', ['-e', `fetch('${url}',${asked}).then(r=>r.text()).then(console.log)`]);
}
