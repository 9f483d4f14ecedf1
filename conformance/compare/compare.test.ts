import { describe, expect, test } from 'vitest';
import type { CaseOutcome, CaseResult } from '../engine/result.ts';
import { renderMatrixJson } from '../formats/json/matrix.ts';
import { renderJson } from '../formats/json/run.ts';
import { greenMatrix, sampleMatrix } from '../matrix/testing/sample-matrix.ts';
import { makePalette } from '../report/palette.ts';
import type { Standing } from '../report/summary.ts';
import {
  noTargetReport,
  sampleReport,
  sampleResults,
  sampleTarget,
} from '../report/testing/sample-report.ts';
import { type Comparison, compareReports, onlyTarget } from './compare.ts';
import { parseReport, type ReadReport, readReport } from './reading.ts';
import { comparisonLines, summaryOf } from './terminal.ts';

const failure: Extract<CaseOutcome, { kind: 'failed' }> = {
  kind: 'failed',
  failure: { summary: 'it differs', differences: [], clauses: ['RPC-1'] },
};

const outcomes: Readonly<
  Record<Standing, Pick<CaseResult, 'outcome' | 'known' | 'attempts'> & { readonly advisory?: boolean }>
> = {
  passed: { outcome: { kind: 'passed' } },
  failed: { outcome: failure },
  unstable: { outcome: failure, attempts: { passed: 2, failed: 1 } },
  'known failure': { outcome: failure, known: { reason: 'x' } },
  advice: { outcome: failure, advisory: true },
  blocked: { outcome: { ...failure, kind: 'blocked', by: { case: 'health/other', clause: 'RPC-1' } } },
  stale: { outcome: { kind: 'passed' }, known: { reason: 'x' } },
  broken: { outcome: { kind: 'broken', reason: 'x' } },
  skipped: { outcome: { kind: 'skipped', reason: 'needs tool echo' } },
  'not declared': { outcome: { kind: 'not-declared', capability: 'resume' } },
  'not run': { outcome: { kind: 'not-run', reason: 'x' } },
};

/**
 * Makes a report with a case that always passes and, if there is a standing, a case with it. Returns it as parsed JSON.
 */
function report(
  standing: Standing | undefined,
  settings: { level?: 'core'; capabilities?: string[] } = {},
): ReadReport {
  const [passing] = sampleResults;
  if (passing === undefined) throw new Error('the sample is empty');
  const other = { ...passing, case: { ...passing.case, id: 'health/other' } };
  const { advisory, ...result } = standing === undefined ? {} : outcomes[standing];
  const head = { ...passing.case, advisory };
  const results = standing === undefined ? [other] : [other, { ...passing, ...result, case: head }];
  const all = { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false, ...settings } as const;
  return parseReport(renderJson(sampleReport(results, { settings: all })), 'x.json');
}

function namesOf(comparison: Comparison): Readonly<Record<string, number>> {
  const { newlyFailing, newlyPassing, added, removed, otherwise } = comparison;
  const lists = { newlyFailing, newlyPassing, added, removed, otherwise };
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, list]) => (list.length === 0 ? [] : [[name, list.length]])),
  );
}

