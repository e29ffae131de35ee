import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerParser, answerHeadBytesMax, chunkLineBytesMax } from './answer-parser.ts';

interface Told {
  readonly interims: number[];
  status: number | undefined;
  headers: readonly string[];
  body: string;
  trailers: readonly string[] | undefined;
  switched: string | undefined;
  fault: string | undefined;
  isKept: boolean;
}

interface Asked {
  readonly isHead?: boolean;
  readonly maySwitch?: boolean;
  /** The connection ends behind it. */
  readonly isClosed?: boolean;
}

function told(pieces: readonly string[], asked: Asked = {}): Told {
  const said: Told = {
    interims: [],
    status: undefined,
    headers: [],
    body: '',
    trailers: undefined,
    switched: undefined,
    fault: undefined,
    isKept: false,
  };
  const parser = new AnswerParser({
    onInterim: ({ status }) => void said.interims.push(status),
    onStart({ status, headers }) {
      said.status = status;
      said.headers = headers;
    },
    onBody: (bytes) => void (said.body += Buffer.from(bytes).toString('latin1')),
    onEnd(trailers) {
      expect(said.trailers).toBeUndefined();
      said.trailers = trailers;
    },
    onSwitch: (_, first) => void (said.switched = Buffer.from(first).toString('latin1')),
  });
  parser.begin(asked.isHead ?? false, asked.maySwitch ?? false);
  for (const piece of pieces) said.fault ??= parser.push(Buffer.from(piece, 'latin1'));
  if (asked.isClosed === true && said.fault === undefined && !parser.end()) said.fault = 'cut';
  said.isKept = parser.isKept;
  return said;
}

