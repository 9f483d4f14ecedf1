import { expect, test } from 'vitest';
import { matchMembers, matchOutcome, matchStream } from './expectation.ts';
import { PatternError } from './matcher.ts';
import { SchemaSet } from './schema-set.ts';

const context = { variables: new Map<string, unknown>(), schemas: new SchemaSet() };
const answer = {
  grpc: 'OK',
  grpcMessage: '',
  status: 200,
  headers: { 'Content-Type': 'application/json', 'mcp-session-id': 'abc' },
  message: { jsonrpc: '2.0', id: 1, result: {} },
};
const refused = { grpc: 'INVALID_ARGUMENT', grpcMessage: 'no' };

/** An expectation, an observation and the paths of their differences. */
const outcomes: readonly (readonly [unknown, unknown, readonly string[]])[] = [
  [{ status: 200 }, answer, []],
  [{ status: 404 }, answer, ['/status']],
  [{ message: { $include: { id: 1 } } }, answer, []],
  [{ message: { id: 1 } }, answer, ['/message/jsonrpc', '/message/result']],
  [{ status: 404 }, refused, ['/grpc', '/status']],
  [{ grpc: 'INVALID_ARGUMENT' }, refused, []],
  [{ grpc: ['UNKNOWN', 'INVALID_ARGUMENT'] }, refused, []],
  [{ grpc: ['UNKNOWN', 'INTERNAL'] }, refused, ['/grpc']],
  [{ grpc: { $not: 'OK' } }, refused, []],
  [{ grpc: { $not: 'OK' } }, answer, ['/grpc']],
  [{ headers: { 'content-type': { $regex: '^application/json' } } }, answer, []],
  [
    { headers: { 'content-type': 'text/plain', 'x-a': { $absent: true } } },
    answer,
    ['/headers/content-type'],
  ],
  [{ headers: { 'mcp-session-id': { $absent: true } } }, answer, ['/headers/mcp-session-id']],
  [{ headers: { $include: { 'mcp-session-id': 'abc' } } }, answer, []],
  [{ headers: { 'x-a': { $absent: true } }, grpc: 'INVALID_ARGUMENT' }, refused, []],
  [{ status: { $absent: true }, grpc: 'INVALID_ARGUMENT' }, refused, []],
  [{ anyOf: [{ status: 404 }, { grpc: 'INVALID_ARGUMENT' }] }, refused, []],
  [{ anyOf: [{ status: 404 }, { status: 400 }] }, refused, ['/grpc', '/status']],
  [{ anyOf: [{ status: 404 }, { status: 200, message: { $absent: true } }] }, answer, ['/status']],
  [
    { status: 200, anyOf: [{ form: 'sse' }, { headers: { 'content-type': 'application/json' } }] },
    answer,
    [],
  ],
  [{ grpc: 'INVALID_ARGUMENT', anyOf: [{ grpcMessage: 'no' }, { grpcMessage: 'never' }] }, refused, []],
  [{ status: 200 }, {}, ['/grpc', '/status']],
];

test.each(outcomes)('%j compared with %j differs at %j', (expected, observation, paths) => {
  expect(matchOutcome(expected, observation, context).differences.map(({ path }) => path)).toEqual(paths);
});

test('matchStream accepts an open stream without a gRPC status', () => {
  expect(matchStream({ status: 200 }, { status: 200 }, context).differences).toEqual([]);
  expect(matchOutcome({ status: 200 }, { status: 200 }, context).differences).toHaveLength(1);
  expect(matchStream({ done: true }, { done: true, grpc: 'INTERNAL' }, context).differences).toHaveLength(1);
});

test('matchMembers compares an observation without a gRPC status', () => {
  expect(matchMembers({ code: 0 }, { code: 0, signal: null }, context).differences).toEqual([]);
  expect(
    matchMembers({ anyOf: [{ code: 0 }, { signal: 'SIGTERM' }] }, { code: 1, signal: null }, context)
      .differences,
  ).toEqual([{ path: '/code', expected: '0 (or another of the 2 outcomes in anyOf)', actual: '1' }]);
});

test('saves values from the matching alternative only', () => {
  const expected = {
    anyOf: [
      { status: 404, message: { $save: 'wrong' } },
      { status: { $save: 'status' }, message: { $include: { id: { $save: 'id' } } } },
    ],
  };
  expect(Object.fromEntries(matchOutcome(expected, answer, context).saved)).toEqual({ status: 200, id: 1 });
});

test.each([[undefined], ['OK'], [{ anyOf: [] }], [{ anyOf: {} }], [{ anyOf: [1] }]])(
  'rejects %j as an expectation',
  (expected) => {
    expect(() => matchOutcome(expected, answer, context)).toThrow(PatternError);
  },
);
