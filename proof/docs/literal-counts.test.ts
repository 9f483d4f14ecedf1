import { expect, it } from 'vitest';
import { literalCounts } from './literal-counts.ts';

it.each([
  ['405 mutants'],
  ['84 of 84 checks'],
  ['78 hostile servers'],
  ['1,172 cases'],
  ['`314 of 314 cases passed`'],
])('finds %s', (text) => {
  expect(literalCounts(`One line.\nThere are ${text}.`)).toMatchObject([{ line: 2 }]);
});

it('finds a count whose noun is on the next line', () => {
  expect(literalCounts('all 84\nchecks pass')).toMatchObject([{ line: 1 }]);
});

it.each([
  ['a generated number', '<!-- generated: cases -->314<!-- /generated --> cases'],
  ['recorded output', '<!-- recorded: 2026-11-28, ls -->\n314 cases\n<!-- /recorded -->'],
  ['a number in words', 'five checks'],
  ['an id', 'SESSION-4 cases'],
  ['another number', 'within 20 s, and 16 KiB of memory'],
])('allows %s', (_, text) => {
  expect(literalCounts(text)).toEqual([]);
});
