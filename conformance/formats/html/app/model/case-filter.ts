import type { Case, RunModel } from './run-model.ts';
import { standings } from './standing.ts';

/** A filter of cases. Members that are not set select everything. */
export interface CaseFilter {
  readonly text?: string;
  readonly suite?: string;
  readonly clause?: string;
  readonly level?: string;
  readonly era?: string;
  readonly outcome?: string;
}

export const filterNames = ['text', 'suite', 'clause', 'level', 'era', 'outcome'] as const;

/** Reads the filter in the address of the page. */
export function filterIn(query: URLSearchParams): CaseFilter {
  return Object.fromEntries(
    filterNames.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])),
  );
}

export function isEmpty(filter: CaseFilter): boolean {
  return filterNames.every((name) => !filter[name]);
}

/** Returns the cases that a filter selects. All words of its text must occur in the id, title, clauses or reason. */
export function select(cases: readonly Case[], filter: CaseFilter): readonly Case[] {
  const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const { suite, clause, level, era, outcome } = filter;
  return cases.filter(
    (each) =>
      words.every((word) => each.haystack.includes(word)) &&
      (suite === undefined || each.suite === suite) &&
      (clause === undefined || each.clauses.includes(clause)) &&
      (level === undefined || each.level === level) &&
      (era === undefined || each.eras.includes(era)) &&
      (outcome === undefined || each.standing === outcome),
  );
}

/** A choice of one member of the filter. */
export interface FilterChoice {
  readonly name: Exclude<(typeof filterNames)[number], 'text'>;
  readonly label: string;
  readonly values: readonly string[];
}

/** Returns the choices of a run: the values that occur in it. */
export function choicesOf({ cases, suites, clauses }: RunModel): readonly FilterChoice[] {
  const present = new Set<string>(cases.map(({ standing }) => standing));
  const all: readonly FilterChoice[] = [
    { name: 'outcome', label: 'Outcome', values: standings.filter((each) => present.has(each)) },
    { name: 'suite', label: 'Suite', values: suites.map(({ id }) => id) },
    { name: 'clause', label: 'Clause', values: clauses.map(({ clause }) => clause) },
    { name: 'level', label: 'Level', values: [...new Set(cases.map(({ level }) => level))].sort() },
    { name: 'era', label: 'Era', values: [...new Set(cases.flatMap(({ eras }) => eras))] },
  ];
  return all.filter(({ values }) => values.length > 1);
}
