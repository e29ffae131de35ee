import { describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import type { ProvideOptions } from './provider.ts';
import { createProvisions } from './provisions.ts';

function bed() {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const told: string[] = [];
  const provisions = createProvisions(
    clock,
    () => told.push('change'),
    () => told.push('load'),
    () => 0.9,
  );
  const provide = (options: Partial<ProvideOptions> = {}) => {
    const kinds = { messages: true, http: false, streams: false };
    const provider = { deliver: () => () => undefined, open: undefined };
    return provisions.provide('crm', provider, { kinds, weight: 100, labels: {}, inFlightMax: 2, ...options });
  };
  const take = () => {
    const picked = provisions.pick('crm', 'messages');
    if (picked === undefined) throw new Error('nothing to pick');
    picked.inFlight += 1;
    return picked;
  };
  return { world, told, provisions, provide, take };
}

describe('provisions', () => {
  it('the one that is up, has room and least in hand is picked', () => {
    const { provisions, provide, take } = bed();
    const small = provide({ inFlightMax: 1 });
    provide({ inFlightMax: 10 });
    const first = take();
    const more = [take(), take(), take()];
    expect(more.every((one) => one !== first)).toBe(true);
    small.setState('down');
    expect(provisions.pick('crm', 'messages')).toBe(more[0]);
    expect(provisions.pick('crm', 'http')).toBeUndefined();
    expect(provisions.pick('erp', 'messages')).toBeUndefined();
  });

  it('one that is down is picked before one that drains, and after all that are up', () => {
    const { provisions, provide } = bed();
    const a = provide();
    const b = provide();
    provide().setState('down');
    a.setState('down');
    expect(provisions.pick('crm', 'messages')?.state).toBe('up');
    b.setState('down');
    expect(provisions.pick('crm', 'messages')?.state).toBe('down');
  });

  it('withdrawn waits for work in hand, for all who ask, and no longer than each allows', async () => {
    const { world, provisions, provide, take } = bed();
    const provision = provide();
    const work = take();
    const done: string[] = [];
    const waiting = [
      provision.withdraw(10_000).then(() => done.push('long')),
      provision.withdraw(20_000).then(() => done.push('longer')),
    ];
    await world.runFor(5_000);
    expect([done, provisions.pick('crm', 'messages')?.state]).toEqual([[], 'draining']);
    provisions.release(work);
    await world.complete(Promise.all(waiting), 10);
    expect([done, provisions.summaries()]).toEqual([['long', 'longer'], []]);
  });

  it('withdrawn is gone when its time is over, work or not', async () => {
    const { world, told, provisions, provide, take } = bed();
    const provision = provide();
    const work = take();
    await world.complete(Promise.all([provision.withdraw(100), provisions.withdrawAll(50)]), 200);
    expect([provisions.summaries(), told]).toEqual([[], ['change', 'change', 'change']]);
    provisions.release(work);
    await provision.withdraw(0);
    expect(told).toHaveLength(3);
  });

  it('what the directory cannot say is not served', () => {
    const { clock } = createWorld().host('h').start().runtime;
    const full = () => {
      if (provisions.summaries().length > 1) throw new Error('too large');
    };
    const provisions = createProvisions(clock, full, () => undefined);
    const options = { kinds: { messages: true, http: false, streams: false }, weight: 1, labels: {}, inFlightMax: 1 };
    const provider = { deliver: () => () => undefined, open: undefined };
    provisions.provide('a', provider, options);
    expect(() => provisions.provide('b', provider, options)).toThrow('too large');
    expect(provisions.summaries().map(({ service }) => service)).toEqual(['a']);
  });

  it('several make one instance: best state, all weights, least load', () => {
    const { told, provisions, provide } = bed();
    provide({ weight: 65_000 }).setState('down');
    const other = provide({
      weight: 65_000,
      labels: { a: 'b' },
      kinds: { messages: false, http: true, streams: false },
    });
    other.setLoad(0.5);
    other.setLoad(0.5);
    expect(provisions.summaries()).toMatchObject([
      {
        state: 'up',
        weight: 65_535,
        load: 0.5,
        labels: { a: 'b' },
        kinds: { messages: true, http: true, streams: false },
      },
    ]);
    expect(told.filter((one) => one === 'load')).toHaveLength(1);
  });

  it('[R6] the endpoint is that of the best that has one', () => {
    const { provisions, provide } = bed();
    const portOf = () => provisions.summaries()[0]?.endpoint?.port;
    provide();
    expect(portOf()).toBeUndefined();
    provide({ endpoint: { address: '::', port: 8_080 } }).setState('down');
    expect(portOf()).toBe(8_080);
    provide({ endpoint: { address: '::', port: 8_081 } });
    expect(portOf()).toBe(8_081);
  });

  it('one that warns is picked before one that is down, and after all that are up', () => {
    const { provisions, provide } = bed();
    const a = provide();
    const b = provide();
    a.setState('warning', 'slow');
    expect(provisions.pick('crm', 'messages')?.state).toBe('up');
    b.setState('down', 'gone');
    expect(provisions.pick('crm', 'messages')?.state).toBe('warning');
    expect(provisions.summaries()).toMatchObject([{ state: 'warning' }]);
    expect(provisions.health()).toMatchObject([
      { state: 'warning', note: 'slow' },
      { state: 'down', note: 'gone' },
    ]);
  });

  it('a rule drains and weighs all providers of a service, also those to come, until it is taken back', () => {
    const { provisions, provide } = bed();
    provide();
    provisions.setRule('crm', { drained: true, weight: 20 });
    const later = provide();
    expect(provisions.summaries()).toMatchObject([{ state: 'draining', weight: 20 }]);
    later.setState('down', 'gone');
    expect(later.health()).toMatchObject({ state: 'draining', said: 'down' });
    provisions.setRule('crm', { drained: false, weight: 0 });
    expect(provisions.summaries()).toMatchObject([{ state: 'up', weight: 0 }]);
    provisions.setRule('crm', undefined);
    expect(provisions.summaries()).toMatchObject([{ state: 'up', weight: 200 }]);
  });

  it('replies tell the load of the service, else that of its host', () => {
    const { provisions, provide } = bed();
    const provision = provide();
    expect(provisions.loadOf('crm')).toBe(0.9);
    provision.setLoad(0.2);
    expect(provisions.loadOf('crm')).toBe(0.2);
    expect(provisions.loadOf('erp')).toBeUndefined();
  });

  it('one may begin as down, and was never up to others', () => {
    const { provisions, provide } = bed();
    const provision = provide({ state: 'down' });
    expect(provisions.summaries()).toMatchObject([{ state: 'down' }]);
    provision.setState('up');
    expect(provisions.summaries()).toMatchObject([{ state: 'up' }]);
  });
});
