import { roundedMs } from '../../api/outcome-json.ts';
import type { Paint } from '../paint.ts';
import { showDuration } from '../show-time.ts';
import type { CallStatistics } from './call-statistics.ts';
import { group } from './demo-view.ts';

/** Something was killed, and the ERP's agent knew after so long; `undefined`: the demo ended before. */
export interface Strike {
  readonly what: 'program' | 'host';
  readonly name: string;
  readonly noticedMs: number | undefined;
}

export function summaryLines(statistics: CallStatistics, strikes: readonly Strike[], paint: Paint): string[] {
  const { calls, failed, lost, worstMs, medianMs, billing } = statistics;
  const bad = failed + lost + billing.failed + billing.lost;
  const verdict =
    bad === 0
      ? paint.green(`${group(calls)} calls, none failed, none lost`)
      : paint.red(`${group(calls)} calls, ${failed + billing.failed} failed, ${lost + billing.lost} lost`);
  return [
    '',
    `  ${verdict}${paint.dim(`   median ${showDuration(medianMs)}, worst ${showDuration(worstMs)}`)}`,
    ...strikes.map((strike) => paint.dim(`  ${strikeText(strike)}`)),
    '',
    '  Now yours:',
    `    ${paint.cyan('fogata init; fogata up --serve crm=http://127.0.0.1:8080')}`,
    `    ${paint.cyan('curl http://crm.localhost:7471/')}`,
    `    ${paint.cyan('fogata invite')}   and on each other host   ${paint.cyan('fogata join TOKEN; fogata up')}`,
    '',
  ];
}

function strikeText({ what, name, noticedMs }: Strike): string {
  const thing = what === 'program' ? `kill -9 of the CRM on ${name}` : `host ${name} gone`;
  return noticedMs === undefined ? thing : `${thing}: the ERP's host knew after ${showDuration(noticedMs)}`;
}

/** `fogata demo --json`. */
export function summaryJson(statistics: CallStatistics, strikes: readonly Strike[], startMs: number): object {
  const { calls, failed, lost, worstMs, medianMs, answeredBy, billing } = statistics;
  const first = strikes[0];
  return {
    calls,
    failed: failed + billing.failed,
    lost: lost + billing.lost,
    killed: first?.name ?? null,
    answeredBy,
    worstMs: roundedMs(worstMs),
    medianMs: roundedMs(medianMs),
    noticedMs: first?.noticedMs === undefined ? null : roundedMs(first.noticedMs),
    startMs: roundedMs(startMs),
    billing,
  };
}
