import { describe, expect, it } from 'vitest';
import { FogataError } from '../protocol/fogata-error.ts';
import { exchangeRequestOf } from './exchange-request-of.ts';
import type { Params } from './outcome.ts';

const made = (...args: Parameters<typeof exchangeRequestOf>) => exchangeRequestOf(...args);

describe('exchangeRequestOf', () => {
  it('fills in what is not said', () => {
    expect(made('crm', 'PING', undefined, 'call')).toMatchObject({
      to: { service: 'crm', node: '' },
      command: 'PING',
      params: {},
      bodyKind: 'none',
      replyWanted: true,
      idempotent: false,
      deadlineMs: 10_000,
      fromService: '',
    });
  });

  it('takes everything', () => {
    const options = { params: { a: '1' }, body: { n: 1 }, deadlineMs: 5, idempotent: true, from: 'erp' };
    const request = made('crm@db1', 'a/b', options, 'send');
    expect(request).toMatchObject({ to: { node: 'db1' }, bodyKind: 'json', replyWanted: false, idempotent: true });
    expect(request).toMatchObject({ deadlineMs: 5, fromService: 'erp', params: { a: '1' } });
  });

  it('publishes to every instance, however that is written', () => {
    expect(made('crm', 'X', undefined, 'publish').to).toEqual({ service: 'crm', node: '*' });
    expect(made('crm@*', 'X', undefined, 'publish').to).toEqual({ service: 'crm', node: '*' });
    expect(() => made('crm@db1', 'X', undefined, 'publish')).toThrow(/send to "crm@db1"/);
    expect(() => made('crm@*', 'X', undefined, 'call')).toThrow(/publish to "crm"/);
  });

  it.each([
    ['CRM', 'X', {}, /lower-case/],
    ['', 'X', {}, /empty/],
    ['crm', 'no space', {}, /command: /],
    ['crm', 'X', { deadlineMs: 0 }, /deadlineMs is 1 to 86400000/],
    ['crm', 'X', { deadlineMs: 86_400_001 }, /deadlineMs/],
    ['crm', 'X', { deadlineMs: Number.NaN }, /deadlineMs/],
    ['crm', 'X', { from: 'A' }, /from: /],
    ['crm', 'X', { params: { a: 1 as unknown as string } }, /parameter "a" is no text/],
    ['crm', 'X', { body: 1n as unknown as number }, /JSON/],
  ])('refuses %j %j %o', (address, command, options, message) => {
    expect(() => made(address, command, options, 'call')).toThrow(message);
  });

  it.each([null, 'hello', [1], 5])('refuses %j for options, and for parameters', (what) => {
    expect(() => made('crm', 'X', what as object, 'call')).toThrow(
      new FogataError('invalid', 'options are an object: { body: "hello" } says hello'),
    );
    expect(() => made('crm', 'X', { params: what as unknown as Params }, 'call')).toThrow(
      new FogataError('invalid', 'params are an object: { status: "ok" }'),
    );
  });

  it('holds the bounds of parameters at n and n + 1', () => {
    const params = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 'x']));
    const call = (given: Record<string, string>) => () => made('crm', 'X', { params: given }, 'call');
    expect(call(params(64))).not.toThrow();
    expect(call(params(65))).toThrow(/at most 64 parameters/);
    expect(call({ ['n'.repeat(255)]: '' })).not.toThrow();
    expect(call({ ['n'.repeat(256)]: '' })).toThrow(/255 bytes/);
    expect(call({ ['é'.repeat(128)]: '' })).toThrow(/255 bytes/);
    expect(call({ a: 'x'.repeat(65_020) })).not.toThrow();
    expect(call({ a: 'x'.repeat(65_021) })).toThrow(/together/);
    expect(call({ a: 'x'.repeat(65_536) })).toThrow(/65535 bytes/);
  });

  it('holds the bound of the body', () => {
    expect(() => made('crm', 'X', { body: new Uint8Array(1_048_576) }, 'call')).not.toThrow();
    expect(() => made('crm', 'X', { body: new Uint8Array(1_048_577) }, 'call')).toThrow(/1048576/);
  });
});
