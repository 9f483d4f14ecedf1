import { routeTo } from '../../router.ts';
import type { FaultFilter } from './fault-filter.ts';

/** The addresses of the places in a report on faults. */
export const toFaults = (filter: FaultFilter = {}): string => routeTo([], { ...filter });
export const toFault = (name: string): string => routeTo(['fault', name]);
