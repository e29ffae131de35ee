import { describe, expect, it } from 'vitest';
import type { Settlement } from '../delivery/settlement.ts';
import { messageIdFrom } from '../protocol/ids.ts';
import { silentLog } from '../runtime/log.ts';
import type { MeshEvent } from './mesh-event.ts';
import { meshOver } from './mesh-over.ts';
import type { MeshPort } from './mesh-port.ts';

const random = { next: () => 0, bytes: (count: number) => new Uint8Array(count) };
const clock = { now: () => 0, wallTime: () => 0, schedule: () => ({ cancel() {} }) };

function settlementOf(outcome: 'answered' | 'refused', code?: 'cancelled'): Settlement {
  const instance = { service: 'crm', node: 'n1' };
  const rest = { params: {}, bodyKind: 'none', body: new Uint8Array(0), tried: [], elapsedMs: 1 } as const;
  return { outcome, id: messageIdFrom(new Uint8Array(16)), instance, code, reason: 'r', ...rest };
}

function fakePort() {
  const seen = { exchanges: 0, cancelled: 0, stopped: 0, withdrawn: 0, watchesStopped: 0 };
  let listener: ((event: MeshEvent) => void) | undefined;
  let settleNow = true;
  const port: MeshPort = {
    self: { id: '1'.repeat(16), name: 'me', cluster: 'c' },
    exchange(_request, settle) {
      seen.exchanges += 1;
      if (settleNow) settle(settlementOf('answered'));
      return () => {
        seen.cancelled += 1;
        settle(settlementOf('refused', 'cancelled'));
      };
    },
    publish(_request, settle) {
      settle({ id: messageIdFrom(new Uint8Array(16)), elapsedMs: 0, instances: [], isDelivered: false });
      return () => {};
    },
    resolve: async () => ({
      address: 'crm',
      strategy: 'best',
      chosen: null,
      drawn: [],
      candidates: [],
      candidateCount: 0,
    }),
    open: () => ({ write: () => true, end() {}, reset() {}, consumed() {}, unwrittenBytes: () => 0 }),
    async provide(service) {
      const withdraw = async () => {
        seen.withdrawn += 1;
      };
      return { service, setLoad() {}, setState() {}, heartbeat() {}, withdraw };
    },
    watch(given) {
      listener = given;
      given({ type: 'ready' });
      return () => {
        seen.watchesStopped += 1;
      };
    },
    nodes: async () => ({ cluster: 'c', self: 'x', posture: 'loopback', nodes: [] }),
    services: async () => ({ services: [] }),
    async stop() {
      seen.stopped += 1;
    },
  };
  const mesh = meshOver(port, { clock, random, log: silentLog });
  const hold = () => {
    settleNow = false;
  };
  return { mesh, seen, hold, emit: (event: MeshEvent) => listener?.(event) };
}

describe('meshOver', () => {
  it('misuse rejects, all else is an outcome', async () => {
    const { mesh, seen } = fakePort();
    await expect(mesh.call('NO', 'X')).rejects.toMatchObject({ code: 'invalid' });
    expect(seen.exchanges).toBe(0);
    expect(await mesh.call('crm', 'X')).toMatchObject({ outcome: 'answered' });
    expect(await mesh.publish('crm', 'X')).toMatchObject({ outcome: 'refused', code: 'no-instance' });
  });

  it('the signal gives up', async () => {
    const { mesh, hold, seen } = fakePort();
    hold();
    const controller = new AbortController();
    const calling = mesh.call('crm', 'X', { signal: controller.signal });
    controller.abort();
    expect(await calling).toMatchObject({ outcome: 'refused', code: 'cancelled' });
    expect(seen.cancelled).toBe(1);
  });

  it('with a signal that aborted before nothing is sent', async () => {
    const { mesh, seen } = fakePort();
    const signal = AbortSignal.abort();
    const refused = { outcome: 'refused', code: 'cancelled' };
    const outcomes = [
      await mesh.call('crm', 'X', { signal }),
      await mesh.send('crm', 'X', { signal }),
      await mesh.publish('crm', 'X', { signal }),
    ];
    expect(outcomes).toMatchObject([refused, refused, { ...refused, instances: [] }]);
    expect(new Set(outcomes.map(({ id }) => id)).size).toBe(3);
    await expect(mesh.open('crm', 'X', { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.exchanges).toBe(0);
  });

  it('what is no signal is known before anything is sent or watched', async () => {
    const { mesh, seen } = fakePort();
    for (const wrong of [{}, 5, null, { aborted: false }]) {
      const signal = wrong as unknown as AbortSignal;
      for (const verb of ['call', 'send', 'publish', 'open'] as const) {
        await expect(mesh[verb]('crm', 'X', { signal })).rejects.toMatchObject({ code: 'invalid' });
      }
      expect(() => mesh.watch({ signal })[Symbol.asyncIterator]()).toThrow(/signal/);
    }
    expect(seen.exchanges).toBe(0);
    await mesh.close();
    expect(seen.stopped).toBe(1);
  });

  it('serves a service once at a time', async () => {
    const { mesh, seen } = fakePort();
    const registration = await mesh.serve('crm', () => {});
    await expect(mesh.serve('crm', () => {})).rejects.toMatchObject({ code: 'invalid' });
    await expect(mesh.serve('C', () => {})).rejects.toMatchObject({ code: 'invalid' });
    for (const handler of [undefined, null, 5, 'x']) {
      await expect(mesh.serve('erp', handler as unknown as () => void)).rejects.toThrow(/a function, or a table/);
    }
    await expect(mesh.serve('erp', () => {}, { weight: 0 })).rejects.toThrow(/weight is a whole number from 1 to 1000/);
    expect(() => registration.setLoad(2)).toThrow(/load is 0/);
    expect(() => registration.setState('draining' as 'down')).toThrow(/"up", "warning" or "down"/);
    expect(() => registration.heartbeat('up' as 'passing')).toThrow(/"passing", "warning" or "critical"/);
    expect(() => registration.heartbeat('passing', 5 as unknown as string)).toThrow(/a text/);
    for (const heartbeatWithinMs of [99, 86_400_001, Number.NaN]) {
      await expect(mesh.serve('erp', () => {}, { heartbeatWithinMs })).rejects.toThrow(/100 to 86400000/);
    }
    await Promise.all([registration.withdraw(), registration.withdraw()]);
    expect(seen.withdrawn).toBe(1);
    await mesh.serve('crm', () => {});
  });

  it('a watch ends with its signal, its reader or the mesh', async () => {
    const { mesh, seen } = fakePort();
    for await (const event of mesh.watch()) if (event.type === 'ready') break;
    expect(seen.watchesStopped).toBe(1);
    const controller = new AbortController();
    for await (const _ of mesh.watch({ signal: controller.signal })) controller.abort();
    expect(seen.watchesStopped).toBe(2);
    for await (const _ of mesh.watch()) void mesh.close();
    expect(seen.watchesStopped).toBe(3);
  });

  it('closes once and rejects afterwards', async () => {
    const { mesh, seen } = fakePort();
    {
      await using open = mesh;
      void open;
    }
    await mesh.close();
    expect(seen.stopped).toBe(1);
    await expect(mesh.call('crm', 'X')).rejects.toMatchObject({ code: 'closed' });
    await expect(mesh.nodes()).rejects.toMatchObject({ code: 'closed' });
    await expect(mesh.serve('crm', () => {})).rejects.toMatchObject({ code: 'closed' });
  });
});
