import { describe, expect, it } from 'vitest';
import { provideOptionsOf } from './provide-options-of.ts';

describe('provideOptionsOf', () => {
  it('fills in what is not said', () => {
    expect(provideOptionsOf({})).toEqual({
      kinds: { messages: true, http: false, streams: false },
      weight: 100,
      labels: {},
      inFlightMax: 1_024,
      heartbeatWithinMs: undefined,
      endpoint: undefined,
    });
  });

  it.each([
    ['0.0.0.0:5432', { address: '0.0.0.0', port: 5432 }],
    ['[::]:80', { address: '::', port: 80 }],
    ['[2001:DB8::0:1]:80', { address: '2001:db8::1', port: 80 }],
  ])('[R6] an endpoint is %s', (endpoint, expected) => {
    expect(provideOptionsOf({ endpoint }).endpoint).toEqual(expected);
  });

  it.each(['', '5432', 'db1:5432', '0.0.0.0', '0.0.0.0:0', '0.0.0.0:65536', ':::80'])('and not %j', (endpoint) => {
    expect(() => provideOptionsOf({ endpoint })).toThrow(/^endpoint is ADDRESS:PORT/);
  });

  it.each(['', 'a=b', 'a,b', 'a]', 'a\u0000'])('no label has the name %j: no address could ask for it', (name) => {
    expect(() => provideOptionsOf({ labels: { [name]: 'x' } })).toThrow(/crm\[name=value\]/);
  });

  it('a label may have any value', () => {
    expect(provideOptionsOf({ labels: { 'im zürich.ch': 'a=b,c]' } }).labels).toEqual({ 'im zürich.ch': 'a=b,c]' });
  });
});
