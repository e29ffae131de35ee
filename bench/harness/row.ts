import { quantile, type Run } from './measure.ts';

/** A system at a shape: medians over the rounds. What could not be measured is null. */
export interface Row {
  readonly shape: string;
  readonly system: string;
  readonly rate: number;
  readonly p50us: number | null;
  readonly p99us: number | null;
  /** To the rate of `tcp` at the same shape in the same run. */
  readonly ratioToTcp: number | null;
  readonly cpuUsPerMessage: number | null;
  readonly rounds: number;
}

export function rowOf(shape: string, system: string, runs: readonly Run[]): Row {
  return {
    shape,
    system,
    rate: rounded(median(runs.map((run) => run.rate))) ?? 0,
    p50us: rounded(median(runs.map((run) => run.p50us))),
    p99us: rounded(median(runs.map((run) => run.p99us))),
    ratioToTcp: null,
    cpuUsPerMessage: rounded(median(runs.map((run) => run.cpuUsPerMessage))),
    rounds: runs.length,
  };
}

/** Each beside the raw TCP of its own shape. */
export function withRatios(rows: readonly Row[]): Row[] {
  return rows.map((row) => {
    const tcp = rows.find((other) => other.shape === row.shape && other.system === 'tcp');
    return { ...row, ratioToTcp: tcp === undefined ? null : rounded(row.rate / tcp.rate) };
  });
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const there = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return quantile(there, 0.5);
}

/** Four digits: more were never measured. */
function rounded(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
}
