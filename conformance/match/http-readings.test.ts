import { describe, expect, it } from 'vitest';
import { matchOutcome, matchStream } from './expectation.ts';
import { readingsOf } from './http-readings.ts';
import { SchemaSet } from './schema-set.ts';

const context = { variables: new Map<string, unknown>(), schemas: new SchemaSet() };
const refusal = { grpc: 'OK', transport: 'http', status: 400, headers: {}, form: 'empty' };
const refusedStream = {
  grpc: 'OK',
  transport: 'http',
  status: 404,
  refused: 404,
  errorStatus: 404,
  done: true,
};

function holds(match: typeof matchOutcome, expected: unknown, observation: unknown): boolean {
  return match(expected, observation, context).differences.length === 0;
}

describe('a refusal over HTTP', () => {
  it.each([
    { status: 400 },
    { grpc: 'INVALID_ARGUMENT' },
    { grpc: ['INTERNAL', 'FAILED_PRECONDITION'] },
    { grpc: { $not: 'OK' } },
    { anyOf: [{ status: 404 }, { grpc: 'INVALID_ARGUMENT' }] },
  ])('fulfils %j', (expected) => {
    expect(holds(matchOutcome, expected, refusal)).toBe(true);
  });

  it.each([{ status: 404 }, { grpc: 'NOT_FOUND' }, { grpc: 'INVALID_ARGUMENT', status: 400 }])(
    'does not fulfil %j, and reports the answer',
    (expected) => {
      const { differences } = matchOutcome(expected, refusal, context);
      expect(differences[0]?.actual).toMatch(/^(?:400|"OK")/);
    },
  );

  it('also counts as a failed stream without done', () => {
    expect(holds(matchStream, { grpc: 'NOT_FOUND', done: false, errorStatus: 0 }, refusedStream)).toBe(true);
    expect(holds(matchStream, { done: true, errorStatus: 404 }, refusedStream)).toBe(true);
    expect(holds(matchStream, { grpc: 'NOT_FOUND', done: true }, refusedStream)).toBe(false);
  });
});

it('has the text of the refusal as the message of the failed call', () => {
  const message = { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no' } };
  expect(readingsOf({ ...refusal, message })[1]).toMatchObject({ grpcMessage: 'no' });
  expect(readingsOf({ ...refusal, text: 'never' })[1]).toMatchObject({ grpcMessage: 'never' });
});

it.each([
  [{ grpc: 'OK', status: 400 }],
  [{ grpc: 'OK', transport: 'http', status: 200 }],
  [{ grpc: 'CANCELLED', transport: 'http', status: 400 }],
])('%j has one reading', (observation) => {
  expect(readingsOf(observation)).toEqual([observation]);
});
