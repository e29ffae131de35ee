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
  let time = 0;
  const read = () => {
    if (isBroken) throw new Error('EMFILE: too many open files');
    return networkInterfaces();
  };
  const { list } = systemInterfaces(read, () => time);
  expect(list()).toEqual([]);
  isBroken = false;
  const known = list();
  expect(known.length).toBeGreaterThan(0);
  isBroken = true;
  time = 1_000;
  expect(list()).toEqual(known);
});

it('asks the system once for all who look at the same moment, and again 50 ms later', () => {
  let reads = 0;
  let time = 0;
  const { list } = systemInterfaces(
    () => {
      reads += 1;
      return networkInterfaces();
    },
    () => time,
  );
  for (time of [0, 1, 49]) list();
  expect(reads).toBe(1);
  time = 50;
  list();
  expect(reads).toBe(2);
});
