import type { core } from 'zod';
import { nearestWord } from './nearest-word.ts';

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  readonly path: readonly PropertyKey[];
  /** Whether the name or what stands after it is wrong. */
  readonly at: 'key' | 'value';
  /** What the text is about, `serve.crm.weight`; '' where the text says it. */
  readonly label: string;
  /** One line for people, without place and label. */
  readonly text: string;
}

type KnownKeys = (parent: readonly PropertyKey[]) => readonly string[];

/** What a validation found, in words; `input` is what was validated. */
export function configProblems(error: core.$ZodError, input: unknown, knownKeys: KnownKeys): ConfigProblem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, [], input, knownKeys));
}

function problemsOf(
  issue: core.$ZodIssue,
  parent: readonly PropertyKey[],
  input: unknown,
  knownKeys: KnownKeys,
): ConfigProblem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: 'key',
      label: '',
      text: unknownKey(key, knownKeys(path)),
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, at: 'key', label: labelOf(path.slice(0, -1)), text: issue.issues[0]?.message ?? issue.message }];
  }
  const found = valueAt(input, path);
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((issues) => isNearer(issues, found));
    if (branch) return branch.flatMap((inner) => problemsOf(inner, path, input, knownKeys));
  }
  const text = issue.code === 'custom' ? issue.message : `expected ${issue.message}, found ${shown(found)}`;
  return [{ path, at: 'value', label: labelOf(path), text }];
}

/** The branch of a union that was meant: the one whose type fits, so that its fault lies deeper than "wrong type". */
function isNearer(issues: readonly core.$ZodIssue[], found: unknown): boolean {
  const isMap = typeof found === 'object' && found !== null && !Array.isArray(found);
  if (typeof found !== 'string' && typeof found !== 'number' && !isMap) return false;
  return issues.every(
    (issue) => !(issue.code === 'invalid_type' && issue.path.length === 0 && issue.expected !== 'int'),
  );
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearestWord(key, known);
  const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`;
  return `unknown key ${JSON.stringify(key)} (${hint})`;
}

function labelOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

const shownLengthMax = 60;

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'bigint' ? `${value}` : (JSON.stringify(value) ?? typeof value);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
}
