import { existsSync, readFileSync } from 'node:fs';

// count.mjs REPORT EXIT-CODE GATE...: the closing line, from vitest's JSON report, the exit code of the tests and the gates
// that failed. Exits with 1 unless everything passed.

const [report, exitCode, ...failedGates] = process.argv.slice(2);
const { numPassedTests: passed = 0, testResults = [] } = existsSync(report)
  ? JSON.parse(readFileSync(report, 'utf8'))
  : {};

// A file that could not even be loaded has no tests that could have failed.
const failedTests = testResults.flatMap(({ name, status, assertionResults }) => {
  const failures = assertionResults.filter((result) => result.status === 'failed').map((result) => result.fullName);
  return status === 'failed' && failures.length === 0 ? [name] : failures;
});
// Nor is there one where vitest ended before its report, or for an error outside of every test.
if (exitCode !== '0' && failedTests.length === 0) failedTests.push(`npm test ended with exit code ${exitCode}`);

const failed = [...failedGates.map((gate) => `gate: ${gate}`), ...failedTests];
console.log(['', ...failed.map((name) => `FAILED ${name}`), `${passed} passed, ${failed.length} failed`].join('\n'));
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