describe('a case', () => {
  test.each<[Standing | undefined, Standing | undefined, object, boolean]>([
    ['passed', 'passed', {}, false],
    ['failed', 'failed', {}, false],
    ['passed', 'failed', { newlyFailing: 1 }, true],
    ['passed', 'broken', { newlyFailing: 1 }, true],
    ['passed', 'not run', { newlyFailing: 1 }, true],
    ['known failure', 'stale', { newlyFailing: 1 }, true],
    ['known failure', 'failed', { newlyFailing: 1 }, true],
    ['skipped', 'failed', { newlyFailing: 1 }, true],
    ['not declared', 'failed', { newlyFailing: 1 }, true],
    ['failed', 'broken', { otherwise: 1 }, false],
    ['failed', 'passed', { newlyPassing: 1 }, false],
    ['known failure', 'passed', { newlyPassing: 1 }, false],
    ['skipped', 'passed', { newlyPassing: 1 }, false],
    ['passed', 'skipped', { otherwise: 1 }, false],
    ['passed', 'not declared', { otherwise: 1 }, false],
    ['passed', 'known failure', { otherwise: 1 }, false],
    ['failed', 'known failure', { otherwise: 1 }, false],
    ['passed', 'advice', { otherwise: 1 }, false],
    ['advice', 'passed', { newlyPassing: 1 }, false],
    [undefined, 'passed', { added: 1 }, false],
    [undefined, 'failed', { added: 1 }, true],
    [undefined, 'skipped', { added: 1 }, false],
    ['passed', undefined, { removed: 1 }, false],
    ['failed', undefined, { removed: 1 }, false],
  ])('a case that was %s and now is %s', (before, after, lists, isWorse) => {
    const comparison = compareReports(report(before), report(after));
    expect(namesOf(comparison)).toEqual(lists);
    expect(comparison.isWorse).toBe(isWorse);
    expect(comparison.unchanged).toBe(Object.keys(lists).length > 0 ? 1 : 2);
  });
});

test('reports a target that can no longer be tested as newly failing, without its cases', () => {
  const untested = parseReport(renderJson(noTargetReport()), 'x.json');
  const comparison = compareReports(report('passed'), untested);
  expect(comparison.newlyFailing).toMatchObject([
    { subject: 'the target', before: 'passed', after: 'not run' },
  ]);
  expect(namesOf(comparison)).toEqual({ newlyFailing: 1 });
  expect(namesOf(compareReports(untested, untested))).toEqual({});
  const back = compareReports(untested, report('passed'));
  expect(namesOf(back)).toEqual({ added: 2 });
  expect(back.isWorse).toBe(false);
});

test('reports a required capability as newly failing if it is no longer declared', () => {
  const comparison = compareReports(report('passed'), report('passed', { capabilities: ['resume'] }));
  expect(comparison.newlyFailing).toMatchObject([{ subject: 'capability resume' }]);
  const same = report('passed', { capabilities: ['resume'] });
  expect(namesOf(compareReports(same, same))).toEqual({});
});

test('compares the eras if a report has modern cases', () => {
  const inEras = (passes: boolean): ReadReport => {
    const [passing] = sampleResults;
    if (passing === undefined) throw new Error('the sample is empty');
    const modern = { ...passing.case, id: 'modern/one', revisions: ['2026-07-28'] };
    const results = [passing, { ...passing, case: modern, ...(passes ? {} : outcomes.failed) }];
    const eras = { checked: ['legacy', 'modern'], origin: 'declared', leftOut: 0 } as const;
    return parseReport(renderJson(sampleReport(results, { target: { ...sampleTarget, eras } })), 'x.json');
  };
  expect(compareReports(report('passed'), report('failed')).eras).toEqual([]);
  const lines = comparisonLines(compareReports(inEras(false), inEras(true)), makePalette(false));
  expect(lines.slice(0, 4)).toEqual([
    'eras',
    '  legacy  1 of 1 cases passed, 1 of 1 clauses held → 1 of 1 cases passed, 1 of 1 clauses held',
    '  modern  0 of 1 cases passed, 0 of 2 clauses held → 1 of 1 cases passed, 1 of 1 clauses held',
    '',
  ]);
  expect(comparisonLines(compareReports(report('passed'), inEras(true)), makePalette(false))).toContain(
    '  modern  not checked → 1 of 1 cases passed, 1 of 1 clauses held',
  );
});

test('compares reports of different levels and adds a remark', () => {
  expect(compareReports(report('passed', { level: 'core' }), report('passed')).remarks).toEqual([
    'the level changed from core to strict',
  ]);
});

