import { describe, expect, it } from 'vitest';
import { alikeIn } from '../../test/delivery/alike-frames.ts';
import { deliveredIn } from '../../test/delivery/delivered-frames.ts';
import {
  fakeCarrier,
  headOf,
  messageIdOf,
  messageRest,
  nodeOf,
  received,
  saidIn,
  self,
} from '../../test/delivery/delivery-bed.ts';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { runRest } from '../../test/delivery/run-frames.ts';
import { type FrameFields, FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { bareDelivered } from './delivered-batch.ts';
import type { Delivery, DeliveryReply, Provider } from './provider.ts';
import { createProvisions } from './provisions.ts';
import { createServiceHost } from './service-host.ts';

const n1 = nodeOf(1);

interface Taken {
  readonly delivery: Delivery;
  readonly respond: (reply: DeliveryReply) => void;
}

function bed() {
  const clock = manualClock();
  const carrier = fakeCarrier();
  const provisions = createProvisions(
    clock,
    () => undefined,
    () => undefined,
  );
  const onOwnerFault = () => undefined;
  const host = createServiceHost({ clock, self, selfName: 'me', carrier, provisions, onOwnerFault, seed: 1 });
  const taken: Taken[] = [];
  const provide = (deliver?: (taken: Taken) => void, inFlightMax = 4, forward?: Provider['forward']) => {
    const provider: Provider = {
      open: undefined,
      forward,
      deliver(delivery, respond) {
        taken.push({ delivery, respond });
        deliver?.({ delivery, respond });
        return () => undefined;
      },
    };
    const kinds = { messages: true, http: false, streams: false };
    return provisions.provide('crm', provider, { kinds, weight: 100, labels: {}, inFlightMax });
  };
  const message = (n: number) =>
    host.onMessage(n1, received({ kind: FrameKind.message, correlation: 1 }, messageRest({ id: messageIdOf(n) })));
  const run = (correlations: readonly number[], fields: Partial<FrameFields> = {}) => {
    const all = correlations.map((n, i) => ({ id: messageIdOf(n), correlation: n, body: Uint8Array.of(i, i) }));
    const rest = runRest(headOf({ bodyKind: 'bytes', params: { a: 'b' } }), all);
    const correlation = correlations[0] ?? 0;
    return host.onRun(n1, received({ kind: FrameKind.run, correlation, to: noNode, ...fields }, rest));
  };
  const codes = () => carrier.ofKind(FrameKind.reply).map((frame) => saidIn(frame).code);
  return { clock, carrier, host, taken, provide, message, run, codes };
}

describe('the host of services', () => {
  it('[F19] hands over the messages of a run one after the other, each with what is its own', async () => {
    const { carrier, taken, provide, run } = bed();
    provide(({ respond }) => respond(bareDelivered));
    expect(run([7, 8, 300], { deadlineMs: 500 })).toBeUndefined();
    await Promise.resolve();
    const told = taken.map(({ delivery: { head, body, deadlineMs } }) => [head.id, [...body], head.params, deadlineMs]);
    expect(told).toEqual([7, 8, 300].map((n, i) => [messageIdOf(n), [i, i], { a: 'b' }, 500]));
    expect(taken[0]?.delivery.head.params).not.toBe(taken[1]?.delivery.head.params);
    const frames = carrier.ofKind(FrameKind.delivered);
    expect(frames.map(({ rest, correlation }) => deliveredIn(rest, correlation).correlations)).toEqual([[7, 8, 300]]);
  });

  it('[F19] refuses of a run what is too much, and executes nothing twice', async () => {
    const { carrier, taken, provide, message, run } = bed();
    provide(undefined, 2);
    message(8);
    taken[0]?.respond(bareDelivered);
    run([7, 8, 9, 10]);
    await Promise.resolve();
    const [delivered] = carrier.ofKind(FrameKind.delivered);
    expect(deliveredIn(delivered?.rest ?? new Uint8Array(0), delivered?.correlation ?? 0).correlations).toEqual([1, 8]);
    const [alike] = carrier.ofKind(FrameKind.alike);
    expect(alikeIn(alike?.rest ?? new Uint8Array(0), alike?.correlation ?? 0)).toMatchObject({ correlations: [10] });
    expect(taken.map(({ delivery }) => delivery.head.id)).toEqual([8, 7, 9].map(messageIdOf));
  });

  it('[F19] executes nothing whose time passed while what stood before it was worked on', () => {
    const { clock, taken, provide, run, codes } = bed();
    provide(({ respond }) => {
      clock.advance(30);
      respond(bareDelivered);
    });
    run([1, 2, 3], { deadlineMs: 50 });
    expect([taken.map(({ delivery }) => delivery.deadlineMs), codes()]).toEqual([[50, 20], ['deadline']]);
  });

  it('[F19] ends a run where it is malformed, or names what is in hand; what stood before is taken', () => {
    const { host, taken, provide, run } = bed();
    provide();
    const body = Uint8Array.of(1);
    const rest = runRest(
      headOf({ bodyKind: 'bytes' }),
      [1, 2].map((n) => ({ id: messageIdOf(n), correlation: n, body })),
    );
    const cut = received({ kind: FrameKind.run, correlation: 1, to: noNode }, rest.subarray(0, -1));
    expect(host.onRun(n1, cut)).toBe('bad run: short');
    expect(taken.length).toBe(1);
    expect(run([5, 1, 6])).toMatch(/in use/);
    expect(taken.map(({ delivery }) => delivery.head.id)).toEqual([1, 5].map(messageIdOf));
  });

  it('[F19] gives who passes messages on each message whole', () => {
    const { provide, run } = bed();
    const passed: string[] = [];
    provide(undefined, 4, ({ bytes, start, end, correlation }: ReceivedFrame) => {
      passed.push(`${correlation} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
      return () => undefined;
    });
    run([7, 8]);
    const wholes = [7, 8].map((n, i) =>
      messageRest({ id: messageIdOf(n), bodyKind: 'bytes', params: { a: 'b' } }, Uint8Array.of(i, i)),
    );
    expect(passed).toEqual(wholes.map((whole, i) => `${7 + i} ${Buffer.from(whole).toString('hex')}`));
  });
});
