import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadClauses, packageRoot } from '../../conformance/index.ts';
import { bindsGateway, bindsRuntime } from '../../conformance/load/clauses.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { goFaults } from './go.ts';
import { gatewayFaults, lists, runtimeFaults, variations } from './index.ts';
import { unobservable } from './unobservable.ts';

const clauses = await loadClauses(packageRoot());
const { cases } = await loadOwnFixtures();
const bindingRuntimes = [...clauses.values()].filter(bindsRuntime);
const bindingGateways = [...clauses.values()].filter(bindsGateway);
const without = (ids: ReadonlySet<string>, weights: readonly string[]) =>
  bindingRuntimes
    .filter(({ id, weight }) => weights.includes(weight) && !ids.has(id) && !Object.hasOwn(unobservable, id))
    .map(({ id }) => id);
const unbound = (faults: typeof runtimeFaults | typeof gatewayFaults, binding: typeof bindingRuntimes) => {
  const ids = new Set(binding.map(({ id }) => id));
  return faults.filter(({ clause }) => !ids.has(clause)).map(({ name }) => name);
};

describe('the coverage of clauses for runtimes', () => {
  it('has a fault for every observable MUST', () => {
    expect(without(new Set(runtimeFaults.map(({ clause }) => clause)), ['MUST'])).toEqual([]);
  });

  it('has a case for every observable clause', () => {
    const named = new Set(cases.flatMap((each) => each.clauses));
    expect(without(named, ['MUST', 'SHOULD', 'MAY'])).toEqual([]);
  });

  it('has only cases with known clauses', () => {
    const invalid = cases.filter(
      (each) => each.clauses.length === 0 || !each.clauses.every((id) => clauses.has(id)),
    );
    expect(invalid.map(({ id }) => id)).toEqual([]);
  });

  it('has faults only for clauses that apply to runtimes', () => {
    expect(unbound(runtimeFaults, bindingRuntimes)).toEqual([]);
  });

  it('lists unobservable clauses with a reason and without faults', () => {
    for (const [id, reason] of Object.entries(unobservable)) {
      expect(clauses.has(id), id).toBe(true);
      expect(
        runtimeFaults.some(({ clause }) => clause === id),
        id,
      ).toBe(false);
      expect(reason.length, id).toBeGreaterThan(20);
    }
  });
});

describe('the coverage of clauses for gateways', () => {
  it('has a fault for every MUST', () => {
    const broken = new Set(gatewayFaults.map(({ clause }) => clause));
    const musts = bindingGateways.filter(({ weight }) => weight === 'MUST').map(({ id }) => id);
    expect(musts.filter((id) => !broken.has(id))).toEqual([]);
  });

  it('has faults only for clauses that apply to gateways', () => {
    expect(unbound(gatewayFaults, bindingGateways)).toEqual([]);
  });
});

describe('the variations', () => {
  it('name a known clause', () => {
    expect(variations.filter(({ clause }) => !clauses.has(clause)).map(({ name }) => name)).toEqual([]);
  });

  it('change at least one behaviour', () => {
    const empty = variations.filter(
      ({ hooks = {}, options = {}, process }) =>
        process === undefined && Object.keys(hooks).length + Object.keys(options).length === 0,
    );
    expect(empty).toEqual([]);
  });
});

describe('the faults in Go', () => {
  it('break clauses that apply to runtimes', () => {
    const ids = new Set(bindingRuntimes.map(({ id }) => id));
    expect(goFaults().filter(({ clause }) => !ids.has(clause))).toEqual([]);
  });
});

describe('the lists', () => {
  it.each([
    ['faults of the runtime', runtimeFaults.length, 680],
    ['faults of the gateway', gatewayFaults.length, 176],
    ['variations', variations.length, 260],
    ['faults in Go', goFaults().length, 46],
  ])('keep the number of %s', (_, number, floor) => {
    expect(number).toBeGreaterThanOrEqual(floor);
  });

  it.each([
    ['the runtime', [...runtimeFaults, ...variations]],
    ['the gateway', gatewayFaults],
    ['the Go runtime', goFaults()],
  ])('give the faults of %s unique names in lower case', (_, faults) => {
    const names = faults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it('keep runtime faults and variations in a file of their chapter', () => {
    const misplaced = [lists.runtime, lists.variations].flatMap((chapters) =>
      Object.entries<typeof runtimeFaults>(chapters).flatMap(([list, faults]) =>
        faults.filter(({ clause }) => !list.startsWith(chapterOf(clause))),
      ),
    );
    expect(misplaced).toEqual([]);
  });

  it('keep all faults of a gateway clause in one file', () => {
    const first = new Map<string, string>();
    const misplaced = Object.entries(lists.gateway).flatMap(([list, faults]) =>
      faults.filter(({ clause }) => {
        if (!first.has(clause)) first.set(clause, list);
        return first.get(clause) !== list;
      }),
    );
    expect(misplaced).toEqual([]);
  });

  it.each(Object.keys(lists))('include every file in %s', (folder) => {
    const path = join(packageRoot(), 'proof', 'faults', folder);
    const index = readFileSync(join(path, 'index.ts'), 'utf8');
    const files = readdirSync(path).filter((file) => file !== 'index.ts');
    expect(files.filter((file) => !index.includes(`'./${file}'`))).toEqual([]);
  });
});

/** Returns the beginning of the name of the fault lists for a clause, such as `jsonRpc` for JSONRPC-2. */
function chapterOf(clause: string): string {
  const chapter = clause.replace(/-\d+$/, '').toLowerCase();
  return chapter === 'jsonrpc' ? 'jsonRpc' : chapter;
}
