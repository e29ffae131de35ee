import { folderOf, isPure, isShipped, isTest } from './folders.ts';
import { type Finding, findings, type SourceFile } from './source-file.ts';

/** A global by its own name or on globalThis, but not a method of something else: `clock.setTimeout` is fine. */
const global = (words: string) => new RegExp(`(?:(?<![\\w$.#])|\\bglobalThis\\s*\\.\\s*)(?:${words})(?![\\w$])`, 'g');

const impure = global(
  'Date|console(?=\\s*[.[])|process(?=\\s*[.[])|async|await|Promise|queueMicrotask|fetch(?=\\s*\\()',
);

const clocks = global(
  [
    'Date\\s*\\.\\s*now',
    'Date\\s*\\(\\s*\\)',
    'performance\\s*\\.\\s*(?:now|timeOrigin)',
    'process\\s*\\.\\s*(?:hrtime|uptime)',
    'AbortSignal\\s*\\.\\s*timeout',
    '(?:setTimeout|setInterval|setImmediate|requestAnimationFrame)(?=\\s*[(,;)])',
  ].join('|'),
);

const chances = global(
  'Math\\s*\\.\\s*random|crypto\\s*\\.\\s*(?:random\\w+|getRandomValues)|randomBytes|randomUUID|randomInt|randomFill(?:Sync)?|getRandomValues',
);

function pureFindings(file: SourceFile): Finding[] {
  if (!isPure(file)) return [];
  return findings(
    'pure',
    file,
    file.code,
    impure,
    (word) =>
      `"${word}" in a pure folder: protocol and the machines never wait, send, log or ask the time. ` +
      'Cure: take it as an input, or return an effect that node performs',
  );
}

function clockFindings(file: SourceFile): Finding[] {
  if (!isShipped(file) || folderOf(file.path) === 'runtime') return [];
  return [
    ...findings(
      'clock',
      file,
      file.code,
      clocks,
      (word) => `"${word}" outside runtime. Cure: take a Clock (runtime/clock.ts)`,
    ),
    ...findings(
      'chance',
      file,
      file.code,
      chances,
      (word) => `"${word}" outside runtime. Cure: take a Random (runtime/random.ts)`,
    ),
  ];
}

const sleep = global('setTimeout(?=\\s*\\()|setInterval(?=\\s*\\()');

/** No sleeps outside e2e: what needs time to pass is tested on virtual time. */
function sleepFindings(file: SourceFile): Finding[] {
  const isReal = file.path.startsWith('test/e2e/') || folderOf(file.path) === 'runtime';
  if (isReal || !(isTest(file.path) || file.path.startsWith('test/'))) return [];
  const cure = 'Cure: drive the virtual clock of src/testing, or wait for the event itself';
  const modules = file.imports.filter((entry) => /^(node:)?timers\b/.test(entry.specifier));
  return [
    ...findings('sleep', file, file.code, sleep, (word) => `"${word}" in a test waits in real time. ${cure}`),
    ...modules.map(({ line, specifier }) => ({
      rule: 'sleep',
      path: file.path,
      line,
      message: `imports "${specifier}": a test that waits in real time. ${cure}`,
    })),
  ];
}

export function purityFindings(file: SourceFile): Finding[] {
  return [...pureFindings(file), ...clockFindings(file), ...sleepFindings(file)];
}
