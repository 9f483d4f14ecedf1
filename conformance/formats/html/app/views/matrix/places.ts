import { routeTo } from '../../router.ts';
import type { MatrixFilter } from './matrix-filter.ts';

/** The addresses of the places in a matrix. */
export const toMatrix = (): string => routeTo(['matrix']);
export const toCases = (filter: MatrixFilter & { readonly order?: string } = {}): string =>
  routeTo(['cases'], { ...filter });
export const toClauses = (filter: MatrixFilter & { readonly order?: string } = {}): string =>
  routeTo(['clauses'], { ...filter });
/** All answers to a case. */
export const toCase = (id: string): string => routeTo(['case', id]);
export const toClause = (id: string): string => routeTo(['clause', id]);
/** The run of one implementation, and a case in it. */
export const toRun = (implementation: string): string => routeTo(['in', implementation]);
export const toEvidence = (implementation: string, id: string): string =>
  routeTo(['in', implementation, 'case', id]);
export const toClauseIn = (implementation: string, id: string): string =>
  routeTo(['in', implementation, 'clause', id]);
