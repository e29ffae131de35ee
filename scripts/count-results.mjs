// Prints "passed failed" of a vitest JSON report. A file that did not load counts as one failure, so does no report.
// Usage: node scripts/count-results.mjs report.json
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{status: string, assertionResults: readonly {status: string}[]}} FileResult */

/** @param {string} report */
function count(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  /** @type {readonly FileResult[]} */
  const files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const tests = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const hasNoFailedTest = (/** @type {FileResult} */ file) =>
    file.assertionResults.every(({ status }) => status !== 'failed');
  const broken = files.filter((file) => file.status === 'failed' && hasNoFailedTest(file));
  const failed = tests.filter((status) => status === 'failed').length + broken.length;
  return { passed: tests.filter((status) => status === 'passed').length, failed };
}

const { passed, failed } = count(process.argv[2] ?? '');
console.log(`${passed} ${failed}`);
