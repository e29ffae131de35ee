import { roundedMs } from '../api/outcome-json.ts';
import type { JsonValue } from '../protocol/body.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTimeOf } from '../runtime/iso-time.ts';
import type { AgentStatus } from './agent-status.ts';

/** Where the inside has a time of its monotonic clock. */
const times: ReadonlySet<string> = new Set(['since', 'firstAt', 'lastAt']);

/** A status for whoever has another clock: times as ISO 8601, numbers to a thousandth, what is not known as null. */
export function statusJson(status: AgentStatus, clock: Clock): JsonValue {
  const offsetMs = clock.wallTime() - clock.now();
  const text = JSON.stringify(status, (name, part: unknown) => {
    if (part === undefined) return null;
    if (typeof part !== 'number') return part;
    return times.has(name) ? isoTimeOf(offsetMs + part) : roundedMs(part);
  });
  return JSON.parse(text) as JsonValue;
}
