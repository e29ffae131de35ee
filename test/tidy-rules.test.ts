import { describe, expect, it } from 'vitest';
import { blank } from './tidy/blank.ts';
import { bodiesOf, functionFindings } from './tidy/function-rules.ts';
import { importCycles } from './tidy/import-cycles.ts';
import { importFindings } from './tidy/import-rules.ts';
import { purityFindings } from './tidy/purity-rules.ts';
import { shapeFindings } from './tidy/shape-rules.ts';
import { sourceFile } from './tidy/source-file.ts';
import { textFindings } from './tidy/text-rules.ts';

/** The rules that a file with this path and source breaks. */
function broken(path: string, source: string): string[] {
  const file = sourceFile(path, source);
  const found = [
    ...importFindings(file),
    ...importCycles([file]),
    ...purityFindings(file),
    ...shapeFindings(file),
    ...functionFindings(file),
  ];
  for (const { message } of found) expect(message).toMatch(/Cure: \w/);
  return [...new Set(found.map(({ rule }) => rule))].sort();
}

type Row = readonly [rule: string, path: string, source: string];

const bad: readonly Row[] = [
  ['level', 'src/membership/a.ts', `import { b } from '../links/b.ts';`],
  ['level', 'src/membership/a.ts', `import { b } from '../directory/b.ts';`],
  ['level', 'src/membership/a.ts', `import type { Clock } from '../runtime/clock.ts';`],
  ['level', 'src/protocol/a.ts', `import type { B } from '../membership/b.ts';`],
  ['level', 'src/links/a.ts', `export { b } from '../delivery/b.ts';`],
  ['level', 'src/delivery/a.ts', `import type {\n  A,\n  B as C,\n} from '../node/b.ts';`],
  ['level', 'src/node/a.ts', `const b = await import('../agent/b.ts');`],
  ['level', 'src/api/a.ts', `import type { B } from '../node/b.ts';`],
  ['level', 'src/delivery/a.ts', `import type { B } from '../api/b.ts';`],
  ['level', 'src/agent/a.ts', `import type { B } from '../client/b.ts';`],
  ['level', 'src/client/a.ts', `import type { B } from '../agent/b.ts';`],
  ['level', 'src/runtime/a.ts', `import { b } from '../membership/b.ts';`],
  ['level', 'src/node/a.ts', `import { b } from '../testing/b.ts';`],
  ['level', 'src/index.ts', `export { b } from './testing/b.ts';`],
  ['gateway', 'src/gateways/irc/a.ts', `import { b } from '../../client/b.ts';`],
  ['gateway', 'src/gateways/irc/a.ts', `import type { B } from '../../node/b.ts';`],
  ['gateway', 'src/gateways/irc/a.ts', `import type { B } from '../quakeworld/b.ts';`],
  ['gateway', 'src/gateways/irc/a.ts', `import { b } from '../../index.ts';`],
  ['index', 'src/cli/a.ts', `import { b } from '../index.ts';`],
  ['index', 'src/cli/a.ts', `import '../testing-of/index.ts';`],
  ['extension', 'src/cli/a.ts', `import { b } from './b';`],
  ['extension', 'src/cli/a.ts', `import { b } from './b.js';`],
  ['pure', 'src/protocol/a.ts', `import { b } from 'node:fs';`],
  ['pure', 'src/routing/a.ts', `import type { B } from 'pino';`],
  ['pure', 'src/selection/a.ts', `const at = new Date(0);`],
  ['pure', 'src/selection/a.ts', `console.log(1);`],
  ['pure', 'src/selection/a.ts', 'const a = `${process.env.A}`;'],
  ['pure', 'src/selection/a.ts', `export async function a() {}`],
  ['pure', 'src/selection/a.ts', `const a = Promise.resolve();`],
  ['clock', 'src/node/a.ts', `import { performance } from 'node:perf_hooks';`],
  ['clock', 'src/node/a.ts', `import { setTimeout } from 'node:timers/promises';`],
  ['clock', 'src/node/a.ts', `const a = Date.now();`],
  ['clock', 'src/node/a.ts', `const a = new Date();`],
  ['clock', 'src/node/a.ts', `const a = performance.now();`],
  ['clock', 'src/node/a.ts', `setTimeout(() => {}, 1);`],
  ['clock', 'src/node/a.ts', `globalThis.setInterval(() => {}, 1);`],
  ['clock', 'src/testing/a.ts', `start(setImmediate);`],
  ['clock', 'src/cli/a.ts', `const a = AbortSignal.timeout(5);`],
  ['clock', 'src/cli/a.ts', `const a = process.hrtime.bigint();`],
  ['chance', 'src/node/a.ts', `const a = Math.random();`],
  ['chance', 'src/node/a.ts', `import { randomBytes } from 'node:crypto';`],
  ['chance', 'src/node/a.ts', `const a = crypto.randomUUID();`],
  ['chance', 'src/node/a.ts', `const a = crypto.getRandomValues(b);`],
  ['sleep', 'src/links/a.test.ts', `await new Promise((r) => setTimeout(r, 5));`],
  ['sleep', 'test/simulation/a.test.ts', `import { setTimeout as sleep } from 'node:timers/promises';`],
  ['name', 'src/links/tcpLink.ts', ''],
  ['name', 'src/links/link-helpers.ts', ''],
  ['name', 'src/links/link-manager.ts', ''],
  ['name', 'src/core/link.ts', ''],
  ['name', 'src/link.ts', ''],
  ['name', 'src/plumbing/link.ts', ''],
  ['length', 'src/links/a.ts', '\n'.repeat(301)],
  ['length', 'src/links/a.test.ts', '\n'.repeat(401)],
  ['function-length', 'src/links/a.ts', `function a(): void {\n${'b();\n'.repeat(71)}}`],
  ['function-length', 'src/links/a.ts', `const a = (b: C): Promise<D> => {\n${'b();\n'.repeat(71)}};`],
  ['function-length', 'src/links/a.ts', `const a = {\n  b(c) {\n    if (c) {\n${'b();\n'.repeat(70)}}}};`],
  ['inheritance', 'src/links/a.ts', `class A extends B {}`],
  ['inheritance', 'src/links/a.ts', `class A<T extends C<D>> extends B<T> {}`],
  ['inheritance', 'src/links/a.ts', `const a = class extends B {};`],
  ['default-export', 'src/links/a.ts', `export default 1;`],
  ['default-export', 'src/links/a.ts', `export { a as default };`],
  ['enum', 'src/links/a.ts', `export enum A { B }`],
  ['enum', 'src/links/a.ts', `const enum A { B }`],
  ['any', 'src/links/a.ts', `const a: any = 1;`],
  ['any', 'src/links/a.ts', `const a = b as any;`],
  ['any', 'src/links/a.ts', `const a = new Map<string, any>();`],
  ['any', 'src/links/a.ts', `const a: any[] = [];`],
  ['any', 'src/links/a.ts', `type A = any;`],
  ['state', 'src/links/a.ts', `let count = 0;`],
  ['state', 'src/links/a.ts', `export let count = 0;`],
  ['star', 'src/index.ts', `export * from './client/connect.ts';`],
  ['unfinished', 'src/links/a.ts', `// TODO: more`],
  ['unfinished', 'src/links/a.ts', `/* FIXME */`],
  ['silenced', 'src/links/a.ts', `// @ts-ignore\nconst a = 1;`],
  ['cycle', 'src/links/a.ts', `import type { B } from './a.ts';`],
];

