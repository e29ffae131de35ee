import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configJsonSchema, knownConfigKeys } from './config-schema.ts';

it('the published schema is the one of this code (cure: node_modules/.bin/tsx src/cli/main.ts up --print-schema > docs/config.schema.json)', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../../docs/config.schema.json', import.meta.url), 'utf8'),
  );
  expect(published).toEqual(configJsonSchema());
});

it('knows the keys of each place', () => {
  expect(knownConfigKeys([])).toContain('seeds');
  expect(knownConfigKeys(['log'])).toEqual(['level', 'format']);
  expect(knownConfigKeys(['serve', 'crm'])).toEqual(['url', 'weight', 'labels', 'check', 'checks']);
  expect(knownConfigKeys(['serve', 'crm', 'checks', 0])).toContain('http');
  expect(knownConfigKeys(['serve', 'crm', 'check', 'tls'])).toEqual(['ca', 'insecure', 'serverName']);
  expect(knownConfigKeys(['else'])).toEqual([]);
});
