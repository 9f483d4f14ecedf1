import { beforeAll, describe, expect, it } from 'vitest';
import { reasonToIgnore } from './ignored.ts';
import { type Instrumented, instrument } from './instrument.ts';
import { listedReason, vanishedChanges } from './listed.ts';
import { listedMutants } from './listed-mutants.ts';
import { mutatedFiles } from './subjects.ts';

let instrumented: Instrumented;
beforeAll(async () => {
  instrumented = await instrument(mutatedFiles);
});

describe('the list of surviving mutants', () => {
  it('names only changes that Stryker makes', () => {
    expect(vanishedChanges(instrumented.mutants)).toEqual([]);
  });

  it('names no mutant of an ignored class', () => {
    const both = instrumented.mutants.filter(
      (mutant) => reasonToIgnore(mutant) !== undefined && listedReason(mutant) !== undefined,
    );
    expect(both).toEqual([]);
  });

  it('states the reason of each entry in one sentence', () => {
    for (const { reason } of listedMutants) expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it('reports a change that Stryker does not make', () => {
    const list = {
      file: 'identity/caller.ts',
      reason: 'None.',
      changes: { 'const gone = 1;': ['1 → 2'] },
    };
    expect(vanishedChanges(instrumented.mutants, [list])).toEqual([
      'reference-runtime/identity/caller.ts: const gone = 1;: 1 → 2',
    ]);
  });
});

describe('instrument', () => {
  it('describes each change with its line', () => {
    const [first] = instrumented.mutants.filter(({ file }) => file.endsWith('/at-expiry.ts'));
    expect(first).toMatchObject({
      line: 2,
      code: 'const maxDelayMs = 2 ** 31 - 1;',
      mutator: 'ArithmeticOperator',
      original: '2 ** 31 - 1',
      replacement: '2 ** 31 + 1',
    });
  });

  it('returns sources with a switch for each mutant', () => {
    const source = instrumented.sources.get('reference-runtime/identity/at-expiry.ts') ?? '';
    const own = instrumented.mutants.filter(({ file }) => file.endsWith('/at-expiry.ts'));
    for (const { id } of own) expect(source).toContain(`stryMutAct_9fa48("${id}")`);
  });
});
