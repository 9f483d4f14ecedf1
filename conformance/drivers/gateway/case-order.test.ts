import { expect, test } from 'vitest';
import type { Step } from '../../case/case.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import { arrangeCases, disturbsOthers } from './case-order.ts';

const source = { file: 'x.yaml', line: 1 };
const step = (verb: string, argument: unknown = {}): Step => ({ verb, argument, source });

function gatewayCase(id: string, steps: readonly Step[], capabilities: readonly string[] = []): GatewayCase {
  return {
    kind: 'gateway',
    id,
    suite: 'x',
    title: id,
    clauses: ['GW-1'],
    level: 'core',
    revisions: [],
    needs: {},
    alone: false,
    deadlineMs: 1_000,
    source,
    capabilities,
    gatewayNeeds: [],
    steps,
  };
}

test('long waits come first and disturbing cases last, within each set of capabilities', () => {
  const cases = [
    gatewayCase('ordinary', [step('exchange')]),
    gatewayCase('restarts', [step('runtime', { is: 'absent' })]),
    gatewayCase('with-head', [step('exchange')], ['stream-head']),
    gatewayCase('waits', [step('abort'), step('cancelled')]),
    gatewayCase('waits-with-head', [step('cancelled')], ['stream-head']),
  ];
  expect(arrangeCases(cases).map(({ id }) => id)).toEqual([
    'waits',
    'ordinary',
    'restarts',
    'waits-with-head',
    'with-head',
  ]);
});

test('finds disturbing steps in nested steps', () => {
  const nested = step('forEach', { times: 2, steps: [{ break: { how: 'disconnect' }, setup: 'x/a' }] });
  expect(disturbsOthers(gatewayCase('nested', [nested]))).toBe(true);
  expect(disturbsOthers(gatewayCase('none', [step('forEach', { times: 2, steps: [{ send: {} }] })]))).toBe(
    false,
  );
});
