import type { Step } from '../case/case.ts';
import { newestRelease, type Since, strictest } from '../case/release.ts';
import type { Clauses } from './clauses.ts';
import { setupsOf } from './setups.ts';
import { demandsOf } from './step-demands.ts';

/** The parts of a case that decide the releases of the contract that it applies to. */
export interface SinceFacts {
  readonly clauses: readonly string[];
  readonly steps: readonly Step[];
  /** Capabilities of the contract that the case requires or plays. */
  readonly capabilities: readonly string[];
}

/**
 * Returns the releases that a case applies to: those in which all its clauses bind, and the clauses of its setup steps,
 * and whose rules its steps rely on. The setup of a `session` step does not count, because it adapts to the release.
 */
export function sinceOf({ clauses, steps, capabilities }: SinceFacts, contract: Clauses): Since | undefined {
  const needed = [...clauses, ...setupsOf(steps).map(({ clause }) => clause)];
  return strictest([
    ...needed.map((id) => contract.get(id)?.since),
    demandsOf(steps),
    ...(capabilities.length > 0 ? [{ release: newestRelease }] : []),
  ]);
}
