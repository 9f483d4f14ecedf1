import { describe, expect, it } from 'vitest';
import type { Transport } from '../../../runners/runner.ts';
import { judgesTransports, TransportComparison } from './transport-comparison.ts';

interface Attempt {
  readonly answers?: readonly unknown[];
  readonly passed?: boolean;
}

function note(
  comparison: TransportComparison,
  transport: Transport,
  { answers = [], passed = true }: Attempt,
) {
  const observer = comparison.begin(transport, 's/c');
  for (const observation of answers) observer.answer([2, 'repeat', 0], observation);
  observer.end(passed);
}

function differences(overGrpc: Attempt, overHttp: Attempt) {
  const comparison = new TransportComparison();
  note(comparison, 'grpc', overGrpc);
  note(comparison, 'http', overHttp);
  return comparison.differences().problems;
}

const http = { transport: 'http', grpc: 'OK' };

describe('the same meaning', () => {
  it.each([
    [
      { grpc: 'OK', status: 200 },
      { ...http, status: 200 },
    ],
    [{ grpc: 'INVALID_ARGUMENT' }, { ...http, status: 400 }],
    [
      { grpc: 'OK', status: 400 },
      { ...http, status: 400, text: 'no' },
    ],
    [
      { grpc: 'OK', done: true, refused: 404 },
      { ...http, done: true, refused: 404, status: 404 },
    ],
    [{ grpc: 'CANCELLED' }, { ...http, status: 200 }],
    [
      { grpc: 'OK', status: 200 },
      { transport: 'http', grpc: 'DEADLINE_EXCEEDED' },
    ],
  ])('is that of %j and %j', (one, other) => {
    expect(differences({ answers: [one] }, { answers: [other] })).toEqual([]);
  });

  it('is found in another order, and for any number of answers in a loop', () => {
    const [ok, no] = [
      { grpc: 'OK', status: 200 },
      { grpc: 'OK', status: 404 },
    ];
    expect(differences({ answers: [ok, no] }, { answers: [no, ok] })).toEqual([]);
    expect(differences({ answers: [ok] }, { answers: [ok, no] })).toEqual([]);
  });
});

describe('a difference', () => {
  it('is a different status or error code', () => {
    const error = (code: number) => ({ grpc: 'OK', status: 400, message: { error: { code } } });
    expect(
      differences({ answers: [{ grpc: 'OK', status: 403 }] }, { answers: [{ ...http, status: 404 }] }),
    ).toEqual(['s/c: step 3: status 403 over gRPC, status 404 over HTTP']);
    expect(differences({ answers: [error(-32600)] }, { answers: [error(-32700)] })).toEqual([
      's/c: step 3: status 400 with -32600 over gRPC, status 400 with -32700 over HTTP',
    ]);
  });

  it('is a case that passes over one protocol only', () => {
    expect(differences({ passed: true }, { passed: false })).toEqual([
      's/c: passes over gRPC, fails over HTTP',
    ]);
    expect(differences({ passed: false }, { passed: true })).toEqual([
      's/c: passes over HTTP, fails over gRPC',
    ]);
    expect(differences({ passed: false }, { passed: false })).toEqual([]);
  });

  it('does not come from an earlier attempt, or from a case that has not ended', () => {
    const comparison = new TransportComparison();
    note(comparison, 'grpc', { passed: false });
    note(comparison, 'grpc', { passed: true });
    note(comparison, 'http', { passed: true });
    expect(comparison.differences()).toEqual({ problems: [], cases: [] });
    comparison.begin('http', 's/c').answer([0], { grpc: 'OK' });
    expect(comparison.differences().problems).toEqual([]);
  });
});

it('a case judges the protocols if it asks for the clause', () => {
  const step = (obeys: string) => ({ verb: 'traffic', argument: { obeys }, source: { file: 'f', line: 1 } });
  expect(judgesTransports({ steps: [step('HTTP-10')] })).toBe(true);
  expect(judgesTransports({ steps: [step('ERROR-3')] })).toBe(false);
});
