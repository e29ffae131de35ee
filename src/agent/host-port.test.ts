import { expect, it } from 'vitest';
import { formatHostPort, isLoopbackHost, parseHostPort } from './host-port.ts';

it.each([
  ['a', { host: 'a', port: 7 }],
  ['a.example.com:1', { host: 'a.example.com', port: 1 }],
  ['10.0.0.1:65535', { host: '10.0.0.1', port: 65_535 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['[::1]', { host: '::1', port: 7 }],
  ['fd00::1', { host: 'fd00::1', port: 7 }],
  ['a:0', undefined],
  ['a:65536', undefined],
  ['a:', undefined],
  [':80', undefined],
  ['', undefined],
  ['a b', undefined],
  ['10.0.0', undefined],
  ['300.0.0.1', undefined],
  ['[a]:1', undefined],
  ['http://a', undefined],
])('%j is %j', (text, parsed) => {
  expect(parseHostPort(text, 7)).toEqual(parsed);
});

it('has no port where none is given and none is usual', () => {
  expect(parseHostPort('a', undefined)).toBeUndefined();
});

it('shows what it read', () => {
  expect(formatHostPort({ host: '::1', port: 1 })).toBe('[::1]:1');
  expect(formatHostPort({ host: 'a', port: 1 })).toBe('a:1');
});

it.each([
  ['localhost', true],
  ['crm.localhost', true],
  ['LOCALHOST.', true],
  ['127.8.0.1', true],
  ['[::1]', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['127.evil.example', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
])('%s on loopback: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});
