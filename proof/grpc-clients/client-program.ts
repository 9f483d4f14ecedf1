import { $ } from 'zx';
import { errorMessage } from '../../base/error-message.ts';
import type { StepOutcome } from '../clients/steps.ts';

/** A gRPC client with the defaults of its library. */
export interface GrpcClient {
  /** Its library and version. */
  readonly name: string;
  /** Calls all RPCs of the runtime at a socket. */
  check(socketPath: string): Promise<readonly StepOutcome[]>;
}

/** Runs the program of a client and reads its lines. A program that fails, or reports no step, counts as a failed step. */
export async function runClientProgram(
  [program = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly StepOutcome[]> {
  const { stdout, stderr, exitCode } = await $({
    quiet: true,
    nothrow: true,
    timeout: '2m',
    env,
  })`${program} ${words}`;
  const outcomes = readOutcomes(stdout);
  if (exitCode === 0 && outcomes.length > 0) return outcomes;
  const problem = stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`;
  return [...outcomes, { step: 'the program', problem }];
}

/** Reads a line of JSON for each step. A line that is not JSON is a failed step. */
export function readOutcomes(output: string): readonly StepOutcome[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        const { step, problem } = JSON.parse(line) as { step: string; problem: string | null };
        return problem === null ? { step } : { step, problem: problem.replace(/\s+/g, ' ') };
      } catch (error) {
        return { step: 'the output of the program', problem: errorMessage(error) };
      }
    });
}
