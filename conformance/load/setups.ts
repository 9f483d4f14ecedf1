import type { Coverage, Step } from '../case/case.ts';
import { annotationsOf, verbsOf, type WrittenStep } from '../case/step-annotations.ts';
import { nestedSteps } from './annotation-check.ts';

/**
 * Returns the coverage of the setup steps of a case, including nested steps. `session` steps do not count, because they
 * adapt to the target.
 */
export function setupsOf(steps: readonly Step[]): readonly Coverage[] {
  return steps.flatMap(({ verb, argument, setup }) => setupsOfStep(verb, argument, setup));
}

function setupsOfStep(verb: string, argument: unknown, setup: Step['setup']): readonly Coverage[] {
  const own = setup === undefined || verb === 'session' ? [] : [setup];
  const nested = nestedSteps(argument).flatMap(([, steps]) => (Array.isArray(steps) ? steps : []));
  return [
    ...own,
    ...nested.flatMap((step: WrittenStep) =>
      verbsOf(step).flatMap(([inner, value]) => setupsOfStep(inner, value, annotationsOf(step).setup)),
    ),
  ];
}
