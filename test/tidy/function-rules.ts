import type { Finding, SourceFile } from './source-file.ts';

const linesMax = 70;
const controlWord = /(?<![\w$.])(?:if|for|while|switch|catch|with|await)$/;

/** Where the parenthesis that closes at `end` opens. */
function openingOf(code: string, end: number): number {
  let depth = 0;
  for (let i = end; i >= 0; i -= 1) {
    if (code[i] === ')') depth += 1;
    else if (code[i] === '(') depth -= 1;
    if (depth === 0) return i;
  }
  return -1;
}

/** Whether the brace at `at` opens a body: after `=>`, or after `(…)` or `(…): Type` that no control word stands before. */
function opensBody(code: string, at: number): boolean {
  const before = code.slice(0, at).trimEnd();
  if (before.endsWith('=>')) return true;
  const close = before.lastIndexOf(')');
  if (close < 0 || !/^(?:\s*:[^;{}]*)?$/.test(before.slice(close + 1))) return false;
  return !controlWord.test(before.slice(0, openingOf(code, close)).trimEnd());
}

interface Body {
  readonly from: number;
  /** Lines of its own that are not blank: what stands inside a function within it counts there. */
  lines: number;
}

/** Every function body of a file, with the first and the number of its own lines. */
export function bodiesOf(code: string): readonly Body[] {
  const done: Body[] = [];
  const open: (Body | undefined)[] = [];
  let line = 1;
  let hasCode = false;
  for (let at = 0; at <= code.length; at += 1) {
    const char = code[at];
    if (char === '\n' || char === undefined) {
      const body = open.findLast((each) => each !== undefined && each.from < line);
      if (body !== undefined && hasCode) body.lines += 1;
      line += 1;
      hasCode = false;
      continue;
    }
    if (char === '{') open.push(opensBody(code, at) ? { from: line, lines: 0 } : undefined);
    if (char === '}') {
      const body = open.pop();
      if (body !== undefined) done.push(body);
    }
    hasCode ||= char.trim() !== '' && !(char === '}' && open.length === 0);
  }
  return done;
}

export function functionFindings(file: SourceFile): Finding[] {
  if (/\.test\.tsx?$/.test(file.path) || file.path.startsWith('test/')) return [];
  return bodiesOf(file.code).flatMap(({ from, lines }) => {
    if (lines <= linesMax) return [];
    const message = `a function of ${lines} lines of its own, the most is ${linesMax}. Cure: find the step in it that has a name`;
    return [{ rule: 'function-length', path: file.path, line: from, message }];
  });
}
