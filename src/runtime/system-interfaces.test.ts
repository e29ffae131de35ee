import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { systemInterfaces } from './system-interfaces.ts';

it('lists the loopback address with its prefix', () => {
  const loopback = systemInterfaces()
    .list()
    .find((entry) => entry.address === '127.0.0.1');
  expect(loopback).toMatchObject({ family: 'ipv4', prefixLength: 8, internal: true });
});

it('keeps to what it knows while the system does not tell', () => {
  let isBroken = true;
  const { list } = systemInterfaces(() => {
    if (isBroken) throw new Error('EMFILE: too many open files');
    return networkInterfaces();
  });
  expect(list()).toEqual([]);
  isBroken = false;
  const known = list();
  expect(known.length).toBeGreaterThan(0);
  isBroken = true;
  expect(list()).toEqual(known);
});
