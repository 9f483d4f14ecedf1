import * as fc from 'fast-check';
import type { Runner } from '../../runners/runner.ts';
import type { Identities } from '../drivers/runtime/request.ts';
import { runSuite } from '../drivers/runtime/run-suite.ts';
import type { Failure, RunResult } from '../engine/result.ts';
import { AttachedRunner } from './attached-runner.ts';
import { exploredCase } from './explored-case.ts';
import { type Operation, sentenceOf, sequences } from './operation.ts';

/** Options of an exploration. */
export interface ExploreOptions {
  /** Starts the target. The caller disposes of it. */
  readonly runner: Runner;
  readonly identities: Identities;
  /** Number of operations to perform, in sequences of at most 40. */
  readonly operations: number;
  /** Seed of the random sequences. The same seed makes the same sequences. */
  readonly seed: number;
  /** Time limit of a sequence, in milliseconds. */
  readonly sequenceMs: number;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called after each sequence with the number of operations so far. */
  readonly onProgress?: (operations: number) => void;
}

/** The shortest sequence found after which the target differs from the model. */
export interface Counterexample {
  /** The operations in sentences. The target differs after the last one. */
  readonly operations: readonly string[];
  /** The violated clause. */
  readonly clause: string;
  readonly failure: Failure;
}

/** The result of an exploration. */
export interface Exploration {
  readonly seed: number;
  readonly sequences: number;
  readonly operations: number;
  readonly durationMs: number;
  readonly counterexample?: Counterexample | undefined;
}

/** The target could not be explored: it lacks something that the operations need, or it could not be reached. */
export class NotExplorableError extends Error {
  override readonly name = 'NotExplorableError';
  readonly code = 'not-explorable';
}

/** The failure of one sequence. */
class Divergence extends Error {
  override readonly name = 'Divergence';
  readonly code = 'divergence';
  readonly operations: readonly Operation[];
  readonly clause: string;
  readonly failure: Failure;

  constructor(operations: readonly Operation[], { clause, failure }: Omit<Counterexample, 'operations'>) {
    super(failure.summary);
    this.operations = operations;
    this.clause = clause;
    this.failure = failure;
  }
}

/**
 * Performs random sequences of operations on sessions of a target and compares it with the model. Stops at the first
 * difference and finds a short sequence that shows it.
 * @throws NotExplorableError, TargetError, RunnerError
 */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  const { runner, operations: wanted, seed, signal, onProgress } = options;
  const started = performance.now();
  await using instance = await runner.launch({ signal });
  const attached = new AttachedRunner(runner, instance);
  const done = { sequences: 0, operations: 0 };
  const differences: Divergence[] = [];
  const problems: unknown[] = [];
  let slowestMs = 0;
  let shortenUntil = Number.POSITIVE_INFINITY;
  const timed = async (operations: readonly Operation[], limitMs: number) => {
    const from = performance.now();
    const difference = await perform(operations, attached, { ...options, sequenceMs: limitMs });
    if (difference === undefined) slowestMs = Math.max(slowestMs, performance.now() - from);
    return difference;
  };
  const attempt = async (operations: readonly Operation[]): Promise<Divergence | undefined> => {
    if (differences.length > 0) {
      const isShortest = differences.at(-1)?.operations.length === 0;
      // A difference that shows as silence uses up the time limit of every shorter sequence.
      if (isShortest || performance.now() > shortenUntil) return undefined;
      return timed(operations, Math.min(options.sequenceMs, Math.max(leastMs, 4 * slowestMs)));
    }
    if (done.operations >= wanted) return undefined;
    const difference = await timed(operations, options.sequenceMs);
    done.sequences += 1;
    done.operations += operations.length;
    onProgress?.(done.operations);
    shortenUntil = performance.now() + shortenMs;
    return difference;
  };
  const property = fc.asyncProperty(sequences, async (operations) => {
    // fast-check would take an error for a difference and shorten the sequence.
    if (problems.length > 0) return;
    const difference = await attempt(operations).catch((error: unknown) => {
      // The difference may have ended the target, which cannot show it again.
      if (differences.length > 0) shortenUntil = 0;
      else problems.push(error);
      return undefined;
    });
    if (difference === undefined) return;
    differences.push(difference);
    throw difference;
  });
  // Sequences beyond the wanted number of operations end immediately.
  await fc.check(property, { seed, numRuns: Math.max(1, wanted) });
  if (problems.length > 0) throw problems[0];
  const shortest = await confirmed(differences, (operations) => timed(operations, options.sequenceMs));
  const counterexample = shortest && describe(shortest);
  return { seed, ...done, durationMs: performance.now() - started, counterexample };
}

/** Time for shortening a sequence, in milliseconds. */
const shortenMs = 60_000;
/** The shortest time limit of a sequence, in milliseconds. */
const leastMs = 2_000;

/**
 * Returns the last difference if it shows again with the full time limit, and otherwise the first one, because a
 * shorter limit may have made the others.
 */
async function confirmed(
  differences: readonly Divergence[],
  again: (operations: readonly Operation[]) => Promise<Divergence | undefined>,
): Promise<Divergence | undefined> {
  const [first] = differences;
  const last = differences.at(-1);
  if (last === undefined || last === first) return first;
  // Without an answer, the first difference is the only one that is certain.
  const confirmation = await again(last.operations).catch(() => undefined);
  return confirmation ?? first;
}

/** Runs one sequence. Resolves to the difference from the model, if there is one. */
async function perform(
  operations: readonly Operation[],
  runner: Runner,
  { identities, sequenceMs, readyTimeoutMs, signal }: ExploreOptions,
): Promise<Divergence | undefined> {
  const { testCase, operationOf } = exploredCase(operations, sequenceMs);
  const result = await runSuite({
    ...{ runner, identities, readyTimeoutMs, signal },
    cases: [testCase],
    settings: { level: 'strict', capabilities: [], narrowed: true, failOnSkip: false },
    concurrency: 1,
    keepWire: false,
    knownFailures: new Map(),
    listener: {},
  });
  const outcome = outcomeOf(result);
  switch (outcome.kind) {
    case 'passed':
      return undefined;
    case 'failed':
    case 'blocked': {
      const { failure } = outcome;
      const clause = (outcome.kind === 'blocked' ? outcome.by.clause : failure.clauses[0]) ?? '';
      const last = operationOf[(failure.step?.number ?? 1) - 1] ?? operations.length;
      return new Divergence(operations.slice(0, last), { clause, failure });
    }
    case 'not-declared':
      throw new NotExplorableError(`it does not declare ${outcome.capability}`);
    default:
      throw new NotExplorableError(outcome.reason);
  }
}

function outcomeOf({ results, interrupted }: RunResult) {
  const [result] = results;
  if (result === undefined)
    throw new NotExplorableError(interrupted ?? 'it serves no revision of MCP with sessions');
  return result.outcome;
}

function describe({ operations, clause, failure }: Divergence): Counterexample {
  return { operations: operations.map(sentenceOf), clause, failure };
}
