import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

const minuteMs = 60_000;

export default defineConfig({
  // Tests of the public surface import the package by its name, as in tsconfig.json.
  resolve: {
    alias: [
      { find: /^fogata$/, replacement: source('index.ts') },
      { find: /^fogata\/testing$/, replacement: source('testing/index.ts') },
    ],
  },
  test: {
    // A project may still be empty; that the suite as a whole is not is what the counts in the CI summary show.
    passWithNoTests: true,
    restoreMocks: true,
    // Waiting ends when what is waited for is there: on a busy machine that is later, and no failure.
    hookTimeout: minuteMs,
    expect: { poll: { timeout: minuteMs / 3 } },
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/simulation/**', 'test/processes/**', 'test/e2e/**'],
          // Far above what any takes on an idle machine: a busy one is no reason to fail.
          testTimeout: minuteMs / 2,
        },
      },
      {
        extends: true,
        // Virtual time is cheap, but a run of many seeds is not: these need longer than a unit test.
        test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 2 * minuteMs },
      },
      {
        extends: true,
        // Real processes of this host, without privileges: each test takes seconds, and a busy machine many more.
        test: { name: 'processes', include: ['test/processes/**/*.test.ts'], testTimeout: 2 * minuteMs },
      },
      {
        extends: true,
        // Real processes in network namespaces share the kernel's names: one file at a time.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          // After the others: a busy machine is not what these are about.
          sequence: { groupOrder: 1 },
          testTimeout: 2 * minuteMs,
          hookTimeout: 2 * minuteMs,
        },
      },
    ],
  },
});
