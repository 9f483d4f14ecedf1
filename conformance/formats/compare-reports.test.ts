import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { parseReport } from '../compare/reading.ts';
import { type CompareReport, makeCompareReport } from '../compare/report.ts';
import type { CaseResult } from '../engine/result.ts';
import { makeMatrix } from '../matrix/matrix.ts';
import { sampleMatrix } from '../matrix/testing/sample-matrix.ts';
import { sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import { renderAnnotations } from './github/annotations.ts';
import { renderReport } from './index.ts';
import { renderMatrixJson } from './json/matrix.ts';
import { renderJson } from './json/run.ts';

const hostile = '</script><img src=x onerror=alert(1)> | ::error::x\u001b[31m\u202e';

/** Compares a run in which all cases pass with one that has every outcome. */
function sampleCompare(results: readonly CaseResult[] = sampleResults): CompareReport {
  const passing = results.map((result) => ({ ...result, outcome: { kind: 'passed' } as const }));
  return makeCompareReport({
    tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
    startedAt: 1_740_830_400_000,
    old: { file: 'old.json', report: parseReport(renderJson(sampleReport(passing)), 'old.json') },
    fresh: { file: 'new.json', report: parseReport(renderJson(sampleReport(results)), 'new.json') },
  });
}

function schemaErrors(document: unknown): unknown {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  addFormats.default(ajv);
  const schema = readFileSync(join(packageRoot(), 'conformance/schemas/compare.v1.schema.json'), 'utf8');
  const validate = ajv.compile(closed(JSON.parse(schema)) as object);
  validate(document);
  return validate.errors ?? [];
}

/** Forbids additional members, so that the schema must name every member that the kit writes. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
}

describe('the JSON report of a comparison', () => {
  test('conforms to its schema, for runs and for matrices', async () => {
    const runs = JSON.parse(await renderReport(sampleCompare(), 'json'));
    expect(schemaErrors(runs)).toEqual([]);
    expect(runs).toMatchObject({
      kind: 'compare',
      verdict: { exitCode: 1 },
      old: { file: 'old.json', runs: [{ exitCode: 1, level: 'strict' }] },
      changes: expect.arrayContaining([
        {
          kind: 'newly failing',
          subject: 'sessions/unknown-session',
          clauses: ['SESSION-2', 'SESSION-4'],
          before: 'passed',
          after: 'failed',
          reason: 'status: expected 404, got 200',
        },
      ]),
    });
    const matrix = parseReport(renderMatrixJson(sampleMatrix()), 'x.json');
    const { tool, startedAt } = sampleCompare();
    const same = makeCompareReport({
      tool,
      startedAt,
      old: { file: 'a.json', report: matrix },
      fresh: { file: 'b.json', report: matrix },
    });
    const matrices = JSON.parse(await renderReport(same, 'json'));
    expect(schemaErrors(matrices)).toEqual([]);
    expect(matrices.verdict.exitCode).toBe(0);
    expect(matrices.new.runs.map((run: { implementation: string }) => run.implementation)).toEqual([
      'ts',
      'go',
      'rust',
    ]);
  });

  test('reads a matrix with blocked and unstable cases', () => {
    const [first] = sampleResults;
    const blocked = sampleResults.find(({ outcome }) => outcome.kind === 'failed');
    if (first === undefined || blocked?.outcome.kind !== 'failed')
      throw new Error('the sample has no failure');
    const { failure } = blocked.outcome;
    const by = { case: 'health/ok', clause: 'HEALTH-1' };
    const report = sampleReport([
      { ...first, outcome: { kind: 'blocked', failure, by } },
      { ...blocked, attempts: { passed: 1, failed: 1 } },
    ]);
    const { tool, clauses, startedAt, durationMs } = { ...sampleMatrix() };
    const implementations = [{ name: 'ts', report }];
    const matrix = makeMatrix({ tool, level: 'strict', startedAt, durationMs, clauses, implementations });
    const read = parseReport(renderMatrixJson(matrix), 'x.json');
    const standings = read.kind === 'matrix' ? [...(read.runs.get('ts')?.cases.values() ?? [])] : [];
    expect(standings.map(({ standing }) => standing)).toEqual(['blocked', 'unstable']);
  });
});

describe('the other reports of a comparison', () => {
  test('JUnit fails the new failures', async () => {
    const text = await renderReport(sampleCompare(), 'junit');
    expect(text).toMatch(/<testsuite name="newly failing" tests="(\d+)" failures="\1"/);
    expect(text).toContain('message="passed → failed: status: expected 404, got 200"');
  });

  test('Markdown lists the new failures first', async () => {
    const text = await renderReport(sampleCompare(), 'markdown');
    expect(text).toContain('sessions/unknown-session');
    expect(text.toLowerCase()).toContain('newly failing');
  });

  test('annotations name the new failures', () => {
    expect(renderAnnotations(sampleCompare())).toContain('title=newly failing%3A sessions/unknown-session::');
  });

  test.each(['junit', 'markdown'])('shows hostile text as text (%s)', async (format) => {
    const results = sampleResults.map((result) =>
      result.outcome.kind === 'failed'
        ? {
            ...result,
            outcome: { ...result.outcome, failure: { ...result.outcome.failure, summary: hostile } },
          }
        : result,
    );
    const text = await renderReport(sampleCompare(results), format);
    expect(text).not.toMatch(/(?<!\\)<(img|\/script)|\n::/);
    for (const control of ['\u001b', '\u202e']) expect(text).not.toContain(control);
    expect(text).toContain('onerror');
  });
});
