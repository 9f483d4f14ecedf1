import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** The result of a proof that ran in a process of its own. */
export interface ProofResult {
  readonly name: string;
  /** Exit code of the process; 3 if a signal ended it. */
  readonly exitCode: number;
  /** Standard output and standard error, in order of arrival. */
  readonly output: string;
  /** The reasons that the proof failed, one line each. */
  readonly problems: readonly string[];
}

/** Options for running proofs side by side. */
export interface SideBySideOptions {
  /** The program that runs the proof that its argument names. It sends each reason for a failure to its parent. */
  readonly program: string;
  /** Called when a proof ends. */
  readonly onEnd: (result: ProofResult) => void;
  /** Stops the proofs. They end as after SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Runs proofs that wait most of their time in processes of their own, as many at a time as there are cores.
 * @returns the results in the order of the names, without proofs that did not start before the signal
 */
export async function runSideBySide(
  names: readonly string[],
  options: SideBySideOptions,
): Promise<readonly ProofResult[]> {
  const results = new Map<string, ProofResult>();
  const waiting = [...names];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (options.signal.aborted) return;
      const result = await runInProcess(name, options);
      results.set(name, result);
      options.onEnd(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return names.flatMap((name) => results.get(name) ?? []);
}

async function runInProcess(name: string, { program, signal }: SideBySideOptions): Promise<ProofResult> {
  const child = fork(program, [name], { silent: true });
  const output: Buffer[] = [];
  const problems: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => output.push(bytes));
  child.on('message', (problem) => problems.push(String(problem)));
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  try {
    const [exitCode] = await once(child, 'close');
    return { name, exitCode: exitCode ?? 3, output: Buffer.concat(output).toString(), problems };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
