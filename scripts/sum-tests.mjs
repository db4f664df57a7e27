// Sums the reports of all test runs. A failed step that is no failed test counts as one failure, so that the line is honest.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '.', failedSteps = '0'] = process.argv.slice(2);
const files = readdirSync(folder);
let passed = 0;
let failed = files.filter((file) => file.endsWith('.missing')).length;
for (const file of files.filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  passed += report.numPassedTests;
  // A file that cannot be loaded has no tests to count.
  const broken = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length;
  failed += report.numFailedTests + broken;
}
if (failed === 0) failed = Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
