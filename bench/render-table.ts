/** The last line of `npm run bench -- --json`, on standard input, as the Markdown tables of docs/benchmarks.md. */
import { text } from 'node:stream/consumers';
import type { Row } from './harness/row.ts';
import { markdownOf } from './harness/table.ts';

const last = (await text(process.stdin)).trimEnd().split('\n').at(-1) ?? '';
process.stdout.write(`${markdownOf((JSON.parse(last) as { readonly rows: readonly Row[] }).rows)}\n`);
