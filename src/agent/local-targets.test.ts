import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeNode, type FakeNode } from '../../test/agent/fake-node.ts';
import type { Clock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { systemRandom } from '../runtime/system-random.ts';
import type { ServedTarget } from './agent-config.ts';
import type { CheckSpec } from './checks/check-spec.ts';
import { checkSpecs } from './checks/check-specs.ts';
import { createLocalTargets, type LocalTargets, type TargetTerms } from './local-targets.ts';

/** Timers that a test lets come due by their delay. */
const timers: { delayMs: number; callback: () => void; cancelled: boolean }[] = [];

const clock: Clock = {
  now: () => 0,
  wallTime: () => 0,
  schedule(delayMs, callback) {
    const timer = { delayMs, callback, cancelled: false };
    timers.push(timer);
    return { cancel: () => void (timer.cancelled = true) };
  },
};

const tcpCheck = checkSpecs({ service: 'crm', url: 'http://127.0.0.1:9' }, [])[0] as CheckSpec;

let node: FakeNode;
let targets: LocalTargets;

beforeEach(() => {
  timers.length = 0;
  node = createFakeNode();
  targets = createLocalTargets({ node, clock, random: systemRandom(), log: silentLog });
  return () => targets.close();
});

const target = (given: Partial<ServedTarget> = {}): ServedTarget => ({
  service: 'crm',
  url: 'http://127.0.0.1:9',
  weight: 100,
  labels: { a: 'b' },
  checks: [tcpCheck],
  ...given,
});

const byProgram: TargetTerms = { by: 'program', ttlMs: undefined, deliverTo: 'command' };
const byConfig: TargetTerms = { ...byProgram, by: 'config' };

/** Ends the time of a registration that was given this long. */
function expire(ttlMs: number): void {
  for (const timer of timers.filter((each) => each.delayMs === ttlMs && !each.cancelled)) timer.callback();
}

const standing = () => node.provisions.filter(({ withdrawn }) => !withdrawn);

describe('a target', () => {
  it('is an instance for messages and HTTP, down until somebody listens there', () => {
    targets.add(target({ weight: 7 }), byProgram);
    expect(node.provisions).toMatchObject([
      {
        service: 'crm',
        state: 'down',
        options: { weight: 7, labels: { a: 'b' }, kinds: { messages: true, http: true, streams: true } },
      },
    ]);
    expect(targets.list()).toEqual([{ ...target({ weight: 7 }), by: 'program', state: 'down' }]);
  });

  it('[R6] says where it listens', () => {
    targets.add(target({ url: 'http://0.0.0.0:9' }), byProgram);
    expect(node.provisions).toMatchObject([{ options: { endpoint: { address: '0.0.0.0', port: 9 } } }]);
  });

  it('that registers again as it was stays, and as another takes its place', () => {
    targets.add(target(), byProgram);
    targets.add(target(), byProgram);
    expect(node.provisions).toHaveLength(1);
    targets.add(target({ url: 'http://127.0.0.1:10' }), byProgram);
    expect(node.provisions.map(({ withdrawn }) => withdrawn)).toEqual([true, false]);
  });

  it('is gone when it was not registered again in time', () => {
    targets.add(target(), { ...byProgram, ttlMs: 5_000 });
    targets.add(target(), { ...byProgram, ttlMs: 6_000 });
    expire(5_000);
    expect(standing()).toHaveLength(1);
    expire(6_000);
    expect(standing()).toHaveLength(0);
    expect(targets.list()).toEqual([]);
  });

  it('is removed, once', async () => {
    targets.add(target(), byProgram);
    await targets.remove('crm');
    expect(standing()).toHaveLength(0);
    await expect(targets.remove('crm')).rejects.toMatchObject({ code: 'invalid' });
  });

  it('of the configuration is not changed by programs', async () => {
    targets.add(target(), byConfig);
    expect(() => targets.add(target({ weight: 1 }), byProgram)).toThrow(/configuration/);
    await expect(targets.remove('crm')).rejects.toMatchObject({ code: 'not-allowed' });
    expect(standing()).toHaveLength(1);
  });
});

describe('what a program says of itself', () => {
  const heartbeat = checkSpecs({ service: 'crm', url: 'http://127.0.0.1:9' }, [{ heartbeat: '10s' }]);

  it('its load and its heartbeat reach its instance', () => {
    targets.add(target({ checks: heartbeat }), byProgram);
    targets.setLoad('crm', 0.25);
    expect(node.provisions).toMatchObject([{ load: 0.25, state: 'down' }]);
    targets.heartbeat('crm', 'passing', '');
    targets.heartbeat('crm', 'warning', 'the queue is long');
    expect(node.provisions).toMatchObject([{ state: 'warning', note: 'heartbeat: the queue is long' }]);
    expect(targets.health()).toMatchObject([{ by: 'program', checks: [{ way: 'heartbeat', state: 'warning' }] }]);
    expire(10_000);
    expect(node.provisions).toMatchObject([{ state: 'down', note: 'heartbeat: no heartbeat for 10000 ms' }]);
  });

  it('is refused where nobody waits for it', () => {
    expect(() => targets.heartbeat('crm', 'passing', '')).toThrow(/no program is registered/);
    expect(() => targets.setLoad('crm', 0)).toThrow(/no program is registered/);
    targets.add(target(), byProgram);
    expect(() => targets.heartbeat('crm', 'passing', '')).toThrow(/no check that waits/);
  });

  it('other checks make it another registration', () => {
    targets.add(target(), byProgram);
    targets.add(target({ checks: heartbeat }), byProgram);
    expect(node.provisions.map(({ withdrawn }) => withdrawn)).toEqual([true, false]);
  });
});

it('there are at most 256', () => {
  for (let i = 0; i < 256; i++) targets.add(target({ service: `s${i}` }), byProgram);
  expect(() => targets.add(target({ service: 'more' }), byProgram)).toThrow(/at most 256/);
});
