import { expect, test } from 'vitest';
import type { Step } from '../case/case.ts';
import { sinceOf } from './case-since.ts';
import { parseClauses } from './clauses.ts';

const contract = parseClauses(`
**OLD-1** · core · MUST · all
Old.

**NEW-1** · core · MUST · all · since 1.1
New.

**SESSION-1** · core · MUST · all · since 1.1 or with sessions
Session.
`);
const since11 = { release: '1.1' };
const source = { file: 'x.yaml', line: 1 };
const step = (verb: string, argument: unknown, clause?: string): Step => ({
  verb,
  argument,
  source,
  ...(clause === undefined ? {} : { setup: { case: 'x/a', clause } }),
});
const facts = { clauses: ['OLD-1'], steps: [], capabilities: [] };

test.each([
  ['an old clause', facts, undefined],
  ['a new clause', { ...facts, clauses: ['OLD-1', 'NEW-1'] }, since11],
  ['a clause of sessions', { ...facts, clauses: ['SESSION-1'] }, { ...since11, orWithSessions: true }],
  ['a capability', { ...facts, capabilities: ['resume'] }, since11],
  ['a setup step', { ...facts, steps: [step('invoke', {}, 'NEW-1')] }, since11],
  ['a session step', { ...facts, steps: [step('session', {}, 'NEW-1')] }, undefined],
  [
    'a nested setup step',
    {
      ...facts,
      steps: [
        step('parallel', [[{ invoke: {}, setup: { case: 'x/a', clause: 'NEW-1' } }], [{ invoke: {} }]]),
      ],
    },
    since11,
  ],
])('%s', (_, written, expected) => {
  expect(sinceOf(written, contract)).toEqual(expected);
});
