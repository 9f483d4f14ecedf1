import { expect, test } from 'vitest';
import { parseRoute, routeTo } from './router.ts';

test.each([
  ['', []],
  ['#/', []],
  ['#/case/sessions/close', ['case', 'sessions', 'close']],
  ['#/clause/SESSION-1?text=x', ['clause', 'SESSION-1']],
  ['#/case/%E0%A4%A', ['case', '%E0%A4%A']],
])('parses %s', (hash, path) => {
  expect(parseRoute(hash).path).toEqual(path);
});

test('stays in the run of an implementation', () => {
  expect(routeTo(['finding', '1'], {}, '#/in/go/case/a/b?text=x')).toBe('#/in/go/finding/1');
  expect(routeTo([], {}, '#/in/go')).toBe('#/in/go/');
  expect(routeTo(['case', 'a/b'], {}, '#/cases')).toBe('#/case/a/b');
});

test('writes addresses that it parses', () => {
  const address = routeTo(['case', 'a/b c?'], { text: 'x&y', outcome: '', era: undefined });
  expect(address).toBe('#/case/a/b%20c%3F?text=x%26y');
  expect(parseRoute(address).path.slice(1).join('/')).toBe('a/b c?');
  expect([...parseRoute(address).query]).toEqual([['text', 'x&y']]);
});
