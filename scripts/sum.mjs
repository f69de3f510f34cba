// Sums up what the runners wrote into a folder: NAME.exit (its exit code) and NAME.json (CTRF of xunit, or the reports of
// Vitest and Playwright). A runner that failed without a failed test counts as one failure: it did not get that far.
// What failed is said again here, at the end, where it is found without reading the whole output.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const folder = process.argv[2];
const longestReason = 2000;

const readers = [
  {
    reads: (report) => report.results !== undefined,
    counts: ({ results }) => [results.summary.passed, results.summary.failed],
    failures: ({ results }) => results.tests.filter((test) => test.status === 'failed')
      .map((test) => [test.name, `${test.message ?? ''}\n${test.trace ?? ''}`]),
  },
  {
    reads: (report) => report.stats !== undefined,
    counts: ({ stats }) => [stats.expected + stats.flaky, stats.unexpected],
    failures: ({ suites }) => suites.flatMap(specsOf).filter((spec) => !spec.ok)
      .map((spec) => [`${spec.file}: ${spec.title}`, spec.tests.flatMap((test) => test.results).map((result) => result.error?.message ?? '').join('\n')]),
  },
  {
    reads: (report) => report.numPassedTests !== undefined,
    counts: (report) => [report.numPassedTests, report.numFailedTests],
    failures: ({ testResults }) => testResults.flatMap((file) => file.assertionResults).filter((test) => test.status === 'failed')
      .map((test) => [test.fullName, test.failureMessages.join('\n')]),
  },
];

function specsOf(suite) {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

const totals = [0, 0];
const lines = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.exit')).sort()) {
  const name = file.slice(0, -'.exit'.length);
  const json = join(folder, `${name}.json`);
  const report = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : undefined;
  const reader = readers.find(({ reads }) => report && reads(report));
  let [passed, failed] = reader ? reader.counts(report) : [0, 0];
  for (const [test, reason] of failed > 0 ? reader.failures(report) : [])
    console.log(`FAILED ${test}\n${stripVTControlCharacters(reason).slice(0, longestReason).trim().replace(/^/gm, '  ')}`);
  if (failed === 0 && readFileSync(join(folder, file), 'utf8').trim() !== '0') failed = 1;
  lines.push(`${name}: ${passed} passed, ${failed} failed`);
  totals[0] += passed;
  totals[1] += failed;
}
for (const line of lines) console.log(line);
console.log(`${totals[0]} passed, ${totals[1]} failed`);
process.exitCode = totals[1] === 0 && totals[0] > 0 ? 0 : 1;
