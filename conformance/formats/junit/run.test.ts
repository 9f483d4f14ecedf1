import { describe, expect, test } from 'vitest';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  sampleReport,
  sampleResults,
} from '../../report/testing/sample-report.ts';
import { renderJunit } from './run.ts';

const redReport = /<(failure|error) /;
const settings = { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false } as const;

describe('renderJunit', () => {
  test('has an element for every kind of outcome', async () => {
    await expect(renderJunit(sampleReport())).toMatchFileSnapshot('golden/every-outcome.xml');
  });

  test('has an error if the target could not be tested', async () => {
    await expect(renderJunit(noTargetReport())).toMatchFileSnapshot('golden/no-target.xml');
  });

  test('is green if the verdict is green', () => {
    expect(renderJunit(greenReport())).not.toMatch(redReport);
    const known = sampleResults.filter(({ case: head }) => /health|closing|one-meb|resume/.test(head.id));
    const report = sampleReport(known, { settings });
    expect(report.verdict.exitCode).toBe(0);
    expect(renderJunit(report)).not.toMatch(redReport);
  });

  test.each([
    ['no case ran', { results: [], settings }],
    ['only skipped', { results: sampleResults.slice(5, 7), settings }],
    [
      'skipped with --fail-on-skip',
      { results: sampleResults.slice(5, 7), settings: { ...settings, failOnSkip: true } },
    ],
    ['stopped early', { results: sampleResults.slice(0, 2), settings, interrupted: 'SIGINT' }],
    [
      'a required capability is missing',
      { results: sampleResults.slice(0, 2), settings: { ...settings, capabilities: ['resume'] } },
    ],
    ['stale', { results: sampleResults.slice(4, 5), settings }],
    ['known failures only', { results: sampleResults.slice(3, 4), settings }],
  ])('is red if the verdict is red: %s', (_, changes) => {
    const report = sampleReport(changes.results, changes);
    expect(report.verdict.exitCode).not.toBe(0);
    expect(renderJunit(report)).toMatch(redReport);
  });

  test('limits its size', () => {
    expect(renderJunit(sampleReport([hugeFailure()])).length).toBeLessThan(80_000);
  });
});
