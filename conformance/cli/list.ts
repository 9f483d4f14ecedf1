import { groupBy } from '../../base/group.ts';
import type { CaseHead } from '../case/case.ts';
import { appliesTo, type ContractRelease } from '../case/release.ts';
import { loadSuite } from '../load/load-suite.ts';
import { checkCapabilities, type Selection, selectCases } from '../plan/select-cases.ts';
import { count } from '../text/text.ts';

/**
 * Renders the selected cases by suite.
 * @throws UsageError, FixtureError, ContractError
 */
export async function listCases(
  selection: Partial<Selection> & { readonly contract?: ContractRelease },
): Promise<string> {
  const { cases } = await loadSuite(selection.fixtures);
  checkCapabilities(selection.capabilities ?? [], cases);
  return renderList(inRelease(selectCases(cases, selection), selection.contract));
}

/** Returns the cases that may apply to a release of the contract. @param release default: every release */
export function inRelease<Case extends CaseHead>(
  cases: readonly Case[],
  release: ContractRelease | undefined,
): readonly Case[] {
  if (release === undefined) return cases;
  return cases.filter(({ since }) => appliesTo(since, { release, hasSessions: true }));
}

/** Renders one line per case: id, level, clauses. The text ends in a line feed. */
export function renderList(cases: readonly CaseHead[]): string {
  const idWidth = Math.max(...cases.map(({ id }) => id.length));
  const levelWidth = Math.max(...cases.map(({ level }) => level.length));
  const suites = groupBy(cases, ({ suite }) => suite);
  const lines = [...suites].flatMap(([suite, heads]) => [
    `${suite} (${count(heads.length, 'case')})`,
    ...heads.map(
      ({ id, level, clauses }) =>
        `  ${id.padEnd(idWidth)}  ${level.padEnd(levelWidth)}  ${clauses.join(', ')}`,
    ),
    '',
  ]);
  return `${[...lines, `${count(cases.length, 'case')} in ${count(suites.size, 'suite')}`].join('\n')}\n`;
}
