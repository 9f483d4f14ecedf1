import { expect, test } from 'vitest';
import {
  greenReport,
  noTargetReport,
  sampleReport,
  sampleResults,
} from '../../report/testing/sample-report.ts';
import { renderAnnotations } from './annotations.ts';

test('annotates everything that prevents a green run', () => {
  expect(renderAnnotations(sampleReport()).split('\n')).toEqual([
    '::error title=SESSION-2%3A 1 case fails::status: expected 404, got 200',
    '::error title=INIT-1%3A 1 case blocked::initialize did not create a session: status 500',
    '::error title=sessions/close-then-use::The case passed but is listed as a known failure. Remove the entry.',
    '::error title=limits/inflate::The kit could not run this case: the variable cursor has no value',
    '::error title=capability resume::The target does not declare the required capability resume.',
    '',
  ]);
});

test('adds no annotations for a green run', () => {
  expect(renderAnnotations(greenReport())).toBe('');
});

test('annotates a target that could not be tested', () => {
  expect(renderAnnotations(noTargetReport())).toBe(
    '::error title=the target could not be tested::The container runs, but nothing listened on its socket within 30 s.' +
      '%0ABind the path in MCP_RUNTIME_GRPC_UDS, or raise --ready-timeout.\n',
  );
});

test('escapes commands in text from the target', () => {
  const [, , failed] = sampleResults;
  if (failed?.outcome.kind !== 'failed') throw new Error('the sample lacks a failure');
  const failure = { summary: '100%\r\n::stop-commands::x', differences: [], clauses: ['RPC-1'] };
  const text = renderAnnotations(sampleReport([{ ...failed, outcome: { kind: 'failed', failure } }]));
  expect(text.split('\n')[0]).toMatch(/::100%25\\x0d%0A::stop-commands::x$/);
});
