import { expect, test } from 'vitest';
import { loadClauses, packageRoot } from '../../conformance/index.ts';
import { mutants } from '../mutants/index.ts';
import { variations } from './index.ts';

const clauses = await loadClauses(packageRoot());

test('every variation has a name of its own, which no mutant has', () => {
  const names = [...variations, ...mutants].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
});

test('every variation names the clause that leaves it open', () => {
  expect(variations.filter(({ clause }) => !clauses.has(clause)).map(({ name }) => name)).toEqual([]);
});

test('every variation changes something', () => {
  const empty = variations.filter(
    ({ hooks = {}, options = {}, process }) =>
      process === undefined && Object.keys(hooks).length + Object.keys(options).length === 0,
  );
  expect(empty).toEqual([]);
});
