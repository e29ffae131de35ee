/**
 * A source file in two layers of the same length and the same lines: `code` with every comment and every text blanked
 * out, `comments` with everything else blanked out. Rules look for words in one of them and cannot be fooled by the other.
 */
export interface Layers {
  readonly code: string;
  readonly comments: string;
}

/** After one of these a slash begins a regular expression, not a division. */
const beforeRegex = /(?:^|[^\w$)\]}."'`]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield))$/;

const onlySpace = (text: string) => text.replace(/[^\n]/g, ' ');

/** Where the text, template part or regular expression that begins at `from` ends (the index after its last character). */
function endOfText(source: string, from: number): number {
  const quote = source[from];
  let inClass = false;
  for (let i = from + 1; i < source.length; i += 1) {
    const char = source[i];
    if (char === '\\') i += 1;
    else if (char === '\n' && quote !== '`') return i;
    else if (quote === '/' && char === '[') inClass = true;
    else if (quote === '/' && char === ']') inClass = false;
    else if (char === quote && !inClass) return i + 1;
    else if (quote === '`' && char === '$' && source[i + 1] === '{') return i + 2;
  }
  return source.length;
}

function endOfComment(source: string, from: number): number {
  const isBlock = source[from + 1] === '*';
  const end = source.indexOf(isBlock ? '*/' : '\n', from + 2);
  if (end < 0) return source.length;
  return isBlock ? end + 2 : end;
}

/** The delimiters stay, so that `from 'x'` can still be seen to have a text there. */
function blankedText(text: string): string {
  if (text.length === 1) return text;
  const tail = /(?:\$\{|["'`/]|)$/.exec(text.slice(1))?.[0] ?? '';
  return text.charAt(0) + onlySpace(text.slice(1, text.length - tail.length)) + tail;
}

type Lexeme = 'comment' | 'text' | 'code';

function lexemeAt(source: string, at: number, code: string): Lexeme {
  const char = source[at];
  const next = source[at + 1];
  if (char === '/' && (next === '/' || next === '*')) return 'comment';
  if (char === '/') return beforeRegex.test(code.trimEnd().slice(-12)) ? 'text' : 'code';
  return char === '"' || char === "'" || char === '`' ? 'text' : 'code';
}

export function blank(source: string): Layers {
  let code = '';
  let comments = '';
  /** For each template that is open: how many braces are open inside its `${`. */
  const templates: number[] = [];
  for (let at = 0; at < source.length; ) {
    const char = source[at] ?? '';
    const depth = templates.at(-1);
    const resumesTemplate = char === '}' && depth === 0;
    const lexeme = resumesTemplate ? 'text' : lexemeAt(source, at, code);
    if (lexeme === 'comment') {
      const text = source.slice(at, endOfComment(source, at));
      code += onlySpace(text);
      comments += text;
      at += text.length;
    } else if (lexeme === 'text') {
      if (resumesTemplate) templates.pop();
      const end = resumesTemplate ? endOfText(`\`${source.slice(at + 1)}`, 0) + at : endOfText(source, at);
      const text = source.slice(at, end);
      if ((char === '`' || resumesTemplate) && text.endsWith('${')) templates.push(0);
      code += blankedText(text);
      comments += onlySpace(text);
      at = end;
    } else {
      if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && char === '}') templates[templates.length - 1] = depth - 1;
      code += char;
      comments += char === '\n' ? char : ' ';
      at += 1;
    }
  }
  return { code, comments };
}
