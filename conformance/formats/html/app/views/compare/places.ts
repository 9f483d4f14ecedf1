import { routeTo } from '../../router.ts';
import type { ChangeFilter } from './compare-filter.ts';

/** The addresses of the places in a comparison. */
export const toChanges = (filter: ChangeFilter = {}): string => routeTo([], { ...filter });
/** Both sides of a case. */
export const toSides = (subject: string, implementation: string | undefined): string =>
  routeTo(['case', subject], { in: implementation });
