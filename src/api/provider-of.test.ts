import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryReply } from '../delivery/provider.ts';
import { type BodyValue, fromBody, toBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { messageIdFrom } from '../protocol/ids.ts';
import { silentLog } from '../runtime/log.ts';
import { providerOf } from './provider-of.ts';
import type { CommandTable, Handler, Message } from './serve.ts';

function delivery(command: string, body?: BodyValue, replyWanted = true): Delivery {
  const { kind, bytes } = toBody(body);
  const head = {
    service: 'crm',
    node: '',
    command,
    fromService: 'erp',
    fromNode: 'n1',
    params: { a: '1' },
    attempt: 0,
  };
  const id = messageIdFrom(new Uint8Array(16));
  return { head: { ...head, id, bodyKind: kind }, body: bytes, replyWanted, idempotent: false, deadlineMs: 100 };
}

function given(served: Handler | CommandTable, inFlightMax = 10) {
  const made = providerOf(served, { inFlightMax, log: silentLog, open: undefined });
  return {
    ...made,
    ask: (asked: Delivery) => new Promise<DeliveryReply>((resolve) => made.provider.deliver(asked, resolve)),
  };
}

describe('providerOf', () => {
  it('hands over a message and sends the reply', async () => {
    const { ask } = given(({ params, body, from }) => ({
      params: { b: params['a'] ?? '' },
      body: { body, from } as never,
    }));
    const reply = await ask(delivery('X', 'hi'));
    expect(reply).toMatchObject({ outcome: 'answered', code: undefined, params: { b: '1' } });
    const value = fromBody(reply.bodyKind, reply.body);
    expect(value).toEqual({ ok: true, value: { body: 'hi', from: { node: 'n1', service: 'erp' } } });
  });

  it('chooses by command, with * for the rest', async () => {
    const table = { A: () => ({ body: 'a' }), '*': async () => undefined };
    expect(await given(table).ask(delivery('A'))).toMatchObject({ outcome: 'answered', bodyKind: 'text' });
    expect(await given(table).ask(delivery('B'))).toMatchObject({ outcome: 'answered', bodyKind: 'none' });
    expect(await given({ A: () => {} }).ask(delivery('toString'))).toMatchObject({ code: 'unknown-command' });
  });

  it('a FogataError travels with its code, any other as failed', async () => {
    const busy = given(() => {
      throw new FogataError('busy', 'later');
    });
    expect(await busy.ask(delivery('X'))).toMatchObject({ outcome: 'refused', code: 'busy', reason: 'later' });
    const broken = given(async () => Promise.reject(new Error('no disk')));
    expect(await broken.ask(delivery('X'))).toMatchObject({ outcome: 'refused', code: 'failed', reason: 'no disk' });
  });

  it('what throws again when it is looked at has failed, and nothing else happens', async () => {
    const fail = (): never => {
      throw new Error('do not look');
    };
    const thrown = [
      Object.defineProperty(new Error('x'), 'message', { get: fail }),
      new Proxy(new Error('x'), { get: fail, getPrototypeOf: fail }),
      Object.assign(new FogataError('busy', 'x'), { code: 'MINE' }),
    ];
    for (const one of thrown) {
      for (const handler of [
        () => Promise.reject(one),
        async () => Object.defineProperty({}, 'body', { get: () => fail() }),
      ]) {
        const { ask, idle } = given(handler);
        expect(await ask(delivery('X'))).toMatchObject({ outcome: 'refused', code: 'failed' });
        await idle();
      }
    }
  });

  it('what is no reply is a failure', async () => {
    const text = given((() => 'pong') as unknown as Handler);
    const said = await text.ask(delivery('X'));
    expect(said.code).toBe('failed');
    expect(said.reason).toContain('returned a string');
    const bad = given(() => ({ params: { n: 1 as unknown as string } }));
    expect((await bad.ask(delivery('X'))).reason).toContain('"n"');
  });

  it('a one-way message is delivered when it is taken, and counts until its handler is done', async () => {
    let finish = (): void => {};
    const handler: Handler = () => new Promise<void>((resolve) => (finish = resolve));
    const { ask, idle } = given(handler, 1);
    expect(await ask(delivery('X', undefined, false))).toMatchObject({ outcome: 'delivered' });
    expect(await ask(delivery('X', undefined, false))).toMatchObject({ outcome: 'refused', code: 'busy' });
    let isIdle = false;
    const idling = idle().then(() => (isIdle = true));
    await Promise.resolve();
    expect(isIdle).toBe(false);
    finish();
    await idling;
    expect(isIdle).toBe(true);
  });

  it('the signal aborts when the caller gives up, also when it is first asked for afterwards', () => {
    const seen: Message[] = [];
    const { provider } = given((message) => {
      seen.push(message);
      return new Promise(() => {});
    });
    const giveUp = provider.deliver(delivery('X'), () => {});
    const early = seen[0]!.signal;
    expect(early.aborted).toBe(false);
    giveUp();
    expect(early.aborted).toBe(true);
    provider.deliver(delivery('X'), () => {})();
    expect(seen[1]!.signal.aborted).toBe(true);
  });

  it('a body that is not what it says is refused', async () => {
    const asked = { ...delivery('X', { a: 1 }), body: new Uint8Array([123]) };
    expect(await given(() => {}).ask(asked)).toMatchObject({ outcome: 'refused', code: 'invalid' });
  });

  it('a table is checked when it is served', () => {
    expect(() => given({ 'a b': () => {} })).toThrow(/no command/);
    expect(() => given({ A: 1 as unknown as Handler })).toThrow(/no function/);
  });
});
