import type { RuleReport } from '../agent/service-rules.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { keepProcessAlive } from '../runtime/keep-alive.ts';
import { ExitCode } from './exit-code.ts';
import type { MaintenanceChange } from './maintenance-change.ts';
import type { VerbContext } from './verb-context.ts';

/** How long work in hand is waited for; it goes on all the same. */
const drainWaitMs = 30_000;
const lookMs = 100;

/** Changes how the instance on one node takes work; of one that is drained, waits until its hands are empty. */
export async function maintain(context: VerbContext, service: string, change: MaintenanceChange): Promise<number> {
  const { askAgent } = await import('../client/ask-agent.ts');
  const socket = await context.agentSocket();
  const { node, ...rest } = change;
  const path = `/v1/services/${encodeURIComponent(service)}/instances/${encodeURIComponent(node)}`;
  let report = (await askAgent(socket, 'PATCH', path, rest)) as RuleReport;
  if (change.drained === true && report.inFlight > 0) {
    context.note(`${service} on ${node} gets nothing new; ${report.inFlight} in hand`);
    report = await emptied(async () => (await askAgent(socket, 'GET', path)) as RuleReport);
  }
  if (context.json) context.printJson(report);
  else context.print(reportText(report));
  if (!report.drained || report.inFlight === 0) return ExitCode.good;
  throw new FogataError(
    'deadline',
    `${report.inFlight} still in hand after ${drainWaitMs / 1_000} s; it stays drained`,
  );
}

async function emptied(look: () => Promise<RuleReport>): Promise<RuleReport> {
  const { systemClock } = await import('../runtime/system-clock.ts');
  const clock = systemClock();
  const endAt = clock.now() + drainWaitMs;
  const release = keepProcessAlive();
  try {
    for (;;) {
      const report = await look();
      if (report.inFlight === 0 || !report.drained || clock.now() >= endAt) return report;
      await new Promise<void>((resolve) => void clock.schedule(lookMs, resolve));
    }
  } finally {
    release();
  }
}

/** `crm on db1: drained, nothing in hand` */
export function reportText({ service, node, state, drained, weight, inFlight }: RuleReport): string {
  const hand = inFlight === 0 ? 'nothing in hand' : `${inFlight} in hand`;
  const what = drained ? `drained, ${hand}` : `${state ?? 'not served now'}, weight ${weight ?? 'its own'}`;
  return `${service} on ${node}: ${what}`;
}
