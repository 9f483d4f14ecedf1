import { describe, expect, test } from 'vitest';
import type { RunDocument } from '../compare/document.ts';
import { reportDocument } from '../formats/json/run.ts';
import type { Report } from '../report/report.ts';
import { noTargetReport, sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import { badgeOf, badgeSvg, eraBadgeOf, shieldsJson } from './badge.ts';
import { siteRunOf } from './site-run.ts';

const settings = { level: 'core', capabilities: [], narrowed: false, failOnSkip: false } as const;
const run = (report: Report) =>
  siteRunOf(JSON.parse(JSON.stringify(reportDocument(report))) as RunDocument, 'go');
const passed = sampleResults.slice(0, 2);

describe('badgeOf', () => {
  test.each<[string, Report, string, string]>([
    ['a green run', sampleReport(passed, { settings }), 'conformant at core', 'good'],
    [
      'skipped cases',
      sampleReport([...passed, ...sampleResults.filter(({ outcome }) => outcome.kind === 'skipped')], {
        settings,
      }),
      'conformant at core, with exceptions',
      'caution',
    ],
    ['failures', sampleReport(sampleResults, { settings }), '1 clause violated', 'bad'],
    [
      'a missing capability alone',
      sampleReport(passed, { settings: { ...settings, capabilities: ['resume'] } }),
      'not conformant',
      'bad',
    ],
    [
      'cases that did not run',
      sampleReport([...passed, ...sampleResults.slice(-1)], { settings }),
      'no verdict',
      'unknown',
    ],
    ['no target', noTargetReport(), 'not tested', 'unknown'],
    [
      'a selection',
      sampleReport(passed, { settings: { ...settings, narrowed: true } }),
      '2 of 2 selected cases',
      'unknown',
    ],
  ])('says what %s proves', (_, report, message, tone) => {
    expect(badgeOf(run(report))).toMatchObject({ label: 'MCP runtime', message, tone });
  });

  test('names the kit, the contract and the date in its title', () => {
    expect(badgeOf(run(sampleReport(passed, { settings }))).title).toBe(
      'conformant at core: 2 of 2 cases passed (kit 0.1.0, contract 1.1, 2025-03-01)',
    );
  });
});

test.each([
  [{ total: 9, passed: 9, failing: 0 }, { checked: 7, held: 7, violated: [] }, '7 of 7 clauses', 'good'],
  [
    { total: 9, passed: 8, failing: 1 },
    { checked: 7, held: 6, violated: ['RPC-1'] },
    '6 of 7 clauses',
    'bad',
  ],
  [{ total: 9, passed: 8, failing: 0 }, { checked: 7, held: 6, violated: [] }, '6 of 7 clauses', 'caution'],
  [{ total: 0, passed: 0, failing: 0 }, { checked: 0, held: 0, violated: [] }, '0 of 0 clauses', 'unknown'],
])('the badge of an era: %j', (cases, clauses, message, tone) => {
  const badge = eraBadgeOf(run(sampleReport(passed, { settings })), { era: 'modern', cases, clauses });
  expect(badge).toMatchObject({ label: 'MCP runtime, modern', message, tone });
});

test('renders a picture, and the answer of an endpoint', () => {
  const badge = { label: 'a & b', message: '<c>', tone: 'bad', title: '"t"' } as const;
  expect(badgeSvg(badge).toString()).toMatch(
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="(\d+)" height="20" viewBox="0 0 \1 20" role="img" aria-label="a &amp; b: &lt;c&gt;">\n<title>&quot;t&quot;<\/title>/,
  );
  expect(JSON.parse(shieldsJson(badge))).toEqual({
    schemaVersion: 1,
    label: 'a & b',
    message: '<c>',
    color: 'red',
  });
});
