import type { Step } from '../case/case.ts';
import { newestRelease, type Since, strictest } from '../case/release.ts';
import { annotationsOf, verbsOf, type WrittenStep } from '../case/step-annotations.ts';
import { nestedSteps } from './annotation-check.ts';
import type { Clauses } from './clauses.ts';
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
  const needed = [
    ...clauses,
    ...steps.flatMap(({ verb, argument, setup }) => setupsOf(verb, argument, setup)),
  ];
  return strictest([
    ...needed.map((id) => contract.get(id)?.since),
    demandsOf(steps),
    ...(capabilities.length > 0 ? [{ release: newestRelease }] : []),
  ]);
}

/** Returns the clauses that the setup steps in a step check. */
function setupsOf(verb: string, argument: unknown, setup: Step['setup']): readonly string[] {
  const own = setup === undefined || verb === 'session' ? [] : [setup.clause];
  const nested = nestedSteps(argument).flatMap(([, steps]) => (Array.isArray(steps) ? steps : []));
  return [
    ...own,
    ...nested.flatMap((step: WrittenStep) =>
      verbsOf(step).flatMap(([inner, value]) => setupsOf(inner, value, annotationsOf(step).setup)),
    ),
  ];
}
