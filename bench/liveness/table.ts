import type { Times } from './acts.ts';

/** What was measured of one contender with one number of nodes. */
export interface Measured {
  readonly contender: string;
  readonly count: number;
  readonly times: Times;
  /** Of nodes that were well: how often one was called dead, by the percentage of packets that was lost. */
  readonly falseDeaths: Readonly<Record<string, number>>;
  readonly sentPerSecond: number;
  readonly receivedPerSecond: number;
  readonly cpuPercent: number;
}

const dash = '–';
const never = 'never';

/** The table of docs/liveness.md: a column for each number of nodes and contender, a row for each thing that befell one. */
export function livenessTable(all: readonly Measured[]): string {
  const rows = [
    ['', ...all.map(({ contender, count }) => `${contender} ${count}`)],
    ['---', ...all.map(() => '--:')],
    ...keysOf(all, ({ times }) => times).map((what) => [what, ...all.map(({ times }) => timesText(times[what]))]),
    ...keysOf(all, ({ falseDeaths }) => falseDeaths).map((percent) => [
      `the well called dead under ${percent} % loss`,
      ...all.map(({ falseDeaths }) => `${falseDeaths[percent] ?? dash}`),
    ]),
    ['at rest: B/s sent, received; % of a core', ...all.map(restText)],
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function keysOf(all: readonly Measured[], recordOf: (one: Measured) => Readonly<Record<string, unknown>>): string[] {
  return [...new Set(all.flatMap((one) => Object.keys(recordOf(one))))];
}

/** All of them, the smallest first: a median of three says little. */
function timesText(times: readonly number[] = []): string {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.length === 0 ? dash : sorted.map((ms) => (Number.isFinite(ms) ? whole(ms) : never)).join(', ');
}

function restText({ sentPerSecond, receivedPerSecond, cpuPercent }: Measured): string {
  return `${whole(sentPerSecond)}, ${whole(receivedPerSecond)}; ${cpuPercent.toFixed(2)}`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
