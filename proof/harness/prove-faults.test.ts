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
    ['all by default', {}, ['deaf', 'deaf-to-some', 'mute']],
    ['a name', { names: ['deaf'] }, ['deaf']],
    ['names and globs', { names: ['mute', 'deaf-*'] }, ['deaf-to-some', 'mute']],
    ['a clause', { clause: ['RPC-1'] }, ['deaf']],
    ['a family of clauses', { clause: ['RPC-*'] }, ['deaf', 'deaf-to-some']],
    ['both', { names: ['deaf*'], clause: ['RPC-12'] }, ['deaf-to-some']],
  ])('%s', (_, request, expected) => {
    expect(select(faults, { names: [], ...request }).map(({ name }) => name)).toEqual(expected);
  });

  test.each([
    ['one name of several that matches nothing', { names: ['deaf', 'blind'] }],
    ['a clause that matches nothing', { clause: ['AUTH-*'] }],
    ['names and clauses that share nothing', { names: ['mute'], clause: ['RPC-1'] }],
  ])('refuses %s', (_, request) => {
    expect(() => select(faults, { names: [], ...request })).toThrow(UsageError);
  });
});
