import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listen } from '../../../test/agent/proxy-bed.ts';
import { systemClock } from '../../runtime/system-clock.ts';
import { systemRandom } from '../../runtime/system-random.ts';
import { checkSpecs } from './check-specs.ts';
import { targetHealth } from './target-health.ts';

it('of several checks the worst counts, and says why', async () => {
  const answer = { status: 200 };
  const server = createServer((_request, response) => {
    response.statusCode = answer.status;
    response.end('said');
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const quick = { interval: '100ms' };
  const checks = checkSpecs({ service: 'crm', url }, [
    { tcp: true, ...quick },
    { http: '/', ...quick },
    { heartbeat: '1m' },
  ]);
  const told: string[] = [];
  const waiting = new Map<string, () => void>();
  const health = targetHealth({
    clock: systemClock(),
    random: systemRandom(),
    checks,
    setState(state, note) {
      told.push(`${state} ${note}`);
      waiting.get(told.at(-1) ?? '')?.();
    },
  });
  const toldThat = (line: string) => {
    return told.at(-1) === line ? undefined : new Promise<void>((resolve) => waiting.set(line, resolve));
  };
  expect(told[0]).toMatch(/^down /);
  // Starting, as long as one has not said anything.
  await toldThat('down heartbeat: ');
  health.heartbeat('passing', '');
  expect(told.at(-1)).toBe('up ');
  health.heartbeat('warning', 'tired');
  expect(told.at(-1)).toBe('warning heartbeat: tired');
  answer.status = 500;
  await toldThat('down http /: 500 said');
  answer.status = 429;
  health.heartbeat('passing', '');
  await toldThat('warning http /: 429 said');
  expect(health.standings().map(({ name, state }) => `${name} ${state}`)).toEqual([
    'tcp passing',
    'http / warning',
    'heartbeat passing',
  ]);
  health.stop();
  server.closeAllConnections();
  server.close();
});
