import { expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import type { AgentStatus } from './agent-status.ts';
import { statusJson } from './status-json.ts';

it('has times that others can read, no figures of noise, and null for what is not known', () => {
  const clock = { now: () => 1_000, wallTime: () => Date.UTC(2026, 0, 2) } as Clock;
  const remembered = { peers: 2, state: 'working', since: 400, lastError: undefined };
  const status = { uptimeMs: 600.123456, discovery: { remembered, copies: [{ firstAt: 0 }] } };
  expect(statusJson(status as unknown as AgentStatus, clock)).toEqual({
    uptimeMs: 600.123,
    discovery: {
      remembered: { peers: 2, state: 'working', since: '2026-01-01T23:59:59.400Z', lastError: null },
      copies: [{ firstAt: '2026-01-01T23:59:59.000Z' }],
    },
  });
});
