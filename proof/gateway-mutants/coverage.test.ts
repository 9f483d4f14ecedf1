import { describe, expect, it } from 'vitest';
import { loadClauses, packageRoot } from '../../conformance/index.ts';
import { loadGatewayCases } from '../../conformance/load/load.ts';
import { makeCallers } from './callers.ts';
import { gatewayMutants } from './index.ts';
import { tryMutant, tryUntouched } from './trial.ts';

const clauses = await loadClauses(packageRoot());
const cases = await loadGatewayCases(clauses);
const binding = [...clauses.values()].filter(({ level }) => level === 'gateway');

describe('the coverage of the chapter for gateways', () => {
  it('has a mutant for every MUST', () => {
    const broken = new Set(gatewayMutants.map(({ clause }) => clause));
    const musts = binding.filter(({ weight }) => weight === 'MUST').map(({ id }) => id);
    expect(musts.filter((id) => !broken.has(id))).toEqual([]);
  });

  it('has mutants with names of their own, each of a clause that binds gateways', () => {
    expect(new Set(gatewayMutants.map(({ name }) => name)).size).toBe(gatewayMutants.length);
    expect(gatewayMutants.filter(({ name }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    const ids = new Set(binding.map(({ id }) => id));
    expect(gatewayMutants.filter(({ clause }) => !ids.has(clause))).toEqual([]);
  });
});

describe('our gateway', async () => {
  const options = {
    cases,
    callers: await makeCallers(),
    ownClauseOnly: true,
    signal: new AbortController().signal,
  };

  it('passes every case, with none skipped', { timeout: 180_000 }, async () => {
    expect(await tryUntouched({ ...options, caseTimeoutMs: 60_000 })).toEqual([]);
  });

  it.each(['cookies-pass', 'streams-outlive-callers', 'broken-streams-end-well'])(
    'with the fault %s is caught by a case of that clause',
    { timeout: 60_000 },
    async (name) => {
      const mutant = gatewayMutants.find((each) => each.name === name);
      if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
      const { caughtBy } = await tryMutant(mutant, { ...options, caseTimeoutMs: 6000 });
      expect(caughtBy).not.toEqual([]);
    },
  );
});
