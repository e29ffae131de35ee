import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchAgent, readyAgent } from './lab/agent.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { upAt } from './lab/office.ts';
import { startProgram } from './lab/program.ts';
import { tell } from './lab/tell.ts';
import { until } from './lab/until.ts';

const roles = [
  { name: 'erp', service: 'erp' },
  { name: 'billing', service: 'billing' },
  { name: 'crm1', service: 'crm' },
  { name: 'crm2', service: 'crm' },
] as const;
const wanted = 'billing@billing crm@crm1 crm@crm2 erp@erp';

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('four hosts on a bridge, no default route, nothing configured but names and services', () => {
  let lab: Lab;
  let hosts: readonly Host[];

  beforeEach(async () => {
    lab = openLab();
    hosts = roles.map(() => lab.addHost());
    await Promise.all(roles.map(({ name }, i) => startProgram(hosts[i] as Host, name)));
  });
  afterEach(() => lab.close());

  /** `apart`: the last one begins when the others are up, and has the processor for itself, as on a host of its own. */
  async function form(
    order: readonly number[],
    apart: boolean,
  ): Promise<{ sinceStartMs: number; sinceReadyMs: number }> {
    const launch = (index: number) => {
      const { name, service } = roles[index] as (typeof roles)[number];
      return launchAgent(lab, hosts[index] as Host, { name, serve: [`${service}=http://127.0.0.1:8080`] });
    };
    const launched = order.slice(0, -1).map(launch);
    if (apart) await Promise.all(launched.map(readyAgent));
    launched.push(launch(order.at(-1) ?? 0));
    const lastStart = Math.max(...launched.map((each) => each.process.startedAt));
    const agents = await Promise.all(launched.map(readyAgent));
    const lastReady = Math.max(...agents.map((agent) => agent.readyAt));
    const completeAt = await Promise.all(
      agents.map((agent) =>
        until(`${agent.name} sees all`, 10_000, async () =>
          (await upAt(agent)) === wanted ? performance.now() : undefined,
        ),
      ),
    );
    const allAt = Math.max(...completeAt);
    await Promise.all(agents.map((agent) => agent.kill()));
    return { sinceStartMs: allAt - lastStart, sinceReadyMs: allAt - lastReady };
  }

  it('each agent sees all services within a second of the last start, in whatever order they start', async () => {
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ];
    const together: { sinceStartMs: number; sinceReadyMs: number }[] = [];
    const apart: { sinceStartMs: number; sinceReadyMs: number }[] = [];
    for (let i = 0; i < 10; i += 1) {
      const order = orders[i % orders.length] as number[];
      together.push(await form(order, false));
      if (i % 2 === 0) apart.push(await form(order, true));
    }
    const show = (what: string, values: readonly number[]) => {
      const rounded = values.map((value) => Math.round(value));
      tell(`formation, ms ${what}: ${rounded.join(' ')}; median ${median(rounded)}`);
    };
    const sinceReady = together.map((each) => each.sinceReadyMs);
    show('since the last of four said that it is up', sinceReady);
    show(
      'since the last process of four began, all at once on this machine',
      together.map((each) => each.sinceStartMs),
    );
    const sinceStart = apart.map((each) => each.sinceStartMs);
    show('since the process of a fourth began, three being up', sinceStart);
    expect(median(sinceReady)).toBeLessThan(1_000);
    expect(median(sinceStart)).toBeLessThan(1_000);
  });
});
