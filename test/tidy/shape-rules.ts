import { folderOf, isShipped, isTest, levels } from './folders.ts';
import { type Finding, findings, lineAt, type SourceFile } from './source-file.ts';

const bannedWords = 'util helper common shared misc manager handler base impl core'.split(' ');
const linesMax = 300;
const testLinesMax = 400;

const isTestCode = (path: string) => isTest(path) || path.startsWith('test/');
const isSettings = (path: string) => /^[\w.-]+\.config\.ts$/.test(path.split('/').at(-1) ?? '');

function nameFindings({ path }: SourceFile): Finding[] {
  const found: Finding[] = [];
  const report = (message: string) => found.push({ rule: 'name', path, line: 0, message });
  const parts = path.replace(/\.\w+$/, '').split('/');
  for (const part of parts) {
    if (!/^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part)) {
      report(`"${part}" is not kebab-case. Cure: lower case, words joined by "-", after the one thing it exports`);
    }
    const word = part.split(/[-.]/).find((each) => bannedWords.includes(each.replace(/(?<=..)s$/, '')));
    if (word !== undefined)
      report(`"${word}" says nothing of what is in it. Cure: name it after the one thing it exports`);
  }
  const folder = folderOf(path);
  if (folder === '' && parts.at(-1) !== 'index')
    report('only index.ts stands in src itself. Cure: move it to a folder');
  if (folder && !(folder in levels) && !['runtime', 'testing'].includes(folder)) {
    report(`the folder "${folder}" has no level. Cure: decide it in docs/architecture.md and test/tidy/folders.ts`);
  }
  return found;
}

function lengthFindings({ path, lineCount }: SourceFile): Finding[] {
  const max = isTestCode(path) ? testLinesMax : linesMax;
  if (lineCount <= max) return [];
  const message = `${lineCount} lines, the most is ${max}. Cure: find the second thing in it and give it a file of its own`;
  return [{ rule: 'length', path, line: 0, message }];
}

/** `class A extends B`, where neither is an error; `class A<T extends B>` is none. */
function inheritanceFindings(file: SourceFile): Finding[] {
  const found: Finding[] = [];
  for (const match of file.code.matchAll(/(?<![\w$.])class\b\s*([\w$]*)\s*/g)) {
    const name = match[1] ?? '';
    const rest = file.code.slice(match.index + match[0].length);
    const parent = /^extends\s+([\w$.]+)/.exec(withoutTypeParameters(rest))?.[1];
    if (name === 'extends' || (parent !== undefined && !parent.endsWith('Error'))) {
      const message = `class ${name} inherits from ${parent ?? 'another'}. Cure: hold one and call it; only errors inherit`;
      found.push({ rule: 'inheritance', path: file.path, line: lineAt(file.code, match.index), message });
    }
  }
  return found;
}

function withoutTypeParameters(text: string): string {
  if (!text.startsWith('<')) return text;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '<') depth += 1;
    else if (text[i] === '>' && text[i - 1] !== '=') depth -= 1;
    if (depth === 0) return text.slice(i + 1).trimStart();
  }
  return text;
}

function syntaxFindings(file: SourceFile): Finding[] {
  const { code } = file;
  const defaultExport = /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g;
  const enumeration = /(?<![\w$.])enum\s+[\w$]+\s*\{/g;
  // Tests may call a value of a property `any`; there oxlint, which knows types from values, has to be enough.
  const anyType =
    /(?:[:<|&]|\b(?:as|extends|satisfies|type\s[^=;]*=))\s*any(?![\w$]|\s*[(.:?])|(?<![\w$.])any(?=\[\]|>)/g;
  return [
    ...(isSettings(file.path)
      ? []
      : findings('default-export', file, code, defaultExport, () => 'a default export. Cure: export it by its name')),
    ...findings('enum', file, code, enumeration, (word) => `"${word}" is not erasable. Cure: a union of literals`),
    ...findings(
      'any',
      file,
      isTestCode(file.path) ? '' : code,
      anyType,
      () => '"any" switches the checker off. Cure: unknown, and narrow it',
    ),
  ];
}

/** What only shipped code must keep to. */
function moduleFindings(file: SourceFile): Finding[] {
  if (!isShipped(file)) return [];
  const state = /^(?:export\s+)?(?:let|var)\s+[\w$]+/gm;
  const star = /\bexport\s*\*/g;
  return [
    ...findings(
      'state',
      file,
      file.code,
      state,
      (word) => `"${word}" is module state. Cure: put it in what a function returns`,
    ),
    ...findings('star', file, file.code, star, () => '"export *" hides what is exported. Cure: list the names by hand'),
  ];
}

function commentFindings(file: SourceFile): Finding[] {
  const unfinished = /\b(?:TODO|FIXME|XXX|HACK)\b/g;
  const silenced = /@ts-(?:ignore|nocheck)/g;
  return [
    ...findings('unfinished', file, file.comments, unfinished, (word) => `"${word}". Cure: do it, or open an issue`),
    ...findings('silenced', file, file.comments, silenced, (word) => `"${word}" hides an error. Cure: mend the type`),
  ];
}

export function shapeFindings(file: SourceFile): Finding[] {
  return [
    ...nameFindings(file),
    ...lengthFindings(file),
    ...inheritanceFindings(file),
    ...syntaxFindings(file),
    ...moduleFindings(file),
    ...commentFindings(file),
  ];
}
