import { expect, test } from 'vitest';
import { boundFailure, comparisonFailure } from './failure.ts';

test('keeps only the reportable part of a response', () => {
  const failure = boundFailure({
    summary: `${'s'.repeat(5_000)}`,
    request: { body: 'b'.repeat(1 << 20) },
    expected: { status: 200 },
    actual: { text: 't'.repeat(1 << 20), items: Array.from({ length: 10_000 }, () => ({})) },
    differences: [],
  });
  expect(JSON.stringify(failure).length).toBeLessThan(20_000);
  expect(failure.expected).toEqual({ status: 200 });
});

test('reduces a summary to one line', () => {
  expect(boundFailure({ summary: 'a\r\nb\x1b[2J\n', differences: [] }).summary).toBe('a\\nb\\x1b[2J\\n');
});

test('adds the message of an unexpected gRPC status to the summary', () => {
  const { failure } = comparisonFailure({
    differences: [{ path: '/grpc', expected: '"OK"', actual: '"INTERNAL"' }],
    expected: { status: 200 },
    actual: { grpc: 'INTERNAL', grpcMessage: 'out of paper' },
  });
  expect(failure.summary).toBe('/grpc: expected "OK", got "INTERNAL" "out of paper"');
});
