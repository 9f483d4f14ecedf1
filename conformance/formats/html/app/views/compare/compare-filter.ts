import type { Change, CompareModel } from './compare-model.ts';

/** A filter of the changes. Members that are not set select everything. */
export interface ChangeFilter {
  readonly text?: string;
  readonly change?: string;
  readonly in?: string;
  readonly clause?: string;
  readonly era?: string;
}

const names = ['text', 'change', 'in', 'clause', 'era'] as const;

/** Reads the filter in the address of the page. */
export function filterIn(query: URLSearchParams): ChangeFilter {
  return Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

/** Returns the changes that a filter selects, in their order. */
export function selectChanges(changes: readonly Change[], filter: ChangeFilter): readonly Change[] {
  const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const { change, clause, era } = filter;
  return changes.filter(
    (each) =>
      words.every((word) => each.haystack.includes(word)) &&
      (change === undefined || each.kind === change) &&
      (filter.in === undefined || each.implementation === filter.in) &&
      (clause === undefined || each.clauses.includes(clause)) &&
      (era === undefined || each.eras.includes(era)),
  );
}

/** Returns the choices of a comparison: the values that occur in it. */
export function choicesOf({ changes, lists, implementations }: CompareModel) {
  return [
    { name: 'change', label: 'Change', values: lists.map(({ kind }) => kind) },
    { name: 'in', label: 'Implementation', values: implementations },
    {
      name: 'clause',
      label: 'Clause',
      values: [...new Set(changes.flatMap(({ clauses }) => clauses))].sort(),
    },
    { name: 'era', label: 'Era', values: [...new Set(changes.flatMap(({ eras }) => eras))] },
  ].filter(({ values }) => values.length > 1);
}
