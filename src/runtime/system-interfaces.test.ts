import { expect, it } from 'vitest';
import { systemInterfaces } from './system-interfaces.ts';

it('lists the loopback address with its prefix', () => {
  const loopback = systemInterfaces()
    .list()
    .find((entry) => entry.address === '127.0.0.1');
  expect(loopback).toMatchObject({ family: 'ipv4', prefixLength: 8, internal: true });
});
