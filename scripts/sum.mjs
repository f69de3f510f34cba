// Sums up what the runners wrote into a folder: NAME.exit (its exit code) and NAME.json (CTRF of xunit, or the reports of
// Vitest and Playwright). A runner that failed without a failed test counts as one failure: it did not get that far.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];

function counts(report) {
  if (report.results) return [report.results.summary.passed, report.results.summary.failed];
  if (report.stats) return [report.stats.expected + report.stats.flaky, report.stats.unexpected];
  return [report.numPassedTests, report.numFailedTests];
}

const totals = [0, 0];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.exit')).sort()) {
  const name = file.slice(0, -'.exit'.length);
  const json = join(folder, `${name}.json`);
  let [passed, failed] = existsSync(json) ? counts(JSON.parse(readFileSync(json, 'utf8'))) : [0, 0];
  if (failed === 0 && readFileSync(join(folder, file), 'utf8').trim() !== '0') failed = 1;
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  totals[0] += passed;
  totals[1] += failed;
}
console.log(`${totals[0]} passed, ${totals[1]} failed`);
process.exitCode = totals[1] === 0 && totals[0] > 0 ? 0 : 1;
