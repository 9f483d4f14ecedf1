import { expect, test } from 'vitest';
import type { DataCase, Step } from '../case/case.ts';
import { longestFirst } from './case-order.ts';

function caseOf(id: string, steps: readonly Omit<Step, 'source'>[]): DataCase {
  const source = { file: 'x.yaml', line: 1 };
  return {
    kind: 'data',
    id,
    suite: 'x',
    title: id,
    clauses: ['RPC-1'],
    level: 'core',
    revisions: [],
    needs: {},
    alone: false,
    deadlineMs: 1_000,
    source,
    steps: steps.map((step) => ({ ...step, source })),
  };
}

test('what repeats most or waits longest comes first, then the rest as it stands', () => {
  const ping = { invoke: { request: {} } };
  const cases = [
    caseOf('short', [{ verb: 'invoke', argument: {} }]),
    caseOf('few-rounds', [{ verb: 'repeat', argument: { times: 3, steps: [ping] } }]),
    caseOf('hundred', [{ verb: 'repeat', argument: { times: 100, steps: [ping] } }]),
    caseOf('nested', [
      {
        verb: 'parallel',
        argument: [[{ repeat: { times: 20, steps: [{ repeat: { times: 20, steps: [ping] } }] } }]],
      },
    ]),
    caseOf('waits', [{ verb: 'parallel', argument: [[{ invoke: { request: {}, deadline: '250ms' } }]] }]),
    // Here `repeat` is a text that a request is made of.
    caseOf('text', [{ verb: 'invoke', argument: { request: { text: { repeat: 'x', times: 9_000 } } } }]),
  ];
  expect(longestFirst(cases).map(({ id }) => id)).toEqual([
    'nested',
    'waits',
    'hundred',
    'short',
    'few-rounds',
    'text',
  ]);
});
