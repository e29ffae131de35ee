import type { Settlement } from '../delivery/settlement.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { type CallRecord, type Execution, type History, isRunning } from './history.ts';
import { answerText } from './recorded-service.ts';
import { pausedMs, type VirtualNode } from './virtual-node.ts';

/** A deadline is looked at in buckets of 8 ms. */
const settleSlackMs = 20;

/** With these codes nobody was handed the message. */
const notDoneCodes: ReadonlySet<ErrorCode> = new Set([
  'no-instance',
  'unreachable',
  'busy',
  'not-allowed',
  'draining',
  'too-large',
  'invalid',
]);

/** What is wrong with the calls of a cluster that has come to rest by `now`, one line each. */
export function checkCalls(history: History, now: number): string[] {
  const found = [...history.faults];
  for (const record of history.calls.values()) {
    for (const text of checkCall(record, now)) found.push(`${describe(record)}: ${text}`);
  }
  return found;
}

function checkCall(record: CallRecord, now: number): string[] {
  return [...checkSettling(record, now), ...checkExecutions(record), ...checkOutcomes(record)];
}

/** Exactly one settlement, in time; none is owed to who is gone. */
function checkSettling({ origin, startedAt, deadlineMs, settledAt }: CallRecord, now: number): string[] {
  const [first, ...more] = settledAt;
  if (more.length > 0) return [`settled ${settledAt.length} times`];
  const dueAt = startedAt + deadlineMs + settleSlackMs;
  const at = first ?? now;
  if (first === undefined && !isRunning(origin)) return [];
  const late = at - dueAt - pausedMs(origin.node, startedAt, at);
  if (late <= 0) return [];
  return [first === undefined ? 'never settled' : `settled ${Math.round(late)} ms after its deadline`];
}

function checkExecutions({ kind, idempotent, executions }: CallRecord): string[] {
  const found: string[] = [];
  if (!idempotent) {
    const places = kind === 'publish' ? [...new Set(executions.map(({ node }) => node))] : [undefined];
    for (const place of places) {
      const count = executions.filter(({ node }) => place === undefined || node === place).length;
      if (count > 1)
        found.push(`not idempotent, and executed ${count} times: ${executions.map(showExecution).join(', ')}`);
    }
  }
  return found;
}

/**
 * How late the latest execution after its deadline was, 0 when none was. A deadline travels as time left [F10], so what a
 * message spends in the network or in the kernel of a frozen process is not known to its receiver. That such a message is
 * executed is no failure as long as its caller was not told otherwise, which the checks of outcomes see to; it is a figure
 * to watch.
 */
export function latestExecutionMs(history: History): number {
  let latest = 0;
  for (const { startedAt, deadlineMs, executions } of history.calls.values()) {
    for (const { at } of executions) latest = Math.max(latest, at - startedAt - deadlineMs);
  }
  return latest;
}

function checkOutcomes(record: CallRecord): string[] {
  const { settlements, kind, settledAt } = record;
  if (kind !== 'publish') return settlements.flatMap((one) => checkOutcome(record, one, record.executions));
  const found: string[] = [];
  // A node that came back without its disk is there twice for a while, under two ids and one name: one takes the message,
  // of the other it is true that it was not reached. Who took an idempotent one may let its deadline pass (seed 72002).
  const mayHave = (one: Settlement) => isTaken(one) || (record.idempotent && one.outcome === 'expired');
  const takers = settlements.filter(mayHave).map(({ instance }) => instance?.node ?? '');
  const delivered = settlements.filter(({ outcome }) => outcome === 'delivered').map(({ instance }) => instance?.node);
  if (new Set(delivered).size < delivered.length && settledAt.length === 1) {
    found.push(`delivered to one instance twice: ${delivered.join(' ')}`);
  }
  for (const one of settlements) {
    if (!isTaken(one) && takers.includes(one.instance?.node ?? '')) continue;
    const there = record.executions.filter(({ node }) => node.name === one.instance?.node);
    found.push(...checkOutcome(record, one, there));
  }
  return found;
}

function isTaken({ outcome }: Settlement): boolean {
  return outcome === 'delivered' || outcome === 'unknown';
}

function checkOutcome(record: CallRecord, settlement: Settlement, executions: readonly Execution[]): string[] {
  const { outcome, code, instance, body } = settlement;
  const done = executions.map(showExecution).join(', ');
  switch (outcome) {
    case 'answered': {
      const by = executions.find((execution) => execution.node.name === instance?.node);
      if (by === undefined)
        return [`answered by ${instance?.node}, who did not execute it; done: ${done || 'nowhere'}`];
      const said = new TextDecoder().decode(body);
      const told = executions.some((execution) => said === answerText(execution, record.id));
      return told ? [] : [`the answer is ${JSON.stringify(said)}, but it was done: ${done}`];
    }
    case 'delivered':
      return executions.length > 0 ? [] : ['delivered, but executed nowhere'];
    case 'expired':
      return executions.length > 0 && !record.idempotent ? [`expired, but executed: ${done}`] : [];
    case 'refused':
      return code !== undefined && notDoneCodes.has(code) && executions.length > 0
        ? [`refused(${code}), but executed: ${done}`]
        : [];
    default:
      return [];
  }
}

function showExecution({ node, run, at }: Execution & { readonly node: VirtualNode }): string {
  return `${node.name}#${run} at ${at.toFixed(1)}`;
}

function describe({
  id,
  kind,
  service,
  command,
  idempotent,
  deadlineMs,
  origin,
  startedAt,
  settlements,
}: CallRecord): string {
  const outcomes = settlements.map(({ outcome, code }) => (code === undefined ? outcome : `${outcome}(${code})`));
  const which = `${kind} ${id.slice(0, 8)} ${service}.${command}${idempotent ? ' idempotent' : ''}`;
  return `${which} from ${origin.node.name}#${origin.run} at ${startedAt.toFixed(1)} for ${deadlineMs} ms → ${outcomes.join(' ') || 'nothing'}`;
}
