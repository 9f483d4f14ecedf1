import { describe, expect, test } from 'vitest';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { select } from './prove-faults.ts';

const faults = [
  { name: 'deaf', clause: 'RPC-1' },
  { name: 'deaf-to-some', clause: 'RPC-12' },
  { name: 'mute', clause: 'SESSION-1' },
];

describe('select', () => {
  test.each([
    ['selects all by default', {}, ['deaf', 'deaf-to-some', 'mute']],
    ['selects a name', { names: ['deaf'] }, ['deaf']],
    ['selects names and globs', { names: ['mute', 'deaf-*'] }, ['deaf-to-some', 'mute']],
    ['selects a clause', { clause: ['RPC-1'] }, ['deaf']],
    ['selects the clauses of a chapter', { clause: ['RPC-*'] }, ['deaf', 'deaf-to-some']],
    ['combines names and clauses', { names: ['deaf*'], clause: ['RPC-12'] }, ['deaf-to-some']],
  ])('%s', (_, request, expected) => {
    expect(select(faults, { names: [], ...request }).map(({ name }) => name)).toEqual(expected);
  });

  test.each([
    ['a name that matches nothing', { names: ['deaf', 'blind'] }],
    ['a clause that matches nothing', { clause: ['AUTH-*'] }],
    ['names and clauses without a common fault', { names: ['mute'], clause: ['RPC-1'] }],
  ])('refuses %s', (_, request) => {
    expect(() => select(faults, { names: [], ...request })).toThrow(UsageError);
  });
});
