import type { CandidateReport, Decision } from '../selection/decision.ts';
import { stateBrush } from './nodes.ts';
import type { Paint } from './paint.ts';
import { showLine } from './show-text.ts';
import { showAge, showDuration } from './show-time.ts';
import { type Cell, table } from './table.ts';

const dash = '–';

/** A decision as a table: the candidates best first, what their scores are made of, and why one is not taken. */
export function decisionText(decision: Decision, paint: Paint): string[] {
  const { candidates, candidateCount } = decision;
  if (candidateCount === 0) return [`${paint.red('nobody')} serves it`];
  const hasShare = candidates.some(({ share }) => share !== null);
  const right = 'right' as const;
  const columns = [
    { title: 'NODE' },
    { title: 'STATE' },
    ...(hasShare ? [{ title: 'SHARE', align: right }] : []),
    { title: 'SCORE', align: right },
    { title: 'LATENCY', align: right },
    { title: 'QUEUE', align: right },
    { title: 'IN FLIGHT', align: right },
    { title: 'LOAD', align: right },
    { title: 'RTT', align: right },
    { title: 'WEIGHT', align: right },
    { title: 'FAILED', align: right },
    { title: 'AGE', align: right },
    { title: 'WHY' },
  ];
  const rows = candidates.map((row) => rowOf(row, decision, hasShare, paint));
  const left = candidateCount - candidates.length;
  return [
    ...table(columns, rows, paint.dim),
    ...(left > 0 ? [paint.dim(`and ${left} more`)] : []),
    verdictOf(decision, paint),
  ];
}

function rowOf(row: CandidateReport, { chosen }: Decision, hasShare: boolean, paint: Paint): (Cell | string)[] {
  const { terms, load, inFlight, inFlightThere, latencyAgeMs, loadAgeMs } = row;
  const isChosen = row.node === chosen;
  return [
    { text: row.sameHost ? `${row.node} (this host)` : row.node, ...(isChosen ? { brush: paint.bold } : {}) },
    { text: row.state, brush: stateBrush(row.state, paint) },
    ...(hasShare ? [percent(row.share ?? 0)] : []),
    terms.score >= 1e6 ? '> 1e6' : terms.score.toFixed(terms.score < 10 ? 2 : 0),
    showDuration(terms.latencyMs),
    showDuration(terms.queueMs),
    inFlightThere === null ? String(inFlight) : `${inFlight} / ${inFlightThere}`,
    load === null ? dash : `${percent(load)} (x ${terms.loadFactor.toFixed(1)})`,
    row.rttMs === null ? dash : showDuration(row.rttMs),
    row.weightShare < 1 ? `${row.weight} x ${row.weightShare.toFixed(2)}` : String(row.weight),
    percent(row.failureShare),
    `${age(latencyAgeMs)} / ${age(loadAgeMs)}`,
    { text: row.why === '' && !row.eligible ? row.tier : showLine(row.why, 80), brush: paint.dim },
  ];
}

function verdictOf({ strategy, chosen, drawn }: Decision, paint: Paint): string {
  const how =
    drawn.length > 1 ? paint.dim(` (${strategy}; compared: ${drawn.join(', ')})`) : paint.dim(` (${strategy})`);
  return chosen === null ? `${paint.red('nobody')}${how}` : `${paint.green('to')} ${paint.bold(chosen)}${how}`;
}

/** Of the latency and of the load. */
function age(ms: number | null): string {
  if (ms === null) return dash;
  return ms < 60_000 ? showDuration(ms) : showAge(ms);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
