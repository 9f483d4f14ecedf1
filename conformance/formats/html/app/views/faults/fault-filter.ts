import type { Fault, FaultsModel } from './faults-model.ts';
import { results } from './faults-model.ts';

/** A filter of the faults. Members that are not set select everything. */
export interface FaultFilter {
  readonly text?: string;
  readonly result?: string;
  readonly family?: string;
  readonly clause?: string;
  readonly case?: string;
}

const names = ['text', 'result', 'family', 'clause', 'case'] as const;

/** Reads the filter in the address of the page. */
export function filterIn(query: URLSearchParams): FaultFilter {
  return Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

/** Returns the faults that a filter selects, in their order. */
export function selectFaults(faults: readonly Fault[], filter: FaultFilter): readonly Fault[] {
  const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const { result, family, clause } = filter;
  return faults.filter(
    (each) =>
      words.every((word) => each.haystack.includes(word)) &&
      (result === undefined || each.result === result) &&
      (family === undefined || each.family === family) &&
      (clause === undefined || each.clause === clause) &&
      (filter.case === undefined || isCaughtBy(each, filter.case)),
  );
}

function isCaughtBy({ firstCatch, failed }: Fault, id: string): boolean {
  return firstCatch === id || failed.some((each) => each.id === id);
}

/** Returns the choices of a report: the values that occur in it. */
export function choicesOf({ faults, families }: FaultsModel) {
  const present = new Set(faults.map(({ result }) => result));
  return [
    { name: 'result', label: 'Result', values: results.filter((each) => present.has(each)) },
    { name: 'family', label: 'Chapter', values: families.map(({ name }) => name) },
    { name: 'clause', label: 'Clause', values: [...new Set(faults.map(({ clause }) => clause))] },
    {
      name: 'case',
      label: 'Caught by',
      values: [...new Set(faults.flatMap(({ firstCatch }) => firstCatch ?? []))].sort(),
    },
  ].filter(({ values }) => values.length > 1);
}
