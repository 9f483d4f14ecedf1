import type { MatrixCase, MatrixClause, MatrixModel } from './matrix-model.ts';

/** The members of a filter, by which it appears in the address of the page. */
export const filterNames = ['text', 'agreement', 'outcome', 'suite', 'clause', 'level', 'era'] as const;

/** Reads the filter in the address of the page. */
export function filterIn(query: URLSearchParams): MatrixFilter {
  return Object.fromEntries(
    filterNames.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])),
  );
}

/** A filter of the rows of a matrix. Members that are not set select everything. */
export interface MatrixFilter {
  readonly text?: string;
  readonly agreement?: string;
  readonly outcome?: string;
  readonly suite?: string;
  readonly clause?: string;
  readonly level?: string;
  readonly era?: string;
}

const agreements = ['disagreement', 'failed by all', 'uneven', 'passed by all'];
const troubles = [
  'violated',
  'known failure',
  'not followed',
  'partly held',
  'not proven',
  'not checked',
  'none',
  'not declared',
  'held',
];
const outcomes = [
  'failed',
  'unstable',
  'blocked',
  'stale',
  'broken',
  'not run',
  'known failure',
  'advice',
  undefined,
  'skipped',
  'not declared',
  'passed',
];

/**
 * Returns the cases that a filter selects.
 * @param order `agreement` (the default: disagreements first), `case`, `clause`, or the name of an implementation after
 *   `in:`, whose failures come first
 */
export function selectCases(
  { cases, clauses, implementations }: MatrixModel,
  filter: MatrixFilter,
  order = 'agreement',
): readonly MatrixCase[] {
  const { agreement, outcome, suite, clause, level, era } = filter;
  const isFound = wordsIn(filter.text);
  const selected = cases.filter(
    (each) =>
      isFound(each.haystack) &&
      (agreement === undefined || each.agreement === agreement) &&
      (outcome === undefined || each.standings.includes(outcome)) &&
      (suite === undefined || each.suite === suite) &&
      (clause === undefined || each.clauses.includes(clause)) &&
      (level === undefined || each.level === level) &&
      (era === undefined || each.eras.includes(era)),
  );
  if (order === 'case') return sortedBy(selected, ({ id }) => id);
  if (order === 'clause') {
    const places = new Map(clauses.map(({ id }, index) => [id, index]));
    return sortedBy(selected, ({ clauses: [main = ''] }) => places.get(main) ?? clauses.length);
  }
  const index = implementations.findIndex(({ name }) => order === `in:${name}`);
  if (index >= 0) return sortedBy(selected, ({ standings }) => outcomes.indexOf(standings[index]));
  return sortedBy(selected, (each) => agreements.indexOf(each.agreement));
}

/**
 * Returns the clauses that a filter selects. In an era, those that were checked in it.
 * @param order `worst` (the default), `clause`, or the name of an implementation after `in:`
 */
export function selectClauses(
  { clauses, implementations }: MatrixModel,
  filter: MatrixFilter,
  order = 'worst',
): readonly MatrixClause[] {
  const { outcome, level, era } = filter;
  const isFound = wordsIn(filter.text);
  const selected = clauses.flatMap((each) => {
    const standings = era === undefined ? each.standings : standingsIn(each, era);
    if (standings === undefined || !isFound(each.haystack)) return [];
    if (outcome !== undefined && !standings.includes(outcome)) return [];
    return level === undefined || each.level === level ? [{ ...each, standings }] : [];
  });
  if (order === 'clause') return selected;
  const rankOf = (standing: string | undefined): number => troubles.indexOf(standing ?? 'none');
  const index = implementations.findIndex(({ name }) => order === `in:${name}`);
  if (index >= 0) return sortedBy(selected, ({ standings }) => rankOf(standings[index]));
  return sortedBy(selected, ({ standings }) => Math.min(...standings.map(rankOf)));
}

/** Returns the standings of a clause in one era, or undefined if the clause was not checked in it. */
export function standingsIn({ eras }: MatrixClause, era: string): MatrixClause['standings'] | undefined {
  return eras.find((each) => each.era === era)?.standings;
}

/** Returns a test that finds all words of a text. */
function wordsIn(text = ''): (haystack: string) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (haystack) => words.every((word) => haystack.includes(word));
}

/** Sorts items. Those with the same key keep their order. */
function sortedBy<Item>(items: readonly Item[], keyOf: (item: Item) => number | string): readonly Item[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ item }) => item);
}
