import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import { sampleBench } from '../../bench/testing/sample-bench.ts';
import { parseReport } from '../../compare/reading.ts';
import { makeCompareReport } from '../../compare/report.ts';
import type { CaseResult } from '../../engine/result.ts';
import { makeMatrix } from '../../matrix/matrix.ts';
import { sampleMatrix } from '../../matrix/testing/sample-matrix.ts';
import { judgeProto, type ProtoReport } from '../../proto-check/report.ts';
import { sampleReport, sampleResults } from '../../report/testing/sample-report.ts';
import { renderMatrixJson } from '../json/matrix.ts';
import { renderJson } from '../json/run.ts';
import { benchPage } from './bench-page.ts';
import { comparePage } from './compare-page.ts';
import type { PageData } from './data/index.ts';
import { matrixPage, matrixPageOfJson } from './matrix-page.ts';
import { renderHtmlPage } from './page.ts';
import { protoPage } from './proto-page.ts';

const schemas = ['report', 'matrix', 'compare', 'proto-check', 'bench', 'html-data'].map((name) =>
  JSON.parse(readFileSync(join(packageRoot(), `conformance/schemas/${name}.v1.schema.json`), 'utf8')),
);
const ajv = new Ajv2020({ strict: false, schemas });
addFormats.default(ajv);

const tool = { name: 'mcp-runtime-conformance', version: '0.1.0' };

function sampleCompare() {
  const { clauses } = sampleMatrix();
  const passing = sampleResults.map((result) => ({ ...result, outcome: { kind: 'passed' } as const }));
  const read = (results: readonly CaseResult[]) => parseReport(renderJson(sampleReport(results)), 'x.json');
  return makeCompareReport({
    tool,
    startedAt: 0,
    old: { file: 'old.json', report: read(passing) },
    fresh: { file: 'new.json', report: read(sampleResults) },
    clauses,
  });
}

function sampleProto(): ProtoReport {
  const check = {
    module: 'proto',
    against: 'main',
    lint: [],
    breaks: [],
    added: [],
    vectors: [],
    translation: undefined,
  };
  const facts = { kind: 'proto-check', tool, durationMs: 1, check, breaks: [], touched: [] } as const;
  const report = { ...facts, matrix: sampleMatrix() };
  return { ...report, verdict: judgeProto(report) };
}

describe('the data of a page', () => {
  test.each<[string, () => PageData]>([
    ['matrix', () => matrixPage(sampleMatrix())],
    ['matrix of a JSON report', () => matrixPageOfJson(JSON.parse(renderMatrixJson(sampleMatrix())))],
    ['compare', () => comparePage(sampleCompare())],
    ['proto-check', () => protoPage(sampleProto())],
    ['bench', () => benchPage(sampleBench())],
  ])('conforms to the published schema (%s)', (_, make) => {
    const data = JSON.parse(JSON.stringify(make()));
    const validate = ajv.getSchema('urn:mcp-runtime-conformance:html-data:1');
    expect([validate?.(data), validate?.errors]).toEqual([true, null]);
  });

  test('of a comparison has both sides of each changed case, and their clauses', () => {
    const { sides = [], contract = [], report } = comparePage(sampleCompare());
    expect(sides.map(({ id }) => id)).toEqual(report.changes.map(({ subject }) => subject));
    expect(sides[0]).toMatchObject({
      id: 'sessions/unknown-session',
      before: { outcome: { kind: 'passed' } },
      after: { outcome: { kind: 'failed' } },
    });
    expect(contract.map(({ id }) => id)).toContain('SESSION-2');
  });
});

/** A failure as large as the engine keeps. */
function largeFailure(): CaseResult {
  const [first] = sampleResults as readonly [CaseResult];
  const text = 'x'.repeat(2_000);
  const differences = Array.from({ length: 20 }, () => ({ path: text, expected: text, actual: text }));
  const values = { request: { text }, expected: { text }, actual: { text } };
  return {
    ...first,
    outcome: { kind: 'failed', failure: { summary: text, clauses: ['LIMIT-1'], differences, ...values } },
    wire: Array.from({ length: 400 }, (_, at) => ({ at, call: 'main#1', direction: 'received', text })),
    logs: Array.from({ length: 100 }, (_, at) => ({ at, stream: 'stdout', text })),
  };
}

test('a matrix of three implementations with 500 cases and 100 large failures stays below 5 MB', () => {
  const [first] = sampleResults as readonly [CaseResult];
  const failure = largeFailure();
  const { clauses } = sampleMatrix();
  const results = Array.from({ length: 500 }, (_, index): CaseResult => {
    const result = index % 5 === 0 ? failure : first;
    return { ...result, case: { ...result.case, id: `suite-${index % 40}/case-${index}` } };
  });
  const implementations = ['one', 'two', 'three'].map((name) => ({ name, report: sampleReport(results) }));
  const matrix = makeMatrix({ tool, level: 'strict', startedAt: 0, durationMs: 1, clauses, implementations });
  const html = renderHtmlPage(matrixPage(matrix));
  expect(Buffer.byteLength(html)).toBeLessThan(5_000_000);
  expect(matrix.cases.filter(({ agreement }) => agreement === 'failed by all')).toHaveLength(100);
});
