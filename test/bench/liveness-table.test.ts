import { expect, it } from 'vitest';
import { livenessTable } from '../../bench/liveness/table.ts';

it('has a column for each contender and a row for each thing, with all times', () => {
  const rest = { sentPerSecond: 660.4, receivedPerSecond: 1_800, cpuPercent: 0.5 };
  const fogata = {
    contender: 'fogata',
    count: 3,
    times: { 'kill -9': [115, 82.4], left: [11] },
    falseDeaths: { 10: 0 },
  };
  const serf = {
    contender: 'serf',
    count: 3,
    times: { 'kill -9': [5_990, Number.POSITIVE_INFINITY] },
    falseDeaths: {},
  };
  const table = livenessTable([
    { ...fogata, ...rest },
    { ...serf, ...rest },
  ]);
  expect(table.split('\n')).toEqual([
    '|  | fogata 3 | serf 3 |',
    '| --- | --: | --: |',
    '| kill -9 | 82, 115 | 5,990, never |',
    '| left | 11 | – |',
    '| the well called dead under 10 % loss | 0 | – |',
    '| at rest: B/s sent, received; % of a core | 660, 1,800; 0.50 | 660, 1,800; 0.50 |',
  ]);
});
