import { expect, test } from 'vitest';
import { appliesInEras, declaredEras, type Era, erasIn, erasOf } from './era.ts';

const legacy = { revisions: ['2025-06-18'] };
const modern = { revisions: ['2026-07-28'] };
const all = { revisions: ['2025-11-25', '2026-07-28'] };

test('the eras of a case are those of its revisions', () => {
  expect([legacy, modern, all].map(erasOf)).toEqual([['legacy'], ['modern'], ['legacy', 'modern']]);
});

test.each<[string, object, Era[], boolean]>([
  ['a legacy case', legacy, ['legacy'], true],
  ['a legacy case', legacy, ['modern'], false],
  ['a modern case', modern, ['legacy'], false],
  ['a modern case', modern, ['legacy', 'modern'], true],
  ['a case of both eras', all, ['modern'], true],
  ['a case of both eras', all, ['legacy'], true],
  ['a modern case with a session', { ...modern, opensSessions: true }, ['modern'], false],
  ['a modern case with a session', { ...modern, opensSessions: true }, ['legacy', 'modern'], true],
])('%s %j on a target with %j: %s', (_name, head, served, expected) => {
  expect(appliesInEras(head as typeof legacy, served)).toBe(expected);
});

test('a runtime declares its eras as capabilities', () => {
  expect(declaredEras([])).toEqual(['legacy']);
  expect(declaredEras(['stream-post'])).toEqual(['legacy']);
  expect(declaredEras(['mcp-2026-07-28'])).toEqual(['legacy', 'modern']);
  expect(declaredEras(['mcp-2026-07-28', 'modern-only'])).toEqual(['modern']);
});

test('the choice both stands for both eras', () => {
  expect([erasIn('both'), erasIn('modern')]).toEqual([['legacy', 'modern'], ['modern']]);
});
