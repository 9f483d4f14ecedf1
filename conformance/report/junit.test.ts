import { describe, expect, test } from 'vitest';
import { renderJunit } from './junit.ts';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  SAMPLE_RESULTS,
  sampleReport,
} from './testing/sample-report.ts';

const RED = /<(failure|error) /;
const settings = { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false } as const;

describe('renderJunit', () => {
  test('has an element for every kind of outcome', async () => {
    await expect(renderJunit(sampleReport())).toMatchFileSnapshot('testing/golden/every-outcome.junit.xml');
  });

  test('has an error where there is no target', async () => {
    await expect(renderJunit(noTargetReport())).toMatchFileSnapshot('testing/golden/no-target.junit.xml');
  });

  test('is green where the verdict is', () => {
    expect(renderJunit(greenReport())).not.toMatch(RED);
    const known = SAMPLE_RESULTS.filter(({ case: head }) => /health|closing|one-meb|resume/.test(head.id));
    const report = sampleReport(known, { settings });
    expect(report.verdict.exitCode).toBe(0);
    expect(renderJunit(report)).not.toMatch(RED);
  });

  test.each([
    ['nothing ran', { results: [], settings }],
    ['only skipped', { results: SAMPLE_RESULTS.slice(5, 7), settings }],
    [
      'skipped with --fail-on-skip',
      { results: SAMPLE_RESULTS.slice(5, 7), settings: { ...settings, failOnSkip: true } },
    ],
    ['cut short', { results: SAMPLE_RESULTS.slice(0, 2), settings, interrupted: 'SIGINT' }],
    [
      'a capability is missing',
      { results: SAMPLE_RESULTS.slice(0, 2), settings: { ...settings, capabilities: ['resume'] } },
    ],
    ['stale', { results: SAMPLE_RESULTS.slice(4, 5), settings }],
    ['nothing but known failures', { results: SAMPLE_RESULTS.slice(3, 4), settings }],
  ])('is red where the verdict is: %s', (_, changes) => {
    const report = sampleReport(changes.results, changes);
    expect(report.verdict.exitCode).not.toBe(0);
    expect(renderJunit(report)).toMatch(RED);
  });

  test('is bounded', () => {
    expect(renderJunit(sampleReport([hugeFailure()])).length).toBeLessThan(80_000);
  });
});