const good: readonly (readonly [path: string, source: string])[] = [
  ['src/index.ts', `export { connect } from './client/connect.ts';`],
  ['src/membership/a.ts', `import { b } from '../protocol/b.ts';\nimport type { C } from '../directory/c.ts';`],
  ['src/links/a.ts', `import type { Clock } from '../runtime/clock.ts';\nimport { connect } from 'node:net';`],
  ['src/testing/a.ts', `import { b } from '../cli/b.ts';`],
  ['src/gateways/irc/a.ts', `import type { Client } from '../../index.ts';\nimport type { P } from '../port.ts';`],
  ['src/links/a.ts', `function a() {\n  b(() => {\n${'b();\n'.repeat(60)}});\n${'c();\n'.repeat(60)}}`],
  ['src/links/a.ts', `const table = {\n${'b: {},\n'.repeat(80)}};`],
  ['src/links/a.test.ts', `import { b } from '../testing/b.ts';`],
  ['src/runtime/a.ts', `const a = () => setTimeout(b, Math.random() * Date.now());`],
  ['src/links/a.ts', `clock.setTimeout(a, 1); socket.setTimeout(5);`],
  ['src/links/a.ts', `// setTimeout(a, 1) and class A extends B\nconst a = "Date.now() export default";`],
  ['src/links/a.ts', 'const a = `Math.random() ${b ? `Date.now() ${c}` : "it\'s"} any`;'],
  ['src/links/a.ts', `const quote = /["'\`]/; const a = 1 / 2; const b = 'let x';`],
  ['src/protocol/a.ts', `/** Never async, asks no Date. */\nexport const processed = { date: 'Date' };`],
  ['src/links/a.ts', `class LinkError extends Error {}\nclass ClosedError<T extends B> extends LinkError {}`],
  ['src/links/a.ts', `class A<T extends B> implements C {}\ninterface D extends E {}`],
  ['src/links/a.ts', `const company = many.any; const a = Promise.any(b); function c() {\n  let d = 1;\n}`],
  ['src/links/a.ts', `// @ts-expect-error the runtime refuses it\nconst a = 1;`],
  ['vitest.config.ts', `export default {};`],
  ['test/e2e/a.test.ts', `await new Promise((r) => setTimeout(r, 5));`],
];

