import type { CaseLevel } from '../case/case.ts';
import type { Clause } from './clauses.ts';

/** The level of a case with these clauses: its first clause's capability with one, else `strict`, else `core`. */
export function levelOf(clauses: readonly Clause[]): CaseLevel {
  for (const { level } of clauses) if (isCapability(level)) return level;
  return clauses.some(({ level }) => level === 'strict') ? 'strict' : 'core';
}

/** The name of the capability that a level stands for; undefined for the others. */
export function capabilityOf(level: Clause['level']): string | undefined {
  return isCapability(level) ? level.slice('capability:'.length) : undefined;
}

function isCapability(level: Clause['level']): level is `capability:${string}` {
  return level.startsWith('capability:');
}
