import { blank } from './blank.ts';

/** One `import`, `export … from` or `import()`. */
export interface Import {
  readonly specifier: string;
  /** Gone after compiling: `import type`, `export type … from`. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** From the root of the repository, with slashes: `src/links/tcp.ts`. */
  readonly path: string;
  readonly lineCount: number;
  /** See `blank`. */
  readonly code: string;
  readonly comments: string;
  readonly imports: readonly Import[];
}

export interface Finding {
  readonly rule: string;
  readonly path: string;
  /** 0 where the file as a whole is meant. */
  readonly line: number;
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

const importForms = [
  { form: /\b(?:import|export)\s+(type\b)?(?:[\w$*{}\s,]|\bas\b)*?\bfrom\s*(["'])/g, type: 1, quote: 2 },
  { form: /\bimport\s*(["'])/g, type: undefined, quote: 1 },
  { form: /\bimport\s*\(\s*(["'`])/g, type: undefined, quote: 1 },
] as const;

export const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;

function importsOf(source: string, code: string): Import[] {
  const found: Import[] = [];
  for (const { form, type, quote } of importForms) {
    for (const match of code.matchAll(form)) {
      const start = match.index + match[0].length;
      const end = code.indexOf(match[quote] ?? '', start);
      const isTypeOnly = type !== undefined && match[type] !== undefined;
      found.push({ specifier: source.slice(start, end), isTypeOnly, line: lineAt(code, start) });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

export function sourceFile(path: string, source: string): SourceFile {
  const { code, comments } = blank(source);
  const lineCount = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
  return { path, lineCount, code, comments, imports: importsOf(source, code) };
}

/** Every place in `layer` where `pattern` (with the g flag) stands, as a finding. */
export function findings(
  rule: string,
  file: SourceFile,
  layer: string,
  pattern: RegExp,
  message: (word: string) => string,
): Finding[] {
  return [...layer.matchAll(pattern)].map((match) => ({
    rule,
    path: file.path,
    line: lineAt(layer, match.index),
    message: message(match[0].trim()),
  }));
}
