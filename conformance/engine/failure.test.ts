import { expect, test } from 'vitest';
import { boundFailure, comparisonFailure } from './failure.ts';

test('a failure keeps what a report shows of an answer, not the answer', () => {
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

test('a summary is one line', () => {
  expect(boundFailure({ summary: 'a\r\nb\x1b[2J\n', differences: [] }).summary).toBe('a\\nb\\x1b[2J\\n');
});

test('a gRPC status that was not expected comes with its message', () => {
  const { failure } = comparisonFailure({
    differences: [{ path: '/grpc', expected: '"OK"', actual: '"INTERNAL"' }],
    expected: { status: 200 },
    actual: { grpc: 'INTERNAL', grpcMessage: 'out of paper' },
  });
  expect(failure.summary).toBe('/grpc: expected "OK", got "INTERNAL" "out of paper"');
});
