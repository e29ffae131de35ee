import { describe, expect, it } from 'vitest';
import { commandBytesMax, nameBytesMax } from './limits.ts';
import { checkCommand, checkName, isCommand, isCommandAt, isName, isNameAt } from './names.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const names = ['a', '0', 'crm', 'crm-2', 'a.b_c-d', 'x--y', 'a'.repeat(nameBytesMax)];
const noNames = [
  ['', 'empty'],
  ['a'.repeat(nameBytesMax + 1), 'at most 63'],
  ['CRM', 'capital'],
  ['-a', 'begin and end'],
  ['a.', 'begin and end'],
  ['a b', 'other than'],
  ['a@b', 'other than'],
  ['ä', 'other than'],
  ['a\u001b[2m', 'other than'],
  ['é'.repeat(40), 'other than'],
] as const;

describe('[N7] names', () => {
  it.each(names)('%s is one', (text) => {
    expect(isName(text)).toBe(true);
    expect(checkName(text)).toBeUndefined();
    expect(isNameAt(bytesOf(`..${text}`), 2, 2 + text.length)).toBe(true);
  });

  it.each(noNames)('%j is none: %s', (text, why) => {
    const bytes = bytesOf(text);
    expect(isName(text)).toBe(false);
    expect(checkName(text)).toContain(why);
    expect(isNameAt(bytes, 0, bytes.length)).toBe(false);
  });

  it('shows control characters escaped', () => {
    expect(checkName('a\u001b[2J')).toContain('\\u001b');
  });
});

describe('[N7] commands', () => {
  it.each(['x', 'leads.create', 'GET/a_b-c', '-', 'c'.repeat(commandBytesMax)])('%s is one', (text) => {
    expect(isCommand(text)).toBe(true);
    expect(checkCommand(text)).toBeUndefined();
    expect(isCommandAt(bytesOf(text), 0, text.length)).toBe(true);
  });

  it.each(['', 'c'.repeat(commandBytesMax + 1), 'a b', 'ü', 'a\n'])('%j is none', (text) => {
    const bytes = bytesOf(text);
    expect(isCommand(text)).toBe(false);
    expect(checkCommand(text)).toBeTypeOf('string');
    expect(isCommandAt(bytes, 0, bytes.length)).toBe(false);
  });
});
