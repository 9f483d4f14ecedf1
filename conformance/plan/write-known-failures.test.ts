import { expect, test } from 'vitest';
import { sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import { parseKnownFailures } from './known-failures.ts';
import { renderKnownFailures, updateKnownFailures } from './write-known-failures.ts';

test('keeps reasons, adds failures, drops what passes and leaves what was not decided', () => {
  const previous = new Map([
    ['sessions/closing-ends-streams', 'issue 7'],
    ['sessions/close-then-use', 'passes now'],
    ['limits/many', 'skipped this time'],
    ['limits/inflate', 'broken this time'],
    ['other/not-selected', 'issue 9'],
  ]);
  expect([...updateKnownFailures(sampleReport(sampleResults).run, previous)]).toEqual([
    ['limits/inflate', 'broken this time'],
    ['limits/many', 'skipped this time'],
    ['other/not-selected', 'issue 9'],
    ['sessions/closing-ends-streams', 'issue 7'],
    ['sessions/unknown-session', 'status: expected 404, got 200'],
  ]);
});

test('what is written can be read again', () => {
  const reasons = new Map([
    ['a/b', 'expected: "404" # not 200\nand more'],
    ['c/d', '- x'],
    ['e/f', 'x'.repeat(300)],
  ]);
  const text = renderKnownFailures(reasons);
  expect(text).toMatch(/^# Failures that are known/);
  expect(parseKnownFailures(text, 'f').map((entry) => [entry.case, entry.reason])).toEqual([...reasons]);
});

test('an empty list is a list', () => {
  expect(parseKnownFailures(renderKnownFailures(new Map()), 'f')).toEqual([]);
});
