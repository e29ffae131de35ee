import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeNode, type FakeNode, fakeSettlement } from '../../test/agent/fake-node.ts';
import type { DeliveryReply } from '../delivery/provider.ts';
import type { ServiceSummary } from '../delivery/provisions.ts';
import { silentLog } from '../runtime/log.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import type { Storage } from '../runtime/storage.ts';
import { createRuleRequests } from './rule-requests.ts';
import { openServiceRules, ruledWeightMax } from './service-rules.ts';

let node: FakeNode;
let storage: Storage;
const crm = { service: 'crm', state: 'up', weight: 100, inFlight: 3 } as ServiceSummary;

beforeEach(() => {
  node = { ...createFakeNode(), served: () => [crm] };
  storage = memoryStorage();
});

const open = () => openServiceRules({ node, storage, log: silentLog });
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('rules of services', () => {
  it('change one thing at a time, are reported, and are forgotten when nothing is left of them', async () => {
    const rules = await open();
    expect(rules.report('crm')).toEqual({
      ...{ service: 'crm', node: 'hq', state: 'up', drained: false, weight: 100, inFlight: 3 },
    });
    await rules.change('crm', { drained: true });
    await rules.change('crm', { weight: 0 });
    expect(node.rules.get('crm')).toEqual({ drained: true, weight: 0 });
    await rules.change('crm', { drained: false });
    expect(node.rules.get('crm')).toEqual({ drained: false, weight: 0 });
    await rules.change('crm', { weight: null });
    expect(node.rules.size).toBe(0);
  });

  it('outlive the agent', async () => {
    await (await open()).change('crm', { drained: true, weight: 20 });
    node = createFakeNode();
    const rules = await open();
    expect(node.rules.get('crm')).toEqual({ drained: true, weight: 20 });
    expect(rules.report('crm')).toMatchObject({ state: null, drained: true, weight: 20 });
    await rules.change('crm', { drained: false, weight: null });
    node = createFakeNode();
    await open();
    expect(node.rules.size).toBe(0);
  });

  it('are for services that are here', async () => {
    const rules = await open();
    await expect(rules.change('erp', { drained: true })).rejects.toMatchObject({ code: 'no-instance' });
  });

  it('a file that cannot be read is no rule', async () => {
    for (const bytes of ['{', '[1]', '{"crm":5,"CRM":{"drained":true}}']) {
      await storage.write('service-rules.json', new TextEncoder().encode(bytes));
      await open();
      expect(node.rules.size).toBe(0);
    }
    await storage.write('service-rules.json', text({ crm: { drained: 1, weight: 1e9 } }));
    await open();
    expect(node.rules.get('crm')).toEqual({ drained: false, weight: undefined });
  });
});

describe('[A1] the agent’s own service', () => {
  /** What the agent answers to another agent. */
  async function asked(command: string, body: unknown): Promise<DeliveryReply> {
    createRuleRequests(node, await open());
    const provider = node.provisions.find(({ service }) => service === 'fogata.agent')?.provider;
    const head = { id: '0'.repeat(32), attempt: 0, service: 'fogata.agent', node: 'hq', command, fromService: '' };
    return new Promise((resolve) => {
      const delivery = { head: { ...head, bodyKind: 'json', fromNode: 'db1', params: {} }, body: text(body) };
      provider?.deliver({ ...delivery, replyWanted: true, idempotent: true, deadlineMs: 1_000 } as never, resolve);
    });
  }

  it('[A3] echoes, in whatever cluster', async () => {
    node = { ...createFakeNode(), posture: 'open' };
    const reply = await asked('echo', ['hello']);
    expect(reply).toMatchObject({ outcome: 'answered', bodyKind: 'json' });
    expect(new TextDecoder().decode(reply.body)).toBe('["hello"]');
  });

  it('changes and tells a rule', async () => {
    const reply = await asked('rule', { service: 'crm', change: { drained: true } });
    expect(JSON.parse(new TextDecoder().decode(reply.body))).toMatchObject({ node: 'hq', drained: true, inFlight: 3 });
    expect(node.rules.get('crm')?.drained).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['rule', { service: 'erp', change: { weight: ruledWeightMax } }, 'no-instance'],
    ['rule', { service: 'crm', change: { weight: ruledWeightMax + 1 } }, 'invalid'],
    ['rule', { service: 'crm', change: { weight: -1 } }, 'invalid'],
    ['rule', { service: 'C R M', change: {} }, 'invalid'],
    ['rule', 5, 'invalid'],
    ['rule', { service: 'erp', change: { drained: true } }, 'no-instance'],
    ['reboot', {}, 'unknown-command'],
  ])('%s %j is refused', async (command, body, code) => {
    expect(await asked(command, body)).toMatchObject({ outcome: 'refused', code });
    expect(node.rules.size).toBe(0);
  });

  it('[A2] is deaf in an open cluster', async () => {
    node = { ...node, posture: 'open' };
    const reply = await asked('rule', { service: 'crm', change: { drained: true } });
    expect(reply).toMatchObject({ outcome: 'refused', code: 'not-allowed' });
    expect(node.rules.size).toBe(0);
  });

  it('asks other agents, and tells what they say', async () => {
    const requests = createRuleRequests(node, await open());
    const report = { service: 'crm', node: 'db1', state: 'draining', drained: true, weight: 100, inFlight: 0 };
    const told = requests.send('db1', 'crm', { drained: true });
    const [waiting] = node.exchanges;
    expect(waiting?.request).toMatchObject({
      command: 'rule',
      body: text({ service: 'crm', change: { drained: true } }),
    });
    waiting?.settle(fakeSettlement({ outcome: 'answered', code: undefined, bodyKind: 'json', body: text(report) }));
    expect(await told).toEqual(report);
    const refused = requests.send('db1', 'crm', {});
    node.exchanges[1]?.settle(fakeSettlement());
    await expect(refused).rejects.toMatchObject({ code: 'no-instance' });
    const odd = requests.send('db1', 'crm', {});
    node.exchanges[2]?.settle(
      fakeSettlement({ outcome: 'answered', code: undefined, bodyKind: 'text', body: text(1) }),
    );
    await expect(odd).rejects.toMatchObject({ code: 'protocol' });
    expect(await requests.send('hq', 'crm', { weight: 7 })).toMatchObject({ node: 'hq' });
  });
});
