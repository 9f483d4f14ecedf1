import { type Exploration, explore } from '../../conformance/explore/explore.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { createSocketRunner } from '../../runners/socket/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { runtimeFaults } from '../faults/index.ts';
import type { RuntimeChange } from '../harness/fault.ts';
import { createChanged } from '../harness/start-runtime.ts';

/** The names of faults that show only after certain operations. An exploration must find each of them. */
export const orderedFaults: readonly string[] = [
  'owner-not-checked',
  'owner-not-checked-for-streams',
  'another-owner-ends-the-session',
  'log-level-ignored',
  'log-level-is-shared',
  'changes-told-to-everybody',
  'changes-of-any-resource-told',
  'unsubscribing-has-no-effect',
  'closed-session-still-found',
  'close-leaves-streams',
];

/** Operations within which a fault must be found. */
const operationsPerFault = 1_000;

/** Options of the proof. */
export interface ProveExploreOptions {
  /** Operations on the unmodified runtime. */
  readonly operations: number;
  readonly seed: number;
}

/**
 * Explores the reference runtime, which must behave like the model, and a runtime with each fault, which must not.
 * Resolves to the exit code.
 */
export async function proveExplore(
  { operations, seed }: ProveExploreOptions,
  tell: (problem: string) => void,
): Promise<number> {
  let isGood = true;
  const note = (line: string, good: boolean): void => {
    isGood &&= good;
    process.stdout.write(`${good ? 'ok    ' : 'FAILED'}  ${line}\n`);
    if (!good) tell(line);
  };
  const untouched = await exploreChanged({}, { operations, seed });
  const { counterexample } = untouched;
  note(
    counterexample === undefined
      ? `the reference runtime behaves like the model in ${untouched.operations} operations (seed ${seed})`
      : `the reference runtime differs from the model (seed ${seed}): ${counterexample.clause}, ${[...counterexample.operations, counterexample.failure.summary].join('; ')}`,
    counterexample === undefined,
  );
  for (const name of orderedFaults) {
    const fault = runtimeFaults.find((each) => each.name === name);
    if (fault === undefined) throw new RangeError(`there is no fault ${name}`);
    const found = await exploreChanged(fault, { operations: operationsPerFault, seed });
    const extent = `${found.counterexample?.operations.length} of ${found.operations} operations`;
    note(
      found.counterexample === undefined
        ? `${name} not found in ${found.operations} operations`
        : `${name.padEnd(30)} ${found.counterexample.clause.padEnd(10)} shown by ${extent}`,
      found.counterexample !== undefined,
    );
  }
  return isGood ? 0 : 1;
}

async function exploreChanged(
  change: RuntimeChange,
  { operations, seed }: ProveExploreOptions,
): Promise<Exploration> {
  await using place = await makeFolderPlace();
  const runtime = createChanged(change);
  try {
    await runtime.listen(place.hostPath);
    await using runner = createSocketRunner({ path: place.hostPath });
    const { identities } = await loadOwnFixtures();
    const { signal } = new AbortController();
    return await explore({
      ...{ runner, identities, operations, seed, signal },
      sequenceMs: 20_000,
      readyTimeoutMs: 30_000,
    });
  } finally {
    await runtime.close({ drainMs: 1 });
  }
}
