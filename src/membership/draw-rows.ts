import type { Row } from './row.ts';

/** At most so many different rows at random, without the one that is not wanted. */
export function drawRows(rows: readonly Row[], count: number, random: () => number, without?: Row): Row[] {
  if (rows.length <= count) return rows.filter((row) => row !== without);
  const drawn: Row[] = [];
  // Of few rows out of many the same is seldom drawn twice; when it is, one fewer is no harm.
  for (let turn = 0; turn < count + 2 && drawn.length < count; turn++) {
    const row = rows[Math.floor(random() * rows.length)];
    if (row !== undefined && row !== without && !drawn.includes(row)) drawn.push(row);
  }
  return drawn;
}
