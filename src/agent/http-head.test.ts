import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRequestHead, decodeResponseHead, decodeTrailers, encodeHead, type RequestHead } from './http-head.ts';

const bytesOf = (...texts: string[]) => Buffer.from(texts.map((text) => `${text}\0`).join(''), 'latin1');
const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/).map((text) => `x${text}`);
const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]*$/);
const pairs = fc.array(fc.tuple(name, value)).map((all) => all.flat());

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

  it('comes as it was sent', () => {
    fc.assert(
      fc.property(pairs, (headers) => {
        const head: RequestHead = { method: 'M-SEARCH', target: '/a?b=\xe9', headers, framing: 'none' };
        expect(decodeRequestHead(encodeHead(head))).toEqual(head);
      }),
    );
  });

  it.each([
    [[]],
    [['CONNECT', '/', 'none']],
    [['G T', '/', 'none']],
    [['GET', 'x', 'none']],
    [['GET', '/ /', 'none']],
    [['GET', '/', 'both']],
    [['GET', '/', 'none', 'a']],
    [['GET', '/', 'none', 'a b', 'c']],
    [['GET', '/', 'none', '', 'c']],
    [['GET', '/', 'none', 'a', 'b\r\nc: d']],
    [['GET', '/', 'none', 'a', 'b\n']],
  ])('%j is none', (texts) => {
    expect(decodeRequestHead(bytesOf(...texts))).toBeUndefined();
    expect(decodeRequestHead(bytesOf('GET', '/', 'none', 'a', 'b').subarray(0, -1))).toBeUndefined();
  });
});

describe("a peer's answer", () => {
  it('comes as it was sent', () => {
    const status = fc.integer({ min: 101, max: 599 });
    fc.assert(
      fc.property(pairs, value, status, fc.boolean(), (headers, reason, code, isLong) => {
        const head = { status: code, reason, headers };
        const inParts = isLong || (code > 101 && code < 200);
        const sent = inParts ? { ...head, inParts } : head;
        expect(decodeResponseHead(encodeHead(sent))).toEqual(sent);
        expect(decodeTrailers(encodeHead(headers))).toEqual(headers);
      }),
    );
  });

  it.each([
    [['100', 'Continue', 'parts']],
    [['103', 'Early Hints', 'whole']],
    [['600', '', 'whole']],
    [['99', '', 'whole']],
    [['200', 'a\n', 'whole']],
    [['200', 'OK', '']],
    [['200', 'OK', 'whole', 'a']],
    [['200', 'OK', 'whole', 'a', 'b\r\n']],
    [['200', 'OK', 'whole', 'content-length', '1', 'content-length', '1']],
  ])('%j is none', (texts) => {
    expect(decodeResponseHead(bytesOf(...texts))).toBeUndefined();
  });

  it('of any bytes never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        for (const decode of [decodeRequestHead, decodeResponseHead, decodeTrailers]) decode(bytes);
      }),
    );
  });
});
