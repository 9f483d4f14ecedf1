import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import type { Report } from '../../report/report.ts';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  sampleReport,
  sampleResults,
} from '../../report/testing/sample-report.ts';
import { renderJson } from './run.ts';

const schema: unknown = JSON.parse(
  readFileSync(join(packageRoot(), 'conformance/schemas/report.v1.schema.json'), 'utf8'),
);

function compile(document: unknown): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  addFormats.default(ajv);
  return ajv.compile(document as object);
}

/** Forbids additional members, so that the schema must name every member that the kit writes. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
}

describe('renderJson', () => {
  test.each<[string, Report]>([
    ['every outcome', sampleReport()],
    ['a green run', greenReport()],
    ['no target', noTargetReport()],
    ['a huge failure', sampleReport([hugeFailure()])],
    ['a run that stopped early', sampleReport(sampleResults, { interrupted: 'SIGINT' })],
    [
      'a gateway',
      sampleReport(sampleResults.slice(0, 2), {
        settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
        target: { label: 'gateway http://127.0.0.1:1', kind: 'gateway' },
      }),
    ],
    [
      'a container image',
      sampleReport(sampleResults, {
        target: {
          label: 'image acme/runtime:1.4',
          kind: 'image',
          image: { id: 'sha256:1', digest: 'acme/runtime@sha256:2', sizeBytes: 12_345_678 },
        },
      }),
    ],
    [
      'a target without health facts',
      sampleReport(sampleResults, { target: { label: 'socket x', kind: 'socket' } }),
    ],
  ])('conforms to the schema: %s', (_, report) => {
    const validate = compile(closed(schema));
    validate(JSON.parse(renderJson(report)));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('does not conform with a missing or invalid member', () => {
    const validate = compile(schema);
    const document = JSON.parse(renderJson(sampleReport()));
    expect(validate(document)).toBe(true);
    expect(validate({ ...document, later: 1 })).toBe(true);
    expect(validate({ ...document, verdict: undefined })).toBe(false);
    expect(validate({ ...document, schemaVersion: '2.0' })).toBe(false);
    expect(validate({ ...document, error: JSON.parse(renderJson(noTargetReport())).error })).toBe(false);
  });

  test('describes the run', () => {
    const document = JSON.parse(renderJson(sampleReport()));
    expect(document).toMatchObject({
      schemaVersion: '1.6',
      tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
      startedAt: '2025-03-01T12:00:00.000Z',
      verdict: { conformant: false, exitCode: 1 },
    });
    expect(document.cases[2]).toMatchObject({
      id: 'sessions/unknown-session',
      source: { file: 'fixtures/cases/sessions.yaml', line: 12 },
      outcome: { kind: 'failed', failure: { step: { number: 3, line: 41 }, request: { sessionId: 'gone' } } },
      rerun: 'mcp-runtime-conformance --image acme/runtime:1.4 --case sessions/unknown-session',
    });
    expect(document.cases[3].knownFailure).toEqual({ reason: 'https://example.com/issues/7' });
    expect(document.clauses[0]).toEqual({
      clause: 'HEALTH-1',
      level: 'core',
      weight: 'MUST',
      standing: 'partly held',
      ordinal: 1,
      cases: ['health/ok', 'health/version', 'shutdown/drain'],
    });
  });

  test('limits each case and the whole report', () => {
    expect(renderJson(sampleReport([hugeFailure()])).length).toBeLessThan(700_000);
    const many = renderJson(sampleReport(new Array(120).fill(hugeFailure())));
    expect(many.length).toBeLessThan(60_000_000);
    expect(JSON.parse(many).cases.at(-1)).toMatchObject({ wire: [], logs: [], evidenceLeftOut: true });
  });
});
