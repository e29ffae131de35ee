import { describe, expect, it } from 'vitest';
import { machine } from '../../test/simulation/one-machine.ts';
import type { Provisions, ServiceSummary } from '../delivery/provisions.ts';
import { createDirectory } from '../directory/create-directory.ts';
import { createLoadTable } from '../directory/load-table.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWorld } from '../testing/world.ts';
import { createOwnRecord } from './own-record.ts';

const served = (service: string, load?: number): ServiceSummary => ({
  service,
  state: 'up',
  kinds: { messages: true, http: false, streams: false },
  weight: 1,
  labels: {},
  endpoint: undefined,
  load,
  inFlight: 0,
});

function bed() {
  const world = createWorld();
  const membership = machine();
  const { id, incarnation } = membership.self();
  const directory = createDirectory(id, incarnation);
  const loads = createLoadTable();
  const state = { services: [] as ServiceSummary[], hostLoad: 0.1, samples: 0, reviews: 0, records: 0, said: 0 };
  const base = world.host('x').start('main').runtime;
  const sample = () => {
    state.samples += 1;
    return state.hostLoad;
  };
  const memory = { review: () => void (state.reviews += 1) };
  const runtime: Runtime = { ...base, hostLoad: { ...base.hostLoad, sample }, memory };
  const record = createOwnRecord({
    runtime,
    provisions: { summaries: () => state.services } as Provisions,
    directory,
    loads,
    membership,
    loadIntervalMs: 500,
    onRecord: () => void (state.records += 1),
    onDisseminate: () => void (state.said += 1),
  });
  return { world, state, record, directory, loads, membership };
}

describe('the own record', () => {
  it('is told under its next version when what is served has changed, and else not', () => {
    const { state, record, directory, membership } = bed();
    record.refresh();
    expect([state.records, directory.own().version]).toEqual([0, 0]);
    state.services = [served('crm')];
    record.refresh();
    record.refresh();
    expect(state.records).toBe(1);
    expect(directory.own()).toMatchObject({ version: 1, services: [{ name: 'crm', state: 'up' }] });
    expect(membership.self().recordVersion).toBe(1);
    expect(membership.counts().queued).toBeGreaterThan(0);
    state.services = [];
    record.refresh();
    expect([state.records, directory.own().services]).toEqual([2, []]);
  });

  it('and the load are said again under a raised incarnation', () => {
    const { state, record, directory, loads, membership } = bed();
    state.services = [served('crm', 0.5)];
    record.refresh();
    record.refreshLoad();
    const { id, incarnation } = membership.self();
    record.reissue(incarnation + 7);
    expect(directory.own()).toMatchObject({ incarnation: incarnation + 7, version: 1 });
    expect(loads.report(id)).toMatchObject({ incarnation: incarnation + 7, services: [{ name: 'crm', load: 0.5 }] });
  });
});

describe('the own load', () => {
  it('is looked at often where something is served, seldom where nothing is, and at once when that changes', async () => {
    const { world, state, record } = bed();
    record.start();
    await world.runFor(20_100);
    expect(state.samples).toBeGreaterThan(1);
    expect(state.samples).toBeLessThanOrEqual(8);
    expect(record.hostLoad()).toBe(0.1);
    expect(state.reviews).toBe(state.samples);
    state.services = [served('crm')];
    state.hostLoad = 0.7;
    state.samples = 0;
    record.refresh();
    expect([state.samples, record.hostLoad()]).toEqual([1, 0.7]);
    await world.runFor(5_100);
    expect(state.samples).toBe(11);
    record.stop();
    await world.runFor(20_000);
    expect(state.samples).toBe(11);
  });

  it('is told when it differs enough, and not when it does not', async () => {
    const { world, state, record, loads, membership } = bed();
    const { id } = membership.self();
    state.services = [served('crm', 0.2)];
    record.refresh();
    record.start();
    const first = loads.report(id)?.sequence;
    expect(first).toBeDefined();
    state.services = [served('crm', 0.22)];
    await world.runFor(2_000);
    expect(loads.report(id)?.sequence).toBe(first);
    state.services = [served('crm', 0.9)];
    await world.runFor(600);
    expect(loads.report(id)).toMatchObject({ sequence: (first ?? 0) + 1, services: [{ name: 'crm', load: 0.9 }] });
  });

  it('names as many services as a datagram has room for', () => {
    const { state, record, loads, membership } = bed();
    const long = (n: number) => served(`${'s'.repeat(59)}${String(n).padStart(4, '0')}`, 0.5);
    // Each takes 67 of 600 bytes.
    state.services = Array.from({ length: 8 }, (_, n) => long(n));
    record.refreshLoad();
    expect(loads.report(membership.self().id)?.services).toHaveLength(8);
    state.services = Array.from({ length: 9 }, (_, n) => long(n));
    record.reissue(membership.self().incarnation + 1);
    expect(loads.report(membership.self().id)?.services).toHaveLength(8);
  });
});
