import { lengthOf } from '../../conformance/drivers/runtime/case-order.ts';
import type { Identities } from '../../conformance/drivers/runtime/request.ts';
import {
  type CaseResult,
  createSocketRunner,
  type DataCase,
  type RunOptions,
  TargetError,
} from '../../conformance/index.ts';
import type { Runtime, RuntimeOptions } from '../../reference-runtime/index.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { runCases, runCommand } from '../harness/run-cases.ts';
import { libraryFile, programFile } from './instrumented-build.ts';
import { mutantVariable, strykerNamespace } from './mutation-switch.ts';

/** The detection of a mutant by a case, or by the wait until the target is ready. */
export interface Detection {
  /** Id of the case, or `ready`. */
  readonly by: string;
  readonly summary: string;
}

/** The instrumented runtime as a library. */
interface Library {
  createRuntime(options: RuntimeOptions): Runtime;
  packageVersion(): string;
}

/** The cases of a trial, in the order of their batches. */
export interface TrialCases {
  readonly cases: readonly DataCase[];
  readonly identities: Identities;
}

/** Time limits of a case in milliseconds: for the first attempt, and for the attempt that confirms a failure. */
const limits = { first: 20_000, again: 30_000 };
/** A case of at least this estimated length in milliseconds counts as long. Long cases run last. */
const longCase = 40;
/** Number of cases of the first batch. Most mutants fail one of the cases that reach little else. */
const firstBatch = 16;

let loads = 0;

/**
 * Hosts an instrumented runtime in this process while `use` runs. Its modules load anew, because some mutants are in code
 * that runs only then.
 */
export async function withHosted<T>(
  mutant: string | undefined,
  use: (run: (trial: TrialCases, options?: RunLimits) => ReturnType<typeof runCases>) => Promise<T>,
): Promise<T> {
  const namespace = strykerNamespace();
  namespace.activeMutant = mutant;
  await using place = await makeFolderPlace();
  const library: Library = await import(`${libraryFile}?load=${loads++}`);
  const runtime = library.createRuntime({ version: library.packageVersion() });
  try {
    await runtime.listen(place.hostPath);
    return await use(async (trial, options) => {
      await using runner = createSocketRunner({ path: place.hostPath });
      return await runCases(runner, { ...defaults, ...trial, ...options });
    });
  } finally {
    // A mutant may prevent the runtime from closing. Its process ends after some trials anyway.
    await Promise.race([
      runtime.close({ drainMs: 1 }),
      new Promise((resolve) => setTimeout(resolve, 2000).unref()),
    ]);
  }
}

/** Options that a run may change. */
type RunLimits = Partial<
  Pick<RunOptions, 'bail' | 'caseTimeoutMs' | 'concurrency' | 'listener' | 'readyTimeoutMs'>
>;

const defaults = {
  concurrency: 8,
  bail: 1,
  caseTimeoutMs: limits.first,
  readyTimeoutMs: 20_000,
  rerunAlone: false,
};

/** Runs the cases against a hosted runtime with a mutant, batch by batch, until one detects it. */
export async function tryHosted(
  mutant: string,
  { cases, identities }: TrialCases,
): Promise<Detection | undefined> {
  const short = cases.filter((testCase) => lengthOf(testCase) < longCase);
  const long = cases.filter((testCase) => lengthOf(testCase) >= longCase);
  const batches = [short.slice(0, firstBatch), short.slice(firstBatch), long];
  return detectingErrors(() =>
    withHosted(mutant, async (run) => {
      for (const batch of batches.filter(({ length }) => length > 0)) {
        const found = await confirmed(batch, (some, options) => run({ cases: some, identities }, options));
        if (found !== undefined) return found;
      }
      return undefined;
    }),
  );
}

/** Runs the cases against a process with a mutant. */
export async function tryProcess(
  mutant: string,
  { cases, identities }: TrialCases,
): Promise<Detection | undefined> {
  const environment = { MCP_RUNTIME_LOG_LEVEL: 'silent', [mutantVariable]: mutant };
  return detectingErrors(() =>
    confirmed(cases, (some, options) =>
      runCommand([process.execPath, programFile], environment, {
        ...{ ...defaults, readyTimeoutMs: 20_000, identities },
        ...{ cases: some, ...options },
      }),
    ),
  );
}

/** The number of cases that may exceed their time limit before `confirmed` runs these cases again. */
const maxTimeouts = 2;

/**
 * Runs cases until one fails, and runs this case again with a generous time limit: a slow machine must not detect a
 * mutant. A case that exceeds its time limit is set aside, because most mutants that delay a case also fail another one.
 */
async function confirmed(
  cases: readonly DataCase[],
  run: (cases: readonly DataCase[], options?: RunLimits) => ReturnType<typeof runCases>,
): Promise<Detection | undefined> {
  const suspects: DataCase[] = [];
  let found: CaseResult | undefined;
  do {
    found = (await run(cases.filter((each) => !suspects.includes(each)))).results.find(isDetection);
    suspects.push(...cases.filter(({ id }) => id === found?.case.id));
  } while (found !== undefined && isTimeout(found) && suspects.length < maxTimeouts);
  for (const suspect of suspects.toReversed()) {
    const again = await run([suspect], { caseTimeoutMs: limits.again });
    const failed = again.results.find(isDetection);
    if (failed !== undefined) return { by: failed.case.id, summary: summaryOf(failed) };
  }
  if (found === undefined || suspects.length === 0) return undefined;
  // The suspects fail only beside other cases.
  return confirmed(
    cases.filter((each) => !suspects.includes(each)),
    run,
  );
}

function isTimeout(result: CaseResult): boolean {
  return summaryOf(result).includes('did not finish within');
}

/** Returns whether a report would blame the runtime for a result, even if the case only checks advice. */
function isDetection({ outcome }: CaseResult): boolean {
  return outcome.kind === 'blocked' || outcome.kind === 'failed';
}

function summaryOf({ outcome }: CaseResult): string {
  return 'failure' in outcome ? outcome.failure.summary : outcome.kind;
}

/** Turns an error into a detection: the runtime does not load, or never becomes ready. */
async function detectingErrors(
  attempt: () => Promise<Detection | undefined>,
): Promise<Detection | undefined> {
  try {
    return await attempt();
  } catch (error) {
    const summary = error instanceof Error ? error.message : String(error);
    return { by: 'ready', summary: error instanceof TargetError ? summary : `does not start: ${summary}` };
  }
}
