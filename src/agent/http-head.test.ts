import { describe, expect, it } from 'vitest';
import { decodeRequestHead, encodeHead, type RequestHead } from './http-head.ts';

const decoded = (fields: Partial<RequestHead>) => {
  const head: RequestHead = { method: 'POST', target: '/', headers: [], framing: 'none', ...fields };
  return decodeRequestHead(encodeHead(head));
};

describe("a peer's request", () => {
  const none: string[] = [];
  const five = ['Content-Length', '5'];
  const zero = ['content-length', '0'];

  it.each([
    ['none', none],
    ['none', zero],
    ['length', five],
    ['length', zero],
    ['chunked', none],
    ['upgrade', none],
    ['upgrade', zero],
  ] as const)('%s with %j is one', (framing, headers) => {
    expect(decoded({ framing, headers })).toMatchObject({ framing, headers });
  });

  it.each([
    ['none', five],
    ['length', none],
    ['chunked', five],
    ['chunked', zero],
    ['upgrade', five],
    ['length', [...five, ...five]],
    ['length', ['content-length', '+5']],
    ['length', ['content-length', '5, 5']],
    ['none', ['content-length', ' 0']],
  ] as const)('%s with %j would be two, or half of one', (framing, headers) => {
    expect(decoded({ framing, headers })).toBeUndefined();
  });
});
