import { describe, expect, it } from 'vitest';
import { loadClauses, packageRoot } from '../../conformance/index.ts';
import { bindsRuntime } from '../../conformance/load/clauses.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { mutants } from './index.ts';
import { unobservable } from './unobservable.ts';

const clauses = await loadClauses(packageRoot());
const { cases } = await loadOwnFixtures();
const binding = [...clauses.values()].filter(bindsRuntime);
const without = (ids: ReadonlySet<string>, weights: readonly string[]) =>
  binding
    .filter(({ id, weight }) => weights.includes(weight) && !ids.has(id) && !Object.hasOwn(unobservable, id))
    .map(({ id }) => id);

describe('the coverage of the contract', () => {
  it('has a mutant for every MUST that binds a runtime and can be observed', () => {
    expect(without(new Set(mutants.map(({ clause }) => clause)), ['MUST'])).toEqual([]);
  });

  it('has a case for every clause that binds a runtime and can be observed', () => {
    const named = new Set(cases.flatMap((each) => each.clauses));
    expect(without(named, ['MUST', 'SHOULD', 'MAY'])).toEqual([]);
  });

  it('has no case that names no clause, or one that there is not', () => {
    const strange = cases.filter(
      (each) => each.clauses.length === 0 || !each.clauses.every((id) => clauses.has(id)),
    );
    expect(strange.map(({ id }) => id)).toEqual([]);
  });

  it('has at least 120 mutants, each with a name of its own and a clause that binds a runtime', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(120);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    const bound = new Set(binding.map(({ id }) => id));
    expect(mutants.filter(({ clause }) => !bound.has(clause))).toEqual([]);
    expect(mutants.filter(({ name }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it('lists as unobservable only clauses that there are, that nothing covers, with a reason', () => {
    for (const [id, reason] of Object.entries(unobservable)) {
      expect(clauses.has(id), id).toBe(true);
      expect(
        mutants.some(({ clause }) => clause === id),
        id,
      ).toBe(false);
      expect(reason.length, id).toBeGreaterThan(20);
    }
  });
});
