import { describe, expect, test } from 'vitest';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { sampleOf, select } from './prove-faults.ts';

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

describe('sampleOf', () => {
  const items = Array.from({ length: 10 }, (_, index) => index);

  test.each([
    [undefined, items],
    [12, items],
    [5, [1, 3, 5, 7, 9]],
    [3, [3, 6, 9]],
    [1, [9]],
  ])('selects %s of ten items, evenly spread', (count, expected) => {
    expect(sampleOf(items, count)).toEqual(expected);
  });
});
