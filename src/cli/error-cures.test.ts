import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorCures } from './error-cures.ts';

it('the cures are those of docs/errors.md', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| \d+ \| `([a-z-]+)` .* \| (.+) \|$/gm)];
  expect(rows.map(([, code, cure]) => [code, cure?.replaceAll('`', '')])).toEqual(Object.entries(errorCures));
});
