import { setTimeout as delay } from 'node:timers/promises';
import { withDeadline } from '../../base/deadline.ts';
import { errorMessage } from '../../base/error-message.ts';

/** The outcome of one step of a client. */
export interface StepOutcome {
  readonly step: string;
  /** Why the step failed, in one line. Absent if it passed. */
  readonly problem?: string;
}

/** The steps of a client by name, in the order in which they run. */
export type Steps = Readonly<Record<string, () => Promise<void>>>;

/** An effect that a client observed differs from the expected one. */
export class UnexpectedEffectError extends Error {
  override readonly name = 'UnexpectedEffectError';
  readonly code = 'unexpected-effect';
}

const stepMs = 20_000;

/**
 * Runs steps one after the other, each with a deadline. The first step connects the client. If it fails, the others do
 * not run.
 */
export async function runSteps(steps: Steps): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const [step, run] of Object.entries(steps)) {
    try {
      await withDeadline(run(), stepMs, 'the step');
      outcomes.push({ step });
    } catch (error) {
      outcomes.push({ step, problem: errorMessage(error).replace(/\s+/g, ' ').trim() });
      if (outcomes.length === 1) break;
    }
  }
  return outcomes;
}

/** Compares two values as JSON. @throws UnexpectedEffectError if they differ */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [actual, expected].map((value) => JSON.stringify(value) ?? 'nothing');
  if (got !== wanted)
    throw new UnexpectedEffectError(`${what}: expected ${wanted}, got ${got?.slice(0, 300)}`);
}

/**
 * Asks until the answer is as expected. A tool of the catalog reports its state only when it is asked.
 * @throws UnexpectedEffectError after 10 s, with the last answer
 */
export async function expectSoon(what: string, ask: () => Promise<unknown>, expected: string): Promise<void> {
  const end = Date.now() + 10_000;
  let answer = await ask();
  while (answer !== expected && Date.now() < end) {
    await delay(50);
    answer = await ask();
  }
  expectSame(what, answer, expected);
}
