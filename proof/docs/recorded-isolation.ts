import { firstOf } from '../../conformance/text/text.ts';
import type { FaultFacts } from '../harness/fault.ts';

/** A page written by `npm run prove -- runtime --whole-suite --markdown FILE`. */
interface IsolationPage {
  readonly total: number;
  readonly cases: number;
  /** The score: the faults whose first finding is right, and the scored faults. */
  readonly right: number;
  readonly scored: number;
  /** The faults that a table names, with their clauses. */
  readonly rows: readonly Pick<FaultFacts, 'name' | 'clause'>[];
}

/** Reads the summary and the tables of a page. */
export function readIsolationPage(page: string): IsolationPage {
  const numbers = (pattern: RegExp) => pattern.exec(page)?.slice(1).map(Number) ?? [];
  const [total = 0, cases = 0] = numbers(/^- (\d+) \w+, (\d+) cases, /m);
  const [right = 0, scored = 0] = numbers(/^- the first finding .* for (\d+) of (\d+) faults/m);
  const rows = [...page.matchAll(/^\| (?<name>[a-z0-9-]+) \| (?<clause>[A-Z]+-\d+) \|/gm)];
  return {
    total,
    cases,
    right,
    scored,
    rows: rows.map(({ groups = {} }) => ({ name: groups['name'] ?? '', clause: groups['clause'] ?? '' })),
  };
}

/**
 * Returns the differences between a page and this build, each as a phrase.
 * @param cases number of cases
 */
export function staleIsolation(
  page: string,
  faults: readonly FaultFacts[],
  cases: number,
): readonly string[] {
  const recorded = readIsolationPage(page);
  const clauseOf = new Map(faults.map(({ name, clause }) => [name, clause]));
  const changed = recorded.rows.filter(({ name, clause }) => clauseOf.get(name) !== clause);
  const listed = new Set(recorded.rows.map(({ name }) => name));
  const unlisted = faults.filter(({ name, alsoBreaks = [] }) => alsoBreaks.length > 0 && !listed.has(name));
  const named = (title: string, some: readonly { readonly name: string }[]) => {
    const names = [...new Set(some.map(({ name }) => name))];
    return names.length === 0 ? [] : [`${title}: ${firstOf(names, 3)}`];
  };
  return [
    ...named('rows of removed faults, or with an outdated clause', changed),
    ...named('faults of several clauses without a row', unlisted),
    ...(recorded.total === faults.length
      ? []
      : [`recorded with ${recorded.total} faults, but there are ${faults.length}`]),
    ...(recorded.cases === cases
      ? []
      : [`recorded with ${recorded.cases} cases, but the suite has ${cases}`]),
  ];
}
