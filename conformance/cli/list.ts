import { groupBy } from '../../base/group.ts';
import type { CaseHead } from '../case/case.ts';
import { appliesInEras, type EraChoice, erasIn } from '../case/era.ts';
import { appliesTo, type ContractRelease } from '../case/release.ts';
import { loadSuite } from '../load/load-suite.ts';
import { checkCapabilities, type Selection, selectCases } from '../plan/select-cases.ts';
import { count } from '../text/text.ts';

/** The parts of a selection that the target declares in a run. */
export interface ApplicableTo {
  readonly contract?: ContractRelease;
  readonly era?: EraChoice;
}

/**
 * Renders the selected cases by suite.
 * @throws UsageError, FixtureError, ContractError
 */
export async function listCases(selection: Partial<Selection> & ApplicableTo): Promise<string> {
  const { cases } = await loadSuite(selection.fixtures);
  checkCapabilities(selection.capabilities ?? [], cases);
  return renderList(applicable(selectCases(cases, selection), selection));
}

/** Returns the cases that may apply to the release of the contract and to the eras. Default: every one of them. */
export function applicable<Case extends CaseHead>(
  cases: readonly Case[],
  { contract: release, era = 'both' }: ApplicableTo,
): readonly Case[] {
  return cases.filter(
    (testCase) =>
      (release === undefined || appliesTo(testCase.since, { release, hasSessions: true })) &&
      appliesInEras(testCase, erasIn(era)),
  );
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
