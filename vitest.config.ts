import { defineConfig } from 'vitest/config';

const minuteMs = 60_000;

export default defineConfig({
  test: {
    // A project may still be empty; that the suite as a whole is not is what the counts in the CI summary show.
    passWithNoTests: true,
    restoreMocks: true,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts'] },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/interop/**/*.test.ts'] },
      },
      {
        extends: true,
        // Virtual time is cheap, but a run of many seeds is not: these need longer than a unit test.
        test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 2 * minuteMs },
      },
      {
        extends: true,
        // Real processes in network namespaces share the kernel's names: one file at a time.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 2 * minuteMs,
          hookTimeout: 2 * minuteMs,
        },
      },
    ],
  },
});
