import { describe, expect, it } from 'vitest';
import { parseDuration } from '../agent/parse-duration.ts';
import { messageOptionsOf, paramsOf, textOrBytes } from './message-arguments.ts';
import { noPaint, paintFor } from './paint.ts';
import { showLine } from './show-text.ts';
import { showAge, showDuration } from './show-time.ts';
import { table } from './table.ts';

describe('parameters', () => {
  it('are split at the first =', () => {
    expect(paramsOf(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
    expect(Object.entries(paramsOf(['__proto__=1']))).toEqual([['__proto__', '1']]);
  });

  it.each([
    [['a'], /NAME=VALUE, found "a"/],
    [['=1'], /NAME=VALUE/],
    [['a=1', 'a=2'], /"a" is given twice/],
  ])('refuses %j', (texts, message) => {
    expect(() => paramsOf(texts)).toThrow(message);
  });
});

describe('bodies', () => {
  it('are text, JSON, or what a file holds', () => {
    expect(messageOptionsOf([], { body: 'hi' }).body).toBe('hi');
    expect(messageOptionsOf([], { bodyJson: '{"a":1}' }).body).toEqual({ a: 1 });
    expect(messageOptionsOf([], { body: '@package.json' }).body).toContain('"name": "fogata"');
    expect(messageOptionsOf([], { bodyJson: '@package.json' }).body).toMatchObject({ name: 'fogata' });
    expect(textOrBytes(new Uint8Array([0xff]))).toEqual(new Uint8Array([0xff]));
  });

  it.each([
    [{ body: 'a', bodyJson: '1' }, /not both/],
    [{ bodyJson: '{' }, /--body-json is no JSON/],
    [{ bodyJson: '{"a":[1,1e999]}' }, /a number in it is too large/],
    [{ bodyJson: '-1e999' }, /a number in it is too large/],
    [{ body: '@no/such/file' }, /cannot read no\/such\/file/],
    [{ deadline: 'soon' }, /--deadline is a time/],
    [{ deadline: '0' }, /--deadline is from 1ms to 24h, found "0"/],
    [{ deadline: '25h' }, /--deadline is from 1ms to 24h/],
  ])('refuses %j', (flags, message) => {
    expect(() => messageOptionsOf([], flags)).toThrow(message);
  });
});

describe('times', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['40', 40],
    ['', undefined],
    ['5 days', undefined],
    ['-1s', undefined],
  ])('%j is %j ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('are shown as people say them', () => {
    expect([0, 3_400, 61_000, 7_200_000, 90_000_000].map(showAge)).toEqual(['0 s', '3 s', '1 min', '2 h', '1 d']);
    expect([0.314, 1.26, 12.4, 1_500].map(showDuration)).toEqual(['0.31 ms', '1.3 ms', '12 ms', '1.5 s']);
  });
});

describe('what reaches the terminal', () => {
  it('steers it in no way', () => {
    expect(showLine('a\u001b[2Jb\r\nc\td\u009b')).toBe('a\\u001b[2Jb c d\\u009b');
    expect(showLine('x'.repeat(300))).toHaveLength(200);
  });

  it('has colours only where they are wanted', () => {
    const terminal = { isTTY: true };
    expect(paintFor(terminal, {}, true)).not.toBe(noPaint);
    expect(paintFor(terminal, { NO_COLOR: '1' }, true)).toBe(noPaint);
    expect(paintFor(terminal, {}, false)).toBe(noPaint);
    expect(paintFor({}, {}, true)).toBe(noPaint);
  });

  it('is aligned', () => {
    const lines = table(
      [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'X' }],
      [
        ['a', '10', ''],
        ['bcdef', '2', 'y'],
      ],
      (text) => text,
    );
    expect(lines).toEqual(['NAME    N  X', 'a      10', 'bcdef   2  y']);
  });
});
