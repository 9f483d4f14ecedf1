import type { CheckRun } from '../check-run.ts';

/**
 * Carries out a step with its argument, in which variables have been replaced.
 * @throws StepFailure where what it expects does not hold; NotCheckable
 */
export type StepOf<Argument> = (run: CheckRun, argument: Argument) => Promise<void>;
