import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChecksView } from '../../src/api/checks-view.ts';
import { type Agent, startAgent } from './lab/agent.ts';
import type { Child } from './lab/child.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { isToolHere } from './lab/run-tool.ts';
import { tell } from './lab/tell.ts';
import { untilTrue } from './lab/until.ts';

const file = (name: string) => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));

/** What is promised on a machine that does nothing else, and what is allowed to one that does. */
const promisedMs = 1_500;
const allowedMs = 2_500;

interface Answer {
  readonly at: number;
  readonly way: string;
  readonly node: string;
}

function answersOf(caller: Child): Answer[] {
  return caller.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .map(([at, way = '', node = '']) => ({ at: Number(at), way, node }));
}

describe('two instances with a check each second, and who asks them from a third host', () => {
  let lab: Lab;
  let erp: Host;
  let caller: Child;
  let asker: Agent;
  const hosts = new Map<string, Host>();
  const agents = new Map<string, Agent>();

  beforeAll(async () => {
    lab = openLab();
    erp = lab.addHost();
    asker = await startAgent(lab, erp, { name: 'erp' });
    for (const name of ['crm1', 'crm2']) {
      const host = lab.addHost();
      hosts.set(name, host);
      await host.start('node', [file('health-program'), name, '8080']).says(/ready/);
      const serve = ['crm=http://127.0.0.1:8080'];
      agents.set(name, await startAgent(lab, host, { name, serve, flags: ['--check', 'crm=/health'] }));
    }
    await untilTrue('both are up for the third', 10_000, async () => (await statesAtErp()).join() === 'up,up');
    caller = erp.start('node', [file('health-caller'), 'crm', '10']);
  });
  afterAll(() => lab.close());

  async function statesAtErp(): Promise<string[]> {
    const { services } = await asker.services();
    return services.flatMap(({ instances }) => instances.map(({ state }) => state));
  }

  const setStatus = (name: string, status: number): number =>
    Number(hosts.get(name)?.run('curl', ['-sS', `http://127.0.0.1:8080/set/${status}`]));

  /** How many instances DNS on the third host names; where there is no dig, as many as it should. */
  const named = (): number => {
    if (!isToolHere('dig')) return 1;
    const found = erp.run('dig', ['+short', '+tries=1', '@127.0.0.1', '-p', '7473', 'crm.fogata', 'SRV']);
    return found.split('\n').filter((line) => line !== '').length;
  };

  it('one that answers 500 gets nothing more within 1.5 s, and is up again as fast', async () => {
    for (let round = 0; round < 2; round++) {
      // Whoever is asked now; the other one is from then on.
      await untilTrue('somebody is asked both ways', 10_000, () => {
        return new Set(answersOf(caller).map(({ way }) => way)).size === 2;
      });
      const name = answersOf(caller).at(-1)?.node ?? '';
      const other = name === 'crm1' ? 'crm2' : 'crm1';
      const failedAt = setStatus(name, 500);
      await untilTrue('it is down for the third', allowedMs, async () => (await statesAtErp()).includes('down'));
      const seenMs = Date.now() - failedAt;
      await untilTrue('DNS names the other alone', allowedMs, () => named() === 1);
      const unnamedMs = Date.now() - failedAt;
      // How many answers come in a second is the machine's: when the last one came is what counts.
      await untilTrue('only the other answers', 10_000, () =>
        answersOf(caller)
          .slice(-40)
          .every(({ node }) => node === other),
      );
      const last = answersOf(caller).filter((each) => each.node === name && each.at >= failedAt);
      const lastOf = (way: string) => (last.findLast((each) => each.way === way)?.at ?? failedAt) - failedAt;
      tell(
        `500 at ${name}: seen elsewhere after ${seenMs} ms, out of DNS after ${unnamedMs} ms, last asked by proxy after ${lastOf('proxy')} ms, by call after ${lastOf('call')} ms (${promisedMs} promised)`,
      );
      expect(Math.max(seenMs, unnamedMs, lastOf('proxy'), lastOf('call'))).toBeLessThan(allowedMs);
      setStatus(name, 200);
      await untilTrue('it is up again for the third', allowedMs, async () => (await statesAtErp()).join() === 'up,up');
    }
    expect(answersOf(caller).filter(({ node }) => node.startsWith('failed'))).toEqual([]);
  });

  it('says on its own host why', async () => {
    setStatus('crm1', 500);
    const view = async () => (await agents.get('crm1')?.get('/v1/checks')) as ChecksView;
    await untilTrue('the check says so', 5_000, async () => (await view()).programs[0]?.state === 'down');
    expect(await view()).toMatchObject({
      node: 'crm1',
      programs: [{ by: 'config', checks: [{ name: 'http /health', state: 'critical', output: '500 crm1' }] }],
    });
    setStatus('crm1', 200);
  });
});

describe('a check that flips with every run', () => {
  it('changes nothing in the cluster once that is known, however long it goes on', async () => {
    const lab = openLab();
    try {
      const [host, other] = [lab.addHost(), lab.addHost()];
      await host.start('node', [file('health-program'), 'crm', '8080']).says(/ready/);
      const config = join(lab.folder, 'flap.yaml');
      const check = 'check: { http: /flip, interval: 100ms }';
      writeFileSync(config, `serve:\n  crm:\n    url: http://127.0.0.1:8080\n    ${check}\n`);
      await startAgent(lab, other, { name: 'other' });
      const watch = other.start('curl', ['-sSN', 'http://127.0.0.1:7471/v1/watch']);
      const agent = await startAgent(lab, host, { name: 'crm', flags: ['--config', config] });
      await watch.says(/"service":"crm"/);
      const runs = async () => ((await agent.get('/v1/checks')) as ChecksView).programs[0]?.checks[0]?.runs ?? 0;
      await untilTrue('it ran fifty times', 30_000, async () => (await runs()) >= 50);
      await pause(500);
      // What a busy machine makes of its host, degraded for a moment, is no change by the check.
      const told = statesOf(watch.stdout).filter((state) => state === 'up' || state === 'down');
      const changes = told.filter((state, i) => state !== told[i - 1]);
      tell(`a check that flipped ${await runs()} times: ${changes.length} changes at another host`);
      expect(changes.length).toBeGreaterThan(1);
      expect(changes.length).toBeLessThanOrEqual(7);
      expect(await agent.get('/v1/checks')).toMatchObject({ programs: [{ state: 'down', heldMs: 10_000 }] });
    } finally {
      await lab.close();
    }
  });
});

/** Of an instance, by an event stream of changes. */
function statesOf(stream: string): string[] {
  return [...stream.matchAll(/^event: instance.*\n(?:id: .*\n)?data: (.*)$/gm)].map(([, json = '']) => {
    return (JSON.parse(json) as { instance: { state: string } }).instance.state;
  });
}
