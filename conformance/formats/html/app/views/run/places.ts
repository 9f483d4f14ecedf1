import { routeTo } from '../../router.ts';

/** The addresses of the places in a run. */
export const toCase = (id: string): string => routeTo(['case', id]);
export const toClause = (id: string): string => routeTo(['clause', id]);
export const toFinding = (number: number): string => routeTo(['finding', String(number)]);
export const toSuite = (id: string): string => routeTo(['suite', id]);
export const toCases = (filter: Readonly<Record<string, string | undefined>>): string => routeTo([], filter);
