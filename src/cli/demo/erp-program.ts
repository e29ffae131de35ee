// The ERP: a plain HTTP program that asks http://crm.localhost:PORT/leads, a URL like any other. It knows nothing of
// Fogata. Usage: erp-program PORT CALLS-PER-SECOND. Reports to the demo line by line; "stop" ends it in order.
import { Agent, createServer, request } from 'node:http';
import { systemClock } from '../../runtime/system-clock.ts';
import type { CallReport, CallResult } from './call-report.ts';

const [port = '', rate = '50'] = process.argv.slice(2);
const clock = systemClock();
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** A person would have gone by then. */
const answerMsMax = 5_000;
const reportIntervalMs = 100;
/** One call in so many is for an invoice. */
const billingEvery = 8;

const callIntervalMs = 1_000 / Number(rate);
const state = { results: [] as CallResult[], open: 0, made: 0, isStopping: false };

function call(service: CallResult['service'], path: string): void {
  const startedAt = clock.now();
  state.open += 1;
  let isEnded = false;
  const end = (outcome: CallResult['outcome'], by: string): void => {
    if (isEnded) return;
    isEnded = true;
    state.open -= 1;
    state.results.push({ service, outcome, by, ms: clock.now() - startedAt });
  };
  // The name is spelt out, as every resolver that knows RFC 6761 would have found it: *.localhost is this host.
  const headers = { host: `${service}.localhost:${port}` };
  const outgoing = request({ host: '127.0.0.1', port, path, headers, agent, timeout: answerMsMax }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (bytes: Buffer) => chunks.push(bytes));
    response.on('error', () => end('lost', ''));
    response.on('end', () => {
      const isGood = response.statusCode === 200;
      end(isGood ? 'answered' : 'failed', isGood ? answererOf(Buffer.concat(chunks).toString('utf8')) : '');
    });
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
  outgoing.on('error', () => end('lost', ''));
  outgoing.end();
}

function answererOf(body: string): string {
  try {
    return (JSON.parse(body) as { from: string }).from;
  } catch {
    return '';
  }
}

/** At a steady pace, whatever the answers do: as people would, and so that a pause can be seen. */
function callSteadily(dueAt: number): void {
  if (state.isStopping) return;
  state.made += 1;
  if (state.made % billingEvery === 0) call('billing', '/invoices');
  else call('crm', '/leads');
  const nextAt = Math.max(dueAt + callIntervalMs, clock.now() - 10 * callIntervalMs);
  clock.schedule(Math.max(0, nextAt - clock.now()), () => callSteadily(nextAt));
}

function report(): void {
  const isLast = state.isStopping && state.open === 0;
  const said: CallReport = { results: state.results, open: state.open, isLast };
  state.results = [];
  process.stdout.write(`${JSON.stringify(said)}\n`);
  if (isLast) process.exit(0);
  clock.schedule(reportIntervalMs, report);
}

process.stdin.on('data', (bytes: Buffer) => {
  if (bytes.includes('stop')) state.isStopping = true;
});
process.stdin.on('end', () => process.exit(0));

// An API of its own, which keeps the process alive as any server does.
createServer((_request, response) => response.end('ERP\n')).listen(0, '127.0.0.1');
callSteadily(clock.now());
report();
