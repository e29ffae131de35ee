import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodeNumber, errorCodeOf, errorCodes, isErrorCode, isRetryable } from './error-code.ts';
import { FogataError } from './fogata-error.ts';

describe('error codes', () => {
  it('have the numbers 1 to 21, both ways', () => {
    expect(errorCodes.map(errorCodeNumber)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    for (const code of errorCodes) expect(errorCodeOf(errorCodeNumber(code))).toBe(code);
    expect([0, 22, 255].map(errorCodeOf)).toEqual([undefined, undefined, undefined]);
  });

  it('are a closed set', () => {
    expect(isErrorCode('busy')).toBe(true);
    for (const text of ['', 'Busy', 'toString', '__proto__']) expect(isErrorCode(text)).toBe(false);
  });

  it('stand in docs/errors.md and docs/protocol.md as they are here', () => {
    const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
    const rows = [...read('errors.md').matchAll(/^\| (\d+) \| `([a-z-]+)` \| (yes|no) \| (.+) \| (.+) \| (.+) \|$/gm)];
    const here = errorCodes.map((code) => [errorCodeNumber(code), code, isRetryable(code) ? 'yes' : 'no']);
    expect(rows.map(([, number, code, retryable]) => [Number(number), code, retryable])).toEqual(here);
    const wire = /^1 no-instance.*$/m.exec(read('protocol.md'))?.[0] ?? '';
    expect([...wire.matchAll(/(\d+) ([a-z-]+)/g)].map(([, number, code]) => [Number(number), code])).toEqual(
      errorCodes.map((code) => [errorCodeNumber(code), code]),
    );
  });
});

function fail(): never {
  throw new Error('do not look');
}

describe('FogataError', () => {
  it('takes whether it is retryable from its code, unless it is told', () => {
    expect(new FogataError('busy', 'x')).toMatchObject({
      name: 'FogataError',
      code: 'busy',
      message: 'x',
      retryable: true,
    });
    expect(new FogataError('link-lost', 'x').retryable).toBe(false);
    expect(new FogataError('link-lost', 'x', { retryable: true }).retryable).toBe(true);
    expect('cause' in new FogataError('busy', 'x')).toBe(false);
  });

  it('passes through the funnel unchanged', () => {
    const error = new FogataError('draining', 'x');
    expect(FogataError.from(error)).toBe(error);
  });

  it.each([
    [Object.assign(new Error('x'), { code: 'EADDRINUSE' }), 'address-in-use'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'unreachable'],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'link-lost'],
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), 'storage'],
    [Object.assign(new Error('x'), { code: 7 }), 'failed'],
    [Object.assign(new Error('x'), { name: 'AbortError' }), 'cancelled'],
    [Object.assign(new Error('x'), { name: 'TimeoutError' }), 'deadline'],
    [new TypeError('x'), 'failed'],
    ['x', 'failed'],
    [undefined, 'failed'],
    [null, 'failed'],
    [Object.create(null), 'failed'],
    [Object.assign(new FogataError('busy', 'x'), { code: 'MINE' }), 'failed'],
    [Object.assign(new FogataError('busy', 'x'), { code: 'ENOSPC' }), 'storage'],
    [Object.assign(new FogataError('busy', 'x'), { message: 5 }), 'failed'],
    [Object.defineProperty(new Error('x'), 'message', { get: fail }), 'failed'],
    [new Proxy(new Error('x'), { get: fail, getPrototypeOf: fail }), 'failed'],
  ])('%#: of what was thrown', (thrown, code) => {
    const error = FogataError.from(thrown);
    expect(error).toBeInstanceOf(FogataError);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(thrown);
    expect(error.message.length).toBeGreaterThan(0);
  });
});
