import { expect, test } from 'vitest';
import { mutatedFiles } from '../stryker/subjects.ts';
import { readStrykerPage, staleStryker } from './recorded-stryker.ts';

const pageOf = (files: readonly string[]) =>
  [
    '- 150 mutants tried, 657 cases',
    '- 120 caught (80.0 %), 28 survived for a listed reason, 2 without one',
    '',
    '| part | file | tried | caught | listed | without a reason | caught of tried |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...files.map((file) => `| json-rpc | \`${file}\` | 7 | 6 | 1 | 0 | 85.7 % |`),
  ].join('\n');

test('the summary of a page is read', () => {
  expect(readStrykerPage(pageOf(['a.ts']))).toEqual({ tried: 150, caught: 120, listed: 28, files: ['a.ts'] });
});

test('a page is outdated if it has other files than the build', () => {
  expect(staleStryker(pageOf(mutatedFiles))).toEqual([]);
  const [first = '', ...others] = mutatedFiles;
  expect(staleStryker(pageOf([...others, 'gone.ts']))).toEqual([
    `mutated files without a row: ${first}`,
    'rows of files that are not mutated: gone.ts',
  ]);
});
