import { firstOf } from '../../conformance/text/text.ts';
import type { FaultFacts } from '../harness/fault.ts';

/** A page written by `npm run prove -- KIND --markdown FILE`. */
interface FaultPage {
  readonly rows: readonly FaultFacts[];
  /** The numbers in the summary. */
  readonly total: number;
  readonly cases: number;
  readonly caught: number;
}

/** Reads the summary and the table of a page. */
export function readFaultPage(page: string): FaultPage {
  const rows = [
    ...page.matchAll(
      /^\| (?<name>[a-z0-9-]+) \| (?<clause>[A-Z]+-\d+) \| (?<about>.*?) \| [^|]* \| \d+ \|$/gm,
    ),
  ];
  const [, total, cases] = /^- ([\d,]+) \w+, ([\d,]+) cases, /m.exec(page) ?? [];
  const [, caught] = /^- ([\d,]+) caught/m.exec(page) ?? [];
  return {
    rows: rows.map(({ groups = {} }) => ({
      name: groups['name'] ?? '',
      clause: groups['clause'] ?? '',
      about: (groups['about'] ?? '').replaceAll('\\|', '|'),
    })),
    total: numberIn(total),
    cases: numberIn(cases),
    caught: numberIn(caught),
  };
}

/** Reads a number of a summary, which separates thousands with commas. */
function numberIn(text = '0'): number {
  return Number(text.replaceAll(',', ''));
}

/**
 * Returns the differences between a page and this build, each as a phrase.
 * @param cases number of cases
 * @param hidden unobservable clauses with their reasons
 */
export function staleFaults(
  page: string,
  faults: readonly FaultFacts[],
  cases: number,
  hidden: Readonly<Record<string, string>> = {},
): readonly string[] {
  const recorded = readFaultPage(page);
  const byName = new Map(recorded.rows.map((row) => [row.name, row]));
  const today = new Set(faults.map(({ name }) => name));
  const named = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title}: ${firstOf(names, 3)}`];
  return [
    ...named(
      'faults without a row',
      faults.filter(({ name }) => !byName.has(name)).map(({ name }) => name),
    ),
    ...named(
      'rows of removed faults',
      recorded.rows.filter(({ name }) => !today.has(name)).map(({ name }) => name),
    ),
    ...named(
      'rows with an outdated clause or description',
      faults.filter((fault) => differs(fault, byName.get(fault.name))).map(({ name }) => name),
    ),
    ...named(
      'unobservable clauses without their reason',
      Object.entries(hidden).flatMap(([id, reason]) => (page.includes(`\n- ${id}: ${reason}\n`) ? [] : [id])),
    ),
    ...(recorded.total === recorded.rows.length
      ? []
      : [`the summary has ${recorded.total} faults, the table has ${recorded.rows.length} rows`]),
    ...(recorded.cases === cases
      ? []
      : [`recorded with ${recorded.cases} cases, but the suite has ${cases}`]),
  ];
}

function differs({ clause, about }: FaultFacts, row: FaultFacts | undefined): boolean {
  return row !== undefined && (row.clause !== clause || row.about !== about);
}
