import { expect, test } from 'vitest';
import { appliesTo, contractReleases, newestRelease, strictest } from './release.ts';

const since11 = { release: '1.1' } as const;
const withSessions = { release: '1.1', orWithSessions: true } as const;

test('the newest release is the last one', () => {
  expect(contractReleases.at(-1)).toBe(newestRelease);
});

test.each([
  [undefined, '1.0', false, true],
  [since11, '1.0', false, false],
  [since11, '1.0', true, false],
  [since11, '1.1', false, true],
  [withSessions, '1.0', false, false],
  [withSessions, '1.0', true, true],
  [withSessions, '1.1', false, true],
] as const)('%j applies to release %s with sessions %s: %s', (since, release, hasSessions, applies) => {
  expect(appliesTo(since, { release, hasSessions })).toBe(applies);
});

test.each([
  [[], undefined],
  [[undefined, withSessions], withSessions],
  [[withSessions, since11, undefined], since11],
] as const)('the strictest of %j is %j', (all, expected) => {
  expect(strictest(all)).toEqual(expected);
});
