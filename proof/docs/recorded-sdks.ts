import { firstOf } from '../../conformance/text/text.ts';
import { expectedFindings } from '../sdks/findings.ts';
import type { Facts } from './facts.ts';

/** Returns the cases that `npm run prove -- sdks` runs. The servers of the SDKs have no sessions. */
export function judgedCases(cases: Facts['cases']): Facts['cases'] {
  return cases.filter(({ suite, opensSessions }) => suite.startsWith('modern-') && opensSessions !== true);
}

/** Returns the differences between recorded tables of `npm run prove -- sdks` and this build, each as a phrase. */
export function staleSdks(tables: string, { cases }: Pick<Facts, 'cases'>): readonly string[] {
  const modern = judgedCases(cases);
  const wanted = new Set(modern.flatMap(({ clauses }) => clauses).filter((id) => id.startsWith('MODERN-')));
  const rows = new Set([...tables.matchAll(/^\| (MODERN-\d+) \|/gm)].map(([, id = '']) => id));
  const ids = new Set(modern.map(({ id }) => id));
  const named = [...tables.matchAll(/`(modern-[a-z-]+\/[a-z0-9-]+)`/g)].map(([, id = '']) => id);
  const findings = Object.values(expectedFindings).flat();
  const phrase = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title}: ${firstOf(names, 3)}`];
  return [
    ...phrase(
      'clauses without a row',
      [...wanted].filter((id) => !rows.has(id)),
    ),
    ...phrase(
      'rows of clauses that no modern case checks',
      [...rows].filter((id) => !wanted.has(id)),
    ),
    ...phrase(
      'unknown cases',
      named.filter((id) => !ids.has(id)),
    ),
    ...phrase(
      'findings without a row',
      findings.filter(({ about }) => !tables.includes(`| ${about} |`)).map(({ about }) => about),
    ),
  ];
}
