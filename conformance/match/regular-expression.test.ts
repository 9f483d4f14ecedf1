import { expect, test, vi } from 'vitest';
import { match } from './match.ts';
import { matchesWithin, PatternTimeoutError, regularExpression } from './regular-expression.ts';

test.each([
  ['^(a+)+$', `${'a'.repeat(40)}b`],
  ['(x+x+)+y', 'x'.repeat(100_000)],
  ['\\s+\\s+\\s+z', ' '.repeat(100_000)],
  ['(.*)\\1$z', 'a'.repeat(100_000)],
])('gives up on /%s/, which backtracks', (source, text) => {
  const started = performance.now();
  expect(() => matchesWithin(regularExpression(source), text)).toThrow(PatternTimeoutError);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('tries again if the machine was too busy for the match', () => {
  const used = [0, 0, 0, 500_000].map((user) => ({ user, system: 0 }));
  const cpuUsage = vi
    .spyOn(process, 'cpuUsage')
    .mockImplementation(() => used.shift() ?? { user: 0, system: 0 });
  try {
    const attempt = () => matchesWithin(regularExpression('^(a+)+$'), `${'a'.repeat(40)}b`);
    expect(attempt).toThrow(PatternTimeoutError);
    expect(used).toEqual([]);
  } finally {
    cpuUsage.mockRestore();
  }
});

test('names the pattern and what to do', () => {
  const text = `${'a'.repeat(40)}b`;
  const attempt = () =>
    match({ $not: { $regex: '^(a+)+$' } }, text, { variables: new Map(), schemas: { check: () => [] } });
  expect(attempt).toThrow(
    `matching /^(a+)+$/ took more than 0.5 s on ${JSON.stringify(text)}: simplify the pattern`,
  );
});

test.each([
  ['^x+$', 'x'.repeat(5_000_000), true],
  ['^(?:xy)+$', 'xy'.repeat(100_000), true],
  ['^(?:xy)+$', `${'xy'.repeat(100_000)}z`, false],
  ['(?<=a)b(?!c)', 'abd', true],
  ['(.)\\1{9}', `${'abc'.repeat(10_000)}${'d'.repeat(10)}`, true],
  ['(?i)^TEXT/html\\s*(;|$)', 'text/HTML; charset=utf-8', true],
])('decides /%s/ on long and short texts', (source, text, expected) => {
  expect(matchesWithin(regularExpression(source), text)).toBe(expected);
});

test('keeps no text after a match', () => {
  const pattern = regularExpression('(b)\\1');
  expect(matchesWithin(pattern, 'abb')).toBe(true);
  expect(matchesWithin(pattern, 'ab')).toBe(false);
});
