import { afterEach, expect, it, vi } from 'vitest';
import type { Outcome } from '../api/outcome.ts';
import type { BodyValue } from '../protocol/body.ts';
import { noPaint } from './paint.ts';
import { showOutcome } from './show-outcome.ts';
import type { VerbContext } from './verb-context.ts';

const wasTerminal = process.stdout.isTTY;

afterEach(() => {
  process.stdout.isTTY = wasTerminal;
  vi.restoreAllMocks();
});

/** What a person, or a pipe, is shown of an outcome. */
function shown(outcome: Outcome, isTerminal: boolean) {
  const printed: string[] = [];
  const notes: string[] = [];
  process.stdout.isTTY = isTerminal;
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const context = {
    errorPaint: noPaint,
    print: (line: string) => printed.push(line),
    note: (line: string) => notes.push(line),
  } as unknown as VerbContext;
  const code = showOutcome(context, outcome);
  const raw = written.mock.calls.map(([what]) => what);
  written.mockRestore();
  return { code, printed, notes, raw };
}

function answered(body: BodyValue): Outcome {
  const instance = { service: 'crm', node: 'db1' };
  return { outcome: 'answered', id: 'a', elapsedMs: 12, instance, reply: { params: {}, body } };
}

it.each<[BodyValue, readonly string[]]>([
  ['hello\n', ['hello']],
  [Buffer.from('olé\r\n'), ['olé']],
  [Buffer.from([0xff, 0]), []],
  [Buffer.from('red \u001b[31m'), []],
  ['red \u001b[31m', ['red \\u001b[31m']],
  [{ a: 1 }, ['{\n  "a": 1\n}']],
  [undefined, []],
])('a terminal is shown %j as text, as far as it is text', (body, lines) => {
  expect(shown(answered(body), true)).toMatchObject({ code: 0, printed: lines, raw: [] });
});

it('a pipe gets every byte as it is', () => {
  const bytes = Buffer.from([0xff, 0, 10]);
  expect(shown(answered(bytes), false)).toMatchObject({ printed: [], raw: [bytes] });
  expect(shown(answered('a\n'), false).raw).toEqual(['a\n']);
});

it('a refusal says its code and reason before anything else', () => {
  const failure = { id: 'a', elapsedMs: 4.1, retryable: true, tried: [] };
  const refused = { ...failure, outcome: 'refused', code: 'no-instance', reason: 'nobody serves crm' } as const;
  expect(shown(refused, true)).toMatchObject({
    code: 1,
    notes: ['refused (no-instance): nobody serves crm · after 4.1 ms'],
  });
});
