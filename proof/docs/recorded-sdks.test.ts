import { expect, test } from 'vitest';
import { expectedFindings } from '../sdks/findings.ts';
import { loadFacts } from './facts.ts';
import { judgedCases, staleSdks } from './recorded-sdks.ts';

const facts = await loadFacts();
const ids = new Set(
  judgedCases(facts.cases)
    .flatMap(({ clauses }) => clauses)
    .filter((id) => id.startsWith('MODERN-')),
);
const rows = [...ids].map((id) => `| ${id} | a title | held | held |`);
const findings = Object.values(expectedFindings)
  .flat()
  .map(({ about }) => `| a server | ${about} | a place |`);

test('accepts tables with every clause and every finding', () => {
  expect(staleSdks([...rows, ...findings].join('\n'), facts)).toEqual([]);
});

test.each([
  ['a missing clause', [...rows.slice(1), ...findings], 'clauses without a row: MODERN-'],
  [
    'an unknown clause',
    ['| MODERN-999 | a title |', ...rows, ...findings],
    'that no modern case checks: MODERN-999',
  ],
  [
    'an unknown case',
    ['`modern-requests/nope`', ...rows, ...findings],
    'unknown cases: modern-requests/nope',
  ],
  ['a missing finding', [...rows, ...findings.slice(1)], 'findings without a row: '],
])('reports %s', (_, lines, message) => {
  expect(staleSdks(lines.join('\n'), facts)).toEqual([expect.stringContaining(message)]);
});
