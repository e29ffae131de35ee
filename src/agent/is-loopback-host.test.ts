import { expect, it } from 'vitest';
import { isLoopbackHost } from './is-loopback-host.ts';

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
