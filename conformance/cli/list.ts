import { groupBy } from '../../base/group.ts';
import type { CaseHead } from '../case/case.ts';
import { loadSuite } from '../load/load-suite.ts';
import { checkCapabilities, type Selection, selectCases } from '../plan/select-cases.ts';
import { count } from '../text/text.ts';

/**
 * Renders the selected cases by suite.
 * @throws UsageError, FixtureError, ContractError
 */
export async function listCases(selection: Partial<Selection>): Promise<string> {
  const { cases } = await loadSuite(selection.fixtures);
  checkCapabilities(selection.capabilities ?? [], cases);
  return renderList(selectCases(cases, selection));
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
