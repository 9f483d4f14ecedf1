import { expect, test } from 'vitest';
import { failedTests } from './run-tests.ts';

test('lists failed tests with their errors, and files that did not load', () => {
  const passed = { fullName: 'a passes', status: 'passed', failureMessages: [] };
  const failed = {
    fullName: 'a fails',
    status: 'failed',
    failureMessages: ['Error: first\n    at a.ts:1', 'Error: second'],
  };
  const report = {
    testResults: [
      { name: 'a.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] },
      { name: 'b.test.ts', status: 'failed', message: 'SyntaxError: no\n  at b.ts:2', assertionResults: [] },
      { name: 'c.test.ts', status: 'passed', message: '', assertionResults: [passed] },
    ],
  };
  expect(failedTests(JSON.stringify(report))).toEqual([
    'a fails: Error: first; Error: second',
    'b.test.ts: SyntaxError: no',
  ]);
});

test('says so if there is no report', () => {
  expect(failedTests('')).toEqual(['vitest wrote no report']);
});
