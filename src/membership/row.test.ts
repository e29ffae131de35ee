import { expect, it } from 'vitest';
import { addressOf, update } from '../../test/simulation/one-machine.ts';
import { noteRoundTrip, rowOf, snapshotOf } from './row.ts';

it('takes a way for as long as its shortest round trip of late, however busy its host was meanwhile', () => {
  const row = rowOf(update(2), addressOf(2), 0);
  expect(snapshotOf(row)).toMatchObject({ rttMs: undefined, minRttMs: undefined });
  noteRoundTrip(row, 0.5);
  expect(snapshotOf(row)).toMatchObject({ rttMs: 0.5, minRttMs: 0.5 });
  noteRoundTrip(row, 80.5);
  expect(snapshotOf(row)).toMatchObject({ rttMs: 10.5, minRttMs: 5.5 });
  for (let count = 0; count < 20; count++) noteRoundTrip(row, 80);
  noteRoundTrip(row, 0.4);
  const { rttMs, minRttMs } = snapshotOf(row);
  expect(minRttMs).toBe(0.4);
  expect(rttMs).toBeGreaterThan(50);
});

it('a way that has become longer is taken for that after a while', () => {
  const row = rowOf(update(2), addressOf(2), 0);
  noteRoundTrip(row, 1);
  for (let count = 0; count < 40; count++) noteRoundTrip(row, 40);
  expect(snapshotOf(row).minRttMs).toBeGreaterThan(35);
});
