import { expect, test } from 'vitest';
import { dataCase } from '../../testing/data-case.ts';
import { inOrderOfRun } from './case-order.ts';

test('puts the longest cases first and keeps the order of the others', () => {
  const ping = { invoke: { request: {} } };
  const cases = [
    dataCase('short', [{ invoke: {} }]),
    dataCase('few-rounds', [{ repeat: { times: 3, steps: [ping] } }]),
    dataCase('hundred', [{ repeat: { times: 100, steps: [ping] } }]),
    dataCase('nested', [
      { parallel: [[{ repeat: { times: 20, steps: [{ repeat: { times: 20, steps: [ping] } }] } }]] },
    ]),
    dataCase('alterations', [{ alterations: { of: 'text', as: 'copy', steps: [ping] } }]),
    dataCase('waits', [{ parallel: [[{ invoke: { request: {}, deadline: '250ms' } }]] }]),
    // In this case, `repeat` is part of a request, not a step.
    dataCase('text', [{ invoke: { request: { text: { repeat: 'x', times: 9_000 } } } }]),
  ];
  expect(inOrderOfRun(cases).map(({ id }) => id)).toEqual([
    'suite/nested',
    'suite/alterations',
    'suite/waits',
    'suite/hundred',
    'suite/short',
    'suite/few-rounds',
    'suite/text',
  ]);
});

test('puts the cases first that explain the failures of others', () => {
  const waits = { invoke: { request: {}, deadline: '250ms' } };
  const cases = [
    { ...dataCase('long', [waits]), reliesOn: ['suite/opens', 'calls/elsewhere'] },
    dataCase('short', [{ invoke: {} }]),
    dataCase('opens', [{ session: {} }]),
    { ...dataCase('four-methods', [{ invoke: {} }]), id: 'calls/four-methods' },
  ];
  const order = inOrderOfRun(cases).map(({ id }) => id);
  expect(order).toEqual(['suite/opens', 'calls/four-methods', 'suite/long', 'suite/short']);
});