const answer = (lines: readonly string[], body = '') => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n${body}`;

describe('an answer', () => {
  it('of a known length', () => {
    const said = told([answer(['Content-Length: 5', 'X-A:  b\t'], 'hello')]);
    expect(said).toMatchObject({ status: 200, headers: ['Content-Length', '5', 'X-A', 'b'], body: 'hello' });
    expect(said).toMatchObject({ trailers: [], fault: undefined, isKept: true });
  });

  it('in chunks, with extensions and trailers', () => {
    const said = told([
      answer(['transfer-encoding: Chunked'], '5;a=b\r\nhello\r\n1 \r\n!\r\n00\r\nX-Sum: 1\r\nx-b:\r\n\r\n'),
    ]);
    expect(said).toMatchObject({ body: 'hello!', trailers: ['X-Sum', '1', 'x-b', ''], isKept: true });
  });

  it('to the end of the connection', () => {
    expect(told([answer([], 'hello')])).toMatchObject({ body: 'hello', trailers: undefined, isKept: false });
    expect(told([answer([], 'hello')], { isClosed: true })).toMatchObject({ trailers: [], isKept: false });
  });

  it('without a body', () => {
    expect(told([answer(['content-length: 9'])], { isHead: true })).toMatchObject({ trailers: [], isKept: true });
    expect(told(['HTTP/1.1 204 \r\n\r\n'])).toMatchObject({ status: 204, trailers: [], isKept: true });
    expect(told(['HTTP/1.1 304\r\ncontent-length: 9\r\n\r\n'])).toMatchObject({ trailers: [], isKept: true });
    expect(told([answer(['content-length: 0'])])).toMatchObject({ trailers: [], isKept: true });
  });

  it('after interim ones', () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    expect(told([early + answer(['content-length: 1'], 'x')])).toMatchObject({ interims: [100, 103], body: 'x' });
  });

  it('with the line ends and folds of older programs', () => {
    const said = told(['\r\nHTTP/1.1 200 OK\nX-A: b\n  c\ncontent-length: 4\n\nx\r\n\r\nand more']);
    expect(said).toMatchObject({ headers: ['X-A', 'b c', 'content-length', '4'], body: 'x\r\n\r' });
  });

  it('keeps every byte of a value but the blanks around it', () => {
    expect(told([answer(['x: \xc3\xa0 \t', 'content-length: 0'])]).headers).toEqual([
      'x',
      '\xc3\xa0',
      'content-length',
      '0',
    ]);
  });

  it('that goes over to another protocol, only where it may', () => {
    const head = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n';
    expect(told([`${head}abc`], { maySwitch: true })).toMatchObject({ switched: 'abc', isKept: false });
    expect(told([head]).fault).toContain('nobody asked for');
  });
});

it('what was said of the connection is kept to', () => {
  const kept = (lines: readonly string[], version = '1.1') =>
    told([answer(['content-length: 0', ...lines]).replace('1.1', version)]).isKept;
  expect(kept([])).toBe(true);
  expect(kept(['connection: close'])).toBe(false);
  expect(kept(['connection: foo', 'Connection: Close, bar'])).toBe(false);
  expect(kept([], '1.0')).toBe(false);
  expect(kept(['connection: Keep-Alive'], '1.0')).toBe(true);
  expect(told([answer(['content-length: 0'], 'HTTP/1.1 200 OK')]).isKept).toBe(false);
});

describe('is none', () => {
  it.each([
    ['no HTTP', 'SSH-2.0-x\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 600 X\r\n\r\n'],
    ['a name with a blank', answer(['a b: c'])],
    ['a blank before the colon', answer(['a : c'])],
    ['a blank before the first header', 'HTTP/1.1 200 OK\r\n content-length: 1\r\n\r\nx'],
    ['a header without colon', answer(['abc'])],
    ['a control character', answer(['a: \0'])],
    ['a lone carriage return', answer(['a: b\rc: d'])],
    ['two lengths', answer(['content-length: 1', 'content-length: 1'], 'x')],
    ['a list of lengths', answer(['content-length: 1, 1'], 'x')],
    ['a negative length', answer(['content-length: -1'], 'x')],
    ['a length and chunks', answer(['content-length: 1', 'transfer-encoding: chunked'], '0\r\n\r\n')],
    ['another coding', answer(['transfer-encoding: gzip, chunked'], '0\r\n\r\n')],
    ['two codings', answer(['transfer-encoding: chunked', 'transfer-encoding: chunked'], '0\r\n\r\n')],
    ['a size that is none', answer(['transfer-encoding: chunked'], 'x\r\n')],
    ['a size that is too large', answer(['transfer-encoding: chunked'], `${'f'.repeat(14)}\r\n`)],
    ['a chunk longer than its size', answer(['transfer-encoding: chunked'], '1\r\nab\r\n')],
    ['a chunk that ends by a line feed', answer(['transfer-encoding: chunked'], '1\na')],
    ['malformed trailers', answer(['transfer-encoding: chunked'], '0\r\na b\r\n\r\n')],
  ])('%s', (_, text) => {
    const whole = told([text]);
    expect(whole.fault).toBeTypeOf('string');
    expect(whole.isKept).toBe(false);
    expect(told(text.split('')).fault).toBeTypeOf('string');
  });

  it('what is cut', () => {
    for (const text of [
      '',
      'HTTP/1.1 200',
      answer(['content-length: 2'], 'x'),
      answer(['transfer-encoding: chunked'], '1\r\nx'),
    ])
      expect(told([text], { isClosed: true }).fault).toBe('cut');
  });
});

describe('bounds', () => {
  const headOf = (bytes: number) => {
    const empty = answer(['x: ', 'content-length: 0']);
    return answer([`x: ${'y'.repeat(bytes - empty.length)}`, 'content-length: 0']);
  };

  it('a head', () => {
    for (const cut of [(text: string) => [text], (text: string) => [text.slice(0, 50), text.slice(50)]]) {
      expect(told(cut(headOf(answerHeadBytesMax))).fault).toBeUndefined();
      expect(told(cut(headOf(answerHeadBytesMax + 1))).fault).toBe('a head that is too long');
    }
  });

  const chunked = (rest: string) => told([answer(['transfer-encoding: chunked'], rest)]).fault;

  it("a chunk's line", () => {
    expect(chunked(`1;${'x'.repeat(chunkLineBytesMax - 4)}\r\n`)).toBeUndefined();
    expect(chunked(`1;${'x'.repeat(chunkLineBytesMax - 3)}\r\n`)).toBe('a line that is too long');
  });

  it('trailers', () => {
    const line = `x: ${'y'.repeat(answerHeadBytesMax / 2 - 5)}\r\n`;
    expect(chunked(`0\r\n${line}${line}\r\n`)).toBeUndefined();
    expect(chunked(`0\r\n${line}${line}x:\r\n\r\n`)).toBe('trailers that are too long');
  });
});

describe('however it is cut', () => {
  const token = fc.stringMatching(/^[a-z][a-z-]{0,8}$/).map((name) => `x-${name}`);
  const value = fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/);
  const headers = fc.array(fc.tuple(token, value), { maxLength: 5 });
  const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  const lineEnd = fc.constantFrom('\r\n', '\n');
  const linesOf = (pairs: readonly (readonly [string, string])[]) => pairs.map(([name, text]) => `${name}: ${text}`);

  function inChunks(text: string, size: number): string {
    const parts: string[] = [];
    for (let at = 0; at < text.length; at += size) {
      const part = text.slice(at, at + size);
      parts.push(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    return `${parts.join('')}0\r\n`;
  }

  function cutOf(text: string, cuts: readonly number[]): string[] {
    const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
    return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length));
  }

  it('it is the same', () => {
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(
        headers,
        body,
        headers,
        lineEnd,
        fc.nat(2),
        fc.integer({ min: 1, max: 60 }),
        cuts,
        (given, text, trailers, end, way, size, at) => {
          const framing = [[`content-length: ${text.length}`], ['transfer-encoding: chunked'], []][way] as string[];
          const sent = way === 1 ? `${inChunks(text, size)}${[...linesOf(trailers), '', ''].join('\r\n')}` : text;
          const whole = ['HTTP/1.1 200 OK', ...linesOf(given), ...framing, '', ''].join(end) + sent;
          const said = told(cutOf(whole, at), { isClosed: way === 2 });
          expect(said.fault).toBeUndefined();
          expect(said.body).toBe(text);
          expect(said.headers.slice(0, 2 * given.length)).toEqual(given.flat());
          expect(said.trailers).toEqual(way === 1 ? trailers.flat() : []);
          expect(said.isKept).toBe(way !== 2);
          expect(told(whole.split(''), { isClosed: way === 2 })).toEqual(said);
        },
      ),
    );
  });

  it('it is total on any bytes', () => {
    const starts = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', answer(['transfer-encoding: chunked']));
    fc.assert(
      fc.property(starts, body, (start, text) => {
        const { fault, ...said } = told([start + text], { isClosed: true });
        const { fault: faultCut, ...saidCut } = told((start + text).split(''), { isClosed: true });
        expect(faultCut === undefined).toBe(fault === undefined);
        expect(saidCut).toEqual(said);
      }),
    );
  });
});
