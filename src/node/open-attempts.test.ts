import { describe, expect, it } from 'vitest';
import { owner } from '../../test/delivery/stream-bed.ts';
import type { StreamEvents } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { OpenRequest, OpenResult } from './node.ts';
import { openAttempts } from './open-attempts.ts';

const request: ProgramOpen = {
  to: { service: 'crm', node: '' },
  command: 'talk',
  params: {},
  bodyKind: 'none',
  body: new Uint8Array(0),
  idempotent: false,
  deadlineMs: 100,
  fromService: '',
};

/** A node with as many instances as are asked for; each open is the test's to answer. */
function bed(fields: Partial<ProgramOpen> = {}, instances = Number.POSITIVE_INFINITY) {
  let now = 0;
  const opens: { readonly asked: OpenRequest; readonly events: StreamEvents; begun: boolean; reset: string }[] = [];
  const node = {
    open(asked: OpenRequest, events: StreamEvents): OpenResult {
      if (opens.length >= instances) return { ok: false, code: 'no-instance', reason: 'nobody else' };
      const one = { asked: { ...asked, avoid: [...asked.avoid] }, events, begun: false, reset: '' };
      opens.push(one);
      const stream = {
        begun: () => one.begun,
        write: () => true,
        end() {},
        consumed() {},
        unwrittenBytes: () => 0,
        blame() {},
        reset: (code: ErrorCode) => void (one.reset = code),
      };
      return { ok: true, stream, instance: { service: 'crm', node: `n${opens.length}` } };
    },
  };
  const told = owner();
  const clock = { now: () => now, wallTime: () => now, schedule: () => ({ cancel() {} }) };
  const stream = openAttempts(node, clock, { ...request, ...fields }, told);
  const advance = (ms: number): void => void (now += ms);
  return { opens, told: told.told, stream, advance };
}

describe('opening a stream somewhere', () => {
  it('goes on to others while nobody has begun, four in all, with what is left of the deadline', () => {
    const { opens, told, advance } = bed();
    for (let i = 0; i < 4; i++) {
      advance(10);
      expect(told).toEqual([]);
      opens[i]?.events.onReset('busy', `no room at ${i}`);
    }
    expect(opens.map(({ asked }) => [asked.deadlineMs, asked.avoid])).toEqual([
      [100, []],
      [90, ['n1']],
      [80, ['n1', 'n2']],
      [70, ['n1', 'n2', 'n3']],
    ]);
    expect(told).toEqual(['reset(busy)']);
  });

  it.each([
    ['a program was reached', (one: { events: StreamEvents; begun: boolean }) => one.events.onReady(), 'link-lost'],
    ['it may have begun', (one: { begun: boolean }) => (one.begun = true), 'link-lost'],
    ['it is over for all', () => undefined, 'deadline'],
    ['it is not permitted', () => undefined, 'not-allowed'],
  ] as const)('ends at the first when %s', (_what, happens, code) => {
    const { opens, told } = bed();
    const first = opens[0];
    if (first === undefined) throw new Error('nothing was opened');
    happens(first);
    first.events.onReset(code, '');
    expect([opens.length, told.at(-1)]).toEqual([1, `reset(${code})`]);
  });

  it('goes on although it may have begun when that does no harm', () => {
    const { opens } = bed({ idempotent: true });
    if (opens[0] !== undefined) opens[0].begun = true;
    opens[0]?.events.onReset('link-lost', '');
    expect(opens).toHaveLength(2);
  });

  it('tells why the last one refused when there is no other', () => {
    const { opens, told } = bed({}, 1);
    opens[0]?.events.onReset('draining', 'closing time');
    expect(told).toEqual(['reset(draining)']);
    expect(bed({}, 0).told).toEqual(['reset(no-instance)']);
  });

  it('tries nothing more after the deadline, or once it is given up', () => {
    const late = bed();
    late.advance(100);
    late.opens[0]?.events.onReset('busy', '');
    expect([late.opens.length, late.told]).toEqual([1, ['reset(deadline)']]);
    const given = bed();
    given.stream.reset('cancelled', '');
    expect(given.opens[0]?.reset).toBe('cancelled');
    given.opens[0]?.events.onReset('busy', '');
    expect([given.opens.length, given.told]).toEqual([1, []]);
  });
});
