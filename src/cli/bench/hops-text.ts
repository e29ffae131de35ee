import type { Paint } from '../paint.ts';
import { type Cell, table } from '../table.ts';
import type { Hop, HopKind } from './hop.ts';

const titles: Readonly<Record<HopKind, string>> = {
  'program-agent': 'program, agent',
  'agent-agent': 'agent, agent',
  'program-service': 'all the way',
};

/** The hops as a table, and what remains of the whole way for the program that served it. */
export function hopsText(hops: readonly Hop[], paint: Paint): string[] {
  const depth = hops[0]?.depth ?? 0;
  const columns = [
    { title: 'HOP' },
    { title: 'TO' },
    ...['P50', 'P90', 'P99', `A SECOND, ${depth} AT A TIME`, 'FAILED'].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ];
  const rows = hops.map(({ hop, node, service, p50Ms, p90Ms, p99Ms, perSecond, failed }): (Cell | string)[] => [
    { text: titles[hop], brush: paint.bold },
    service === null ? node : `${service}@${node}`,
    ...[p50Ms, p90Ms, p99Ms].map(timeText),
    perSecond === null ? '–' : perSecond.toLocaleString('en-US'),
    failed === 0 ? '0' : { text: String(failed), brush: paint.red },
  ]);
  return [...table(columns, rows, paint.dim), ...hops.flatMap((hop) => remainderText(hop, hops)).map(paint.dim)];
}

const timeText = (ms: number | null): string =>
  ms === null ? '–' : ms < 10 ? `${ms.toFixed(3)} ms` : `${ms.toFixed(1)} ms`;

/** `crm@db1: 0.412 ms of its P50 are the program's and the two links' to it`; nothing where a part is not known. */
function remainderText(whole: Hop, hops: readonly Hop[]): string[] {
  if (whole.hop !== 'program-service' || whole.p50Ms === null) return [];
  const own = hops.find(({ hop }) => hop === 'program-agent')?.p50Ms;
  const between = hops.find(({ hop, node }) => hop === 'agent-agent' && node === whole.node);
  if (own === undefined || own === null || between?.p50Ms === null) return [];
  const rest = Math.max(0, whole.p50Ms - own - (between?.p50Ms ?? 0));
  return [
    `${whole.service}@${whole.node}: of its P50, ${timeText(rest)} are between its agent and the program, and the program's own`,
  ];
}