describe('each rule', () => {
  it.each(bad)('%s: %s with %j', (rule, path, source) => {
    expect(broken(path, source)).toContain(rule);
  });

  it.each(good)('nothing wrong with %s: %j', (path, source) => {
    expect(broken(path, source)).toEqual([]);
  });

  it('finds a cycle through type imports of three files', () => {
    const files = ['a', 'b', 'c'].map((name, i) =>
      sourceFile(`src/node/${name}.ts`, `import type { X } from './${'bca'[i]}.ts';`),
    );
    expect(importCycles(files).map(({ path }) => path)).toEqual(['src/node/a.ts']);
    expect(importCycles(files.slice(1))).toEqual([]);
  });

  it('knows a path of one machine from one of an interface', () => {
    const [place, other] = ['work', 'farm'];
    expect(textFindings('docs/a.md', `see /${place}/main`)).toHaveLength(1);
    expect(textFindings('docs/a.md', `"/${other}" and (/${place}/x)`)).toHaveLength(2);
    expect(textFindings('docs/a.md', `a/${place}/b, /${place}er, frame${other}`)).toEqual([]);
  });
});

describe('the length of a function', () => {
  it('is that of its own lines, without those of functions in it, blank ones and comments', () => {
    const source = [
      'export function outer(): Outer {',
      '  const a = 1; // one',
      '',
      '  // no line',
      '  function inner(b: { c: number }) {',
      '    while (b.c) {',
      '      d();',
      '    }',
      '  }',
      '  return {',
      '    inner,',
      '    other: () => {',
      '      e();',
      '    },',
      '  };',
      '}',
    ].join('\n');
    const bodies = bodiesOf(blank(source).code).map(({ from, lines }) => [from, lines]);
    expect(bodies).toEqual([
      [5, 3],
      [12, 1],
      [1, 8],
    ]);
  });
});

describe('the two layers of a source', () => {
  it.each([
    [`a('b') // c`, `a(' ')     `, `       // c`],
    ['`a${b}c`', '` ${b} `', '        '],
    ['`a${{ b: `c` }.b}d` + e', '` ${{ b: ` ` }.b} ` + e', '                       '],
    [`a = /["/]\\/'/g; b`, `a = /       /g; b`, `                 `],
    [`a / b / "c"`, `a / b / " "`, `           `],
    ['a /* b\nc */ d', 'a     \n     d', '  /* b\nc */  '],
    [`it's\nb`, `it' \nb`, `    \n `],
  ])('%j', (source, code, comments) => {
    expect(blank(source)).toEqual({ code, comments });
  });

  it('finds every form of import, with its line', () => {
    const source = [
      `import './a.ts';`,
      `import b, { c as d } from './b.ts';`,
      `import * as e from "./e.ts";`,
      `export type { F } from './f.ts';`,
      `// import './no.ts';`,
      `const g = import('./g.ts'), no = "import './no.ts'";`,
      `import { h } from './h.json' with { type: 'json' };`,
    ].join('\n');
    const imports = sourceFile('src/cli/a.ts', source).imports;
    expect(imports.map(({ specifier, line }) => `${line} ${specifier}`)).toEqual([
      '1 ./a.ts',
      '2 ./b.ts',
      '3 ./e.ts',
      '4 ./f.ts',
      '6 ./g.ts',
      '7 ./h.json',
    ]);
    expect(imports.filter(({ isTypeOnly }) => isTypeOnly)).toHaveLength(1);
  });
});
