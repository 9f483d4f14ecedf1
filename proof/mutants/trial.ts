import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageVersion } from '../../base/package.ts';
import {
  createCommandRunner,
  createSocketRunner,
  type DataCase,
  type FixtureSet,
  judge,
  packageRoot,
  type Runner,
  type RunResult,
  runSuite,
  TargetError,
} from '../../conformance/index.ts';
import { composeRuntime } from '../../reference-runtime/runtime.ts';
import type { Variation } from '../variations/variation.ts';
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

const program = join(packageRoot(), 'dist', 'proof', 'bundled', 'main.js');

/** Where a runtime listens, and what ends it. */
interface Target extends AsyncDisposable {
  readonly runner: Runner;
}

/** The target as a process of its own: for faults of the process, and for the untouched runtime. */
function processTarget(name: string): Target {
  const runner = createCommandRunner({
    command: JSON.stringify(process.execPath),
    args: [program, name],
    environment: { MCP_RUNTIME_LOG_LEVEL: 'silent' },
    graceMilliseconds: 200,
  });
  return { runner, [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose]() };
}

/** The target in this process: starting one that many times is most of what a trial would cost. */
async function hostedTarget({ options, hooks }: Mutant): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  const path = join(folder, 'runtime.sock');
  const runtime = composeRuntime({ version: packageVersion(), ...options }, hooks ?? {});
  await runtime.listen(path);
  const runner = createSocketRunner({ path });
  return {
    runner,
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await runtime.close({ drainMs: 1 });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a fault shows only in a process of its own. */
function needsProcess({ clause, process: fault }: Mutant): boolean {
  return fault !== undefined || /^(LIFE|HEALTH)-|^AUTH-11$/.test(clause);
}

async function run(
  { runner }: Target,
  cases: readonly DataCase[],
  { suite, caseTimeoutMs, signal }: TrialOptions,
): Promise<RunResult> {
  return runSuite({
    runner,
    cases,
    identities: suite.identities,
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: true },
    concurrency: 8,
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
  await using target = processTarget('none');
  const result = await run(target, options.suite.cases, options);
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
    await using target = needsProcess(mutant) ? processTarget(name) : await hostedTarget(mutant);
    const result = await run(target, cases, options);
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

/** What happened when the suite was held against one variation. */
export interface VariationTrial {
  readonly variation: Pick<Variation, 'name' | 'clause' | 'about' | 'servesLess'>;
  readonly passed: number;
  /** How many cases there was nothing for in what it serves. */
  readonly leftOut: number;
  /** The false alarms. */
  readonly failed: readonly Alarm[];
}

interface Alarm {
  readonly id: string;
  readonly summary: string;
}

/** Holds one variation against all cases; those that need further instances are for variations of the process alone. */
export async function tryVariation(variation: Variation, options: TrialOptions): Promise<VariationTrial> {
  const { name, clause, about, servesLess = false } = variation;
  const isProcess = variation.process !== undefined;
  const cases = options.suite.cases.filter(({ needs }) => isProcess || needs.runner === undefined);
  await using target = isProcess ? processTarget(name) : await hostedTarget(variation);
  const { results } = await run(target, cases, options);
  const trial = {
    variation: { name, clause, about, servesLess },
    passed: 0,
    leftOut: 0,
    failed: [] as Alarm[],
  };
  for (const { case: head, outcome } of results) {
    if (outcome.kind === 'passed') trial.passed += 1;
    else if (outcome.kind === 'skipped' || outcome.kind === 'not-declared') trial.leftOut += 1;
    else if (outcome.kind !== 'failed' || !head.advisory) {
      trial.failed.push({
        id: head.id,
        summary: outcome.kind === 'failed' ? outcome.failure.summary : outcome.reason,
      });
    }
  }
  return trial;
}

function failuresOf({ results }: RunResult): string[] {
  return results.filter(({ outcome }) => outcome.kind === 'failed').map((result) => result.case.id);
}
