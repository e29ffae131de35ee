import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleReport } from '../../src/agent/service-rules.ts';
import type { InvitationView } from '../../src/api/key-report.ts';
import { type Agent, startAgent } from './lab/agent.ts';
import { fogata, fogataJson } from './lab/fogata.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { startProgram } from './lab/program.ts';
import { untilTrue } from './lab/until.ts';

let lab: Lab;
let office: Host;
let db1: Host;

beforeEach(async () => {
  lab = openLab();
  office = lab.addHost();
  db1 = lab.addHost();
  await startProgram(db1, 'crm');
});

afterEach(() => lab.close());

const serve = ['crm=http://127.0.0.1:8080'];

const isUp = (agent: Agent) =>
  untilTrue('crm is up for the office', 10_000, async () => {
    const { services } = await agent.services();
    return services[0]?.instances[0]?.state === 'up';
  });

/** The status of an answer of crm by the office's proxy. */
const asked = (): string =>
  office.run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:7471/to/crm/']);

describe('maintenance of an instance from another host', () => {
  it('is for operators of a cluster with a key, and outlives the agent', async () => {
    await fogataJson(lab, office, 'office', ['init', '--cluster', 'maintained']);
    const first = await startAgent(lab, office, { name: 'office', isOpen: false });
    const { token } = await fogataJson<InvitationView>(lab, office, 'office', ['invite']);
    await fogataJson(lab, db1, 'db1', ['join', token]);
    const second = await startAgent(lab, db1, { name: 'db1', isOpen: false, serve });
    await isUp(first);
    expect(asked()).toBe('200');

    const report = await fogataJson<RuleReport>(lab, office, 'office', ['services', 'crm', '--drain', 'db1']);
    expect(report).toMatchObject({ node: 'db1', drained: true, inFlight: 0 });
    await untilTrue('it is drained for the office', 2_000, () => asked() === '503');
    await second.kill();
    const again = await startAgent(lab, db1, { name: 'db1', isOpen: false, serve });
    await untilTrue(
      'its check passes',
      10_000,
      async () => (await again.status()).agent.serves[0]?.state === 'draining',
    );
    expect(asked()).toBe('503');
    await fogataJson(lab, office, 'office', ['services', 'crm', '--undrain', 'db1']);
    await untilTrue('it has work again', 5_000, () => asked() === '200');
  });

  it('is refused in an open cluster, but on the host itself', async () => {
    const first = await startAgent(lab, office, { name: 'office' });
    await startAgent(lab, db1, { name: 'db1', serve });
    await isUp(first);
    const refused = await fogata(lab, office, 'office', ['services', 'crm', '--drain', 'db1']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('an open cluster has no operators')]);
    expect(asked()).toBe('200');
    await fogataJson(lab, db1, 'db1', ['services', 'crm', '--drain', 'db1']);
    await untilTrue('it is drained for the office', 2_000, () => asked() === '503');
  });
});