describe('matrices', () => {
  const sample = parseReport(renderMatrixJson(sampleMatrix()), 'x.json');
  const green = parseReport(renderMatrixJson(greenMatrix()), 'x.json');

  test('compares a matrix by implementation', () => {
    const comparison = compareReports(green, sample);
    expect(comparison.remarks).toEqual(['rust: the implementation was added']);
    expect(
      comparison.added.map(({ implementation, subject, after }) => [implementation, subject, after]),
    ).toEqual([
      ['ts', 'sessions/unknown-session', 'passed'],
      ['go', 'sessions/unknown-session', 'failed'],
      ['rust', 'the target', 'not run'],
    ]);
    expect(comparison.removed.map(({ subject }) => subject)).toEqual(['health/version', 'health/version']);
    expect(comparison.isWorse).toBe(true);
    expect(namesOf(compareReports(sample, sample))).toEqual({});
  });

  test('compares one implementation of a matrix with a run', () => {
    expect(() => compareReports(sample, report('passed'))).toThrow(
      'the old report is a matrix and the new one a single run; use --target NAME',
    );
    expect(compareReports(onlyTarget(sample, 'go'), report('passed')).isWorse).toBe(false);
    expect(() => onlyTarget(sample, 'ruby')).toThrow(
      '--target ruby: the matrix has no such implementation; it has ts, go, rust',
    );
  });

  test('renders a comparison as text', () => {
    expect(
      comparisonLines(compareReports(green, sample), makePalette(false)).join('\n'),
    ).toMatchInlineSnapshot(`
      "note: rust: the implementation was added

      new (3)
        ts  sessions/unknown-session  SESSION-2  passed
        go  sessions/unknown-session  SESSION-2  failed: status: expected 404, got 200
        rust  the target                         not run: The container runs, but nothing listened on its socket within 30 s.

      removed (2)
        ts  health/version  HEALTH-1  was passed
        go  health/version  HEALTH-1  was passed

      0 newly failing, 0 newly passing, 3 new (2 failing), 2 removed, 2 unchanged"
    `);
    expect(summaryOf(compareReports(sample, sample))).toBe(
      '0 newly failing, 0 newly passing, 0 new, 0 removed, 4 unchanged',
    );
  });
});

describe('reading an invalid file', () => {
  test.each([
    ['', 'it is empty; expected a report written by --report json=FILE'],
    ['<testsuites/>', 'it looks like XML; expected a report written by --report json=FILE'],
    ['{', 'it is not JSON; expected a report written by --report json=FILE'],
    ['[]', 'it is JSON but not a report; expected a report written by --report json=FILE'],
    ['{"name":"x"}', 'it is JSON but not a report; expected a report written by --report json=FILE'],
    [
      '{"schemaVersion":"1.0","kind":"other"}',
      'it is JSON but not a report; expected a report written by --report json=FILE',
    ],
    ['{"schemaVersion":"2.0","kind":"matrix"}', 'it has schemaVersion 2.0; this kit reads 1.x'],
    [
      '{"schemaVersion":"1.0","kind":"matrix"}',
      "it does not match the schema of reports: the top level must have required property 'tool'",
    ],
  ])('rejects %j', (text, message) => {
    expect(() => parseReport(text, 'a.json')).toThrow(`a.json: ${message}`);
  });

  test('rejects a report with a missing member', () => {
    const document = JSON.parse(renderJson(sampleReport()));
    document.cases[2].outcome = { kind: 'filed' };
    expect(() => parseReport(JSON.stringify(document), 'a.json')).toThrow(
      /^a\.json: it does not match the schema of reports: \/cases\/2\/outcome/,
    );
  });

  test.each([
    ['/no/such.json', 'there is no such file'],
    ['/', 'it is a folder, not a file'],
  ])('rejects %s', async (file, message) => {
    await expect(readReport(file)).rejects.toThrow(`${file}: ${message}`);
  });
});
