import type { ChecksView, CheckView, ProgramHealthView } from '../api/checks-view.ts';
import { stateBrush } from './nodes.ts';
import type { Paint } from './paint.ts';
import { showLine } from './show-text.ts';
import { showAge } from './show-time.ts';
import { type Cell, table } from './table.ts';

/** What of an output is shown beside others. */
const lineMax = 60;
/** And where it is asked for. */
const outputMax = 4_096;

/** A line for each program and each of its checks; `whole`: all that was said last. */
export function checksText({ programs }: ChecksView, now: number, whole: boolean, paint: Paint): string[] {
  if (programs.length === 0) return ['No program of this host serves anything.'];
  const rows = programs.flatMap((program) => [
    programRow(program, now, paint),
    ...program.checks.map((check) => checkRow(check, now, paint)),
  ]);
  const columns = [
    { title: 'PROGRAM' },
    { title: 'STATE' },
    { title: 'SINCE', align: 'right' as const },
    { title: 'NEXT', align: 'right' as const },
    { title: 'SAYS' },
  ];
  const lines = table(columns, rows, paint.dim);
  if (!whole) return lines;
  const outputs = programs.flatMap(({ checks }) => checks.filter(({ output }) => output !== ''));
  return [...lines, ...outputs.flatMap(({ name, output }) => ['', paint.bold(name), ...outputLines(output)])];
}

function programRow({ service, by, state, since, note, heldMs }: ProgramHealthView, now: number, paint: Paint) {
  const held = heldMs === null ? '' : `comes and goes: must be well for ${showAge(heldMs)}; `;
  const row: (Cell | string)[] = [
    { text: `${service} (${by})`, brush: paint.bold },
    { text: state, brush: stateBrush(state, paint) },
    showAge(now - Date.parse(since)),
    '',
    showLine(`${held}${note}`, lineMax + held.length),
  ];
  return row;
}

function checkRow({ name, state, since, output, nextRun }: CheckView, now: number, paint: Paint) {
  const brush = { passing: paint.green, warning: paint.yellow, critical: paint.red, starting: paint.yellow }[state];
  const row: (Cell | string)[] = [
    `  ${name}`,
    { text: state, brush },
    showAge(now - Date.parse(since)),
    nextRun === null ? '–' : showAge(Math.max(0, Date.parse(nextRun) - now)),
    showLine(output, lineMax),
  ];
  return row;
}

function outputLines(output: string): string[] {
  return output.split('\n').map((line) => showLine(line, outputMax));
}
