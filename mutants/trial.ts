import { join } from 'node:path';
import {
  createCommandRunner,
  type DataCase,
  type FixtureSet,
  judge,
  packageRoot,
  type RunResult,
  runSuite,
  TargetError,
} from '../conformance/index.ts';
import type { Trial } from './matrix.ts';
import type { Mutant } from './mutant.ts';

/** How a run against one target is cut short: what a fault delays is a failure. */
export interface TrialOptions {
  readonly suite: FixtureSet;
  /** Holds a mutant against the cases that name its clause alone: quick, but it leaves the matrix bare. */
  readonly ownClauseOnly?: boolean;
  readonly caseTimeoutMs: number;
  readonly signal: AbortSignal;
}

const program = join(packageRoot(), 'dist', 'mutants', 'bundled', 'main.js');

async function run(
  name: string,
  cases: readonly DataCase[],
  { suite, caseTimeoutMs, signal }: TrialOptions,
): Promise<RunResult> {
  await using runner = createCommandRunner({
    command: JSON.stringify(process.execPath),
    args: [program, name],
    environment: { MCP_RUNTIME_LOG_LEVEL: 'silent' },
    graceMilliseconds: 200,
  });
  return runSuite({
    runner,
    cases,
    identities: suite.identities,
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: true },
    concurrency: 24,
    caseTimeoutMs,
    readyTimeoutMs: 2000,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    signal,
    listener: {},
  });
}

/** Holds the untouched runtime against the suite, as patiently as a user would. Resolves to what it failed at. */
export async function tryUntouched(options: TrialOptions): Promise<readonly string[]> {
  const result = await run('none', options.suite.cases, options);
  const failed = failuresOf(result);
  return failed.length === 0 && judge(result).exitCode !== 0 ? [judge(result).sentence] : failed;
}

/**
 * The cases that a mutant is held against. Those that start further instances cost more than all others together, so
 * only mutants of their clauses meet them.
 */
export function casesFor(clause: string, cases: readonly DataCase[], ownClauseOnly = false): DataCase[] {
  return cases.filter(
    ({ clauses, needs }) =>
      clauses.includes(clause) || (!ownClauseOnly && needs.runner?.includes('launch') !== true),
  );
}

/** Holds one mutant against the suite. */
export async function tryMutant(mutant: Mutant, options: TrialOptions): Promise<Trial> {
  const startedAt = performance.now();
  const { name, clause, about } = mutant;
  const since = () => Math.round(performance.now() - startedAt);
  try {
    const cases = casesFor(clause, options.suite.cases, options.ownClauseOnly);
    const result = await run(name, cases, options);
    return { mutant: { name, clause, about }, caughtBy: failuresOf(result), durationMs: since() };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return {
      mutant: { name, clause, about },
      caughtBy: [],
      neverReady: error.message,
      durationMs: since(),
    };
  }
}

function failuresOf({ results }: RunResult): string[] {
  return results.filter(({ outcome }) => outcome.kind === 'failed').map((result) => result.case.id);
}
