import type { CaseHead } from '../case/case.ts';
import { loadSuite } from '../load/load-suite.ts';
import { checkCapabilities, type Selection, selectCases } from '../plan/select-cases.ts';
import { count } from '../text/text.ts';

/**
 * The selected cases by suite, as text.
 * @throws UsageError, FixtureError, ContractError
 */
export async function listCases(selection: Partial<Selection>): Promise<string> {
  const { cases } = await loadSuite(selection.fixtures);
  checkCapabilities(selection.capabilities ?? [], cases);
  return renderList(selectCases(cases, selection));
}

/** A line for each case: id, level, clauses. Ends in a line feed. */
export function renderList(cases: readonly CaseHead[]): string {
  const idWidth = Math.max(...cases.map(({ id }) => id.length));
  const levelWidth = Math.max(...cases.map(({ level }) => level.length));
  const lines: string[] = [];
  let suites = 0;
  let suite: string | undefined;
  for (const head of cases) {
    if (head.suite !== suite) {
      suite = head.suite;
      suites += 1;
      const size = cases.filter((other) => other.suite === suite).length;
      lines.push(...(suites > 1 ? [''] : []), `${suite} (${count(size, 'case')})`);
    }
    lines.push(`  ${head.id.padEnd(idWidth)}  ${head.level.padEnd(levelWidth)}  ${head.clauses.join(', ')}`);
  }
  return `${[...lines, '', `${count(cases.length, 'case')} in ${count(suites, 'suite')}`].join('\n')}\n`;
}
