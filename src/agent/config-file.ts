import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import { FogataError } from '../protocol/fogata-error.ts';
import { type ConfigProblem, configProblems } from './config-problem.ts';
import { type ConfigLayer, configSchema, knownConfigKeys } from './config-schema.ts';

const problemsShown = 10;

/**
 * Reads a configuration file. Throws FogataError `config` whose message has one line for each problem,
 * `FILE:LINE:COLUMN: …`; `file` is how the file is called there.
 */
export function parseConfigFile(file: string, text: string): ConfigLayer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) {
    throw failure(document.errors.map((error) => `${place(error.pos[0])}: ${yamlProblem(error, text)}`));
  }
  const input = toPlain(document, place);
  const parsed = configSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = configProblems(parsed.error, input, knownConfigKeys)
    .map((problem) => ({ ...problem, offset: offsetOf(document.contents, problem) }))
    .sort((a, b) => a.offset - b.offset);
  throw failure(
    problems.map((found) => `${place(found.offset)}: ${found.label === '' ? '' : `${found.label}: `}${found.text}`),
  );
}

/** An alias that leads nowhere, or aliases that multiply beyond measure, show only now. */
function toPlain(document: ReturnType<typeof parseDocument>, place: (offset: number) => string): unknown {
  try {
    // An empty file says nothing, which is fine.
    return document.toJS() ?? {};
  } catch (error) {
    const offset = deadAliasAt(document) ?? 0;
    throw failure([`${place(offset)}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function deadAliasAt(document: ReturnType<typeof parseDocument>): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) offset ??= startOf(alias);
    },
  });
  return offset;
}

function yamlProblem(error: { code: string; message: string; pos: [number, number] }, text: string): string {
  if (error.code === 'MULTIPLE_DOCS') return 'a second document begins here; a configuration is one';
  if (error.code !== 'DUPLICATE_KEY') return error.message;
  const key = /^["']?([^\s"':]*)/.exec(text.slice(error.pos[0]))?.[1] ?? '';
  return `${JSON.stringify(key)} stands here twice`;
}

/** Where in the text the name or the value of a path stands; for what is not there, where its nearest parent does. */
function offsetOf(contents: Node | null, problem: ConfigProblem): number {
  let node: unknown = contents;
  let offset = startOf(contents) ?? 0;
  for (const [i, step] of problem.path.entries()) {
    const isLast = i === problem.path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item: Pair) => keyOf(item) === String(step));
      if (pair === undefined) return offset;
      const keyOffset = startOf(pair.key) ?? offset;
      if (isLast && problem.at === 'key') return keyOffset;
      offset = startOf(pair.value) ?? keyOffset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      offset = startOf(item) ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

function failure(lines: readonly string[]): FogataError {
  const rest = lines.length - problemsShown;
  const shown = rest > 0 ? [...lines.slice(0, problemsShown), `and ${rest} more`] : lines;
  return new FogataError('config', shown.join('\n'));
}
