import { describe, expect, it } from 'vitest';
import { functionFindings } from './tidy/function-rules.ts';
import { importCycles } from './tidy/import-cycles.ts';
import { importFindings } from './tidy/import-rules.ts';
import { purityFindings } from './tidy/purity-rules.ts';
import { isSource, isText, readSource, readText, repositoryFiles } from './tidy/repository.ts';
import { shapeFindings } from './tidy/shape-rules.ts';
import type { Finding } from './tidy/source-file.ts';
import { textFindings } from './tidy/text-rules.ts';

const paths = repositoryFiles();
const sources = paths.filter(isSource).map(readSource);

const listed = (findings: readonly Finding[]) =>
  findings.map(({ path, line, message }) => `${path}${line > 0 ? `:${line}` : ''} ${message}`);

describe('the walls of the house (docs/architecture.md)', () => {
  it('sees the repository', () => {
    expect(sources.length).toBeGreaterThan(5);
  });

  it('a folder imports only from lower levels, and no index.ts', () => {
    expect(listed(sources.flatMap(importFindings))).toEqual([]);
  });

  it('no file imports itself through others', () => {
    expect(listed(importCycles(sources))).toEqual([]);
  });

  it('protocol and the machines are pure; only runtime knows time and chance; no test sleeps', () => {
    expect(listed(sources.flatMap(purityFindings))).toEqual([]);
  });

  it('names, lengths and syntax', () => {
    expect(listed(sources.flatMap((file) => [...shapeFindings(file), ...functionFindings(file)]))).toEqual([]);
  });

  it('no committed text names the machine it was written on', () => {
    const found = paths.filter(isText).flatMap((path) => textFindings(path, readText(path)));
    expect(listed(found)).toEqual([]);
  });

  it.each(['package-lock.json', 'bench/peers/package-lock.json'])('%s names no registry', (path) => {
    const lock = readText(path).split('\n');
    const registries = lock.filter((line) => /"resolved"|registry/.test(line));
    expect(registries, 'Cure: keep .npmrc as it is, remove the lockfile and run npm install').toEqual([]);
  });
});
