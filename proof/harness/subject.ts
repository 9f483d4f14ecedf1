import { defaultCaseDeadlineMs } from '../../conformance/case/case.ts';
import {
  type CaseHead,
  type CaseResult,
  findingsOf,
  judge,
  type RunOptions,
  type RunResult,
  TargetError,
} from '../../conformance/index.ts';
import type { Fault, FaultFacts } from './fault.ts';

/** Cases and limits of one run. */
type CheckOptions<Case> = Pick<RunOptions, 'readyTimeoutMs' | 'rerunAlone' | 'signal'> & {
  readonly cases: readonly Case[];
  readonly caseTimeoutMs: number;
};

/** An implementation that can run with a fault, and its cases. */
export interface Subject<AFault extends Fault = Fault, Case extends CaseHead = CaseHead> {
  /** Lines that introduce the Markdown report. */
  readonly about: readonly string[];
  readonly faults: readonly AFault[];
  readonly cases: readonly Case[];
  /** Time limit of a case against a fault, in milliseconds. Short enough to fail a call that a fault delays. */
  readonly caseTimeoutMs: number;
  /** Default number of concurrent trials. */
  readonly together: number;
  /** Set if every case is expected to catch a fault in one of its clauses. */
  readonly everyCaseCatches?: boolean;
  /** Returns the cases to run against a fault: those of its clause, or the whole suite. */
  casesFor(fault: AFault, wholeSuite: boolean): readonly Case[];
  /** Runs cases against a fault, or against the unmodified implementation. @throws TargetError */
  check(fault: AFault | undefined, options: CheckOptions<Case>): Promise<RunResult>;
}

/** A kind of faults, with its entry in the help of `npm run prove`. */
export interface Kind {
  readonly about: string;
  /** Builds the programs that the trials start. */
  readonly prepare?: () => Promise<void>;
  readonly load: () => Promise<Subject>;
}

/** A case that failed against a fault. */
export interface FailedCase {
  readonly id: string;
  readonly summary: string;
  readonly clauses: readonly string[];
  /** Set if the case checks advice. The report then says that its clauses are not followed, instead of violated. */
  readonly isAdvice?: true;
}

/** Results of the cases that ran against one fault. */
export interface Trial {
  readonly fault: FaultFacts & Pick<Fault, 'expects'> & { readonly servesLess?: boolean };
  /** The cases that failed, in the order of the suite, with the clauses that their failing steps check. */
  readonly failed: readonly FailedCase[];
  /** The clause of the first finding, which the report tells an author to fix first. */
  readonly firstFinding?: string;
  readonly passed: number;
  /** Number of cases that were skipped or not declared. */
  readonly skipped: number;
  /** Whether all cases ran, instead of only those of the clause. */
  readonly wholeSuite: boolean;
  /** Reason that the target never became ready, which also catches the fault. */
  readonly neverReady?: string;
  readonly durationMs: number;
}

const patience = { caseTimeoutMs: 60_000, readyTimeoutMs: 30_000 };

/** Runs all cases against the unmodified implementation with generous limits. Returns the ids of failed cases. */
export async function tryUntouched(subject: Subject, signal: AbortSignal): Promise<readonly string[]> {
  const result = await subject.check(undefined, { ...patience, cases: subject.cases, signal });
  const failed = result.results
    .filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'blocked')
    .map((each) => each.case.id);
  const { exitCode, sentence } = judge(result);
  return failed.length === 0 && exitCode !== 0 ? [sentence] : failed;
}

/** Runs the cases against one fault. Resolves to undefined if the signal aborted the run. */
export async function tryFault(
  subject: Subject,
  fault: Fault,
  { wholeSuite, signal }: { readonly wholeSuite: boolean; readonly signal: AbortSignal },
): Promise<Trial | undefined> {
  const startedAt = performance.now();
  const { name, clause, about, alsoBreaks, expects } = fault;
  const servesLess = 'servesLess' in fault && fault.servesLess === true;
  const facts = { name, clause, about, alsoBreaks, expects, servesLess };
  const durationMs = () => Math.round(performance.now() - startedAt);
  // The whole suite runs as it runs against the runtime of an author. Most of its cases do not concern the fault.
  const caseTimeoutMs = wholeSuite ? defaultCaseDeadlineMs : subject.caseTimeoutMs;
  // A slow machine must not cause a false alarm, or hide what the report says about a fault.
  const readyTimeoutMs = expects === 'caught' && !wholeSuite ? 2000 : patience.readyTimeoutMs;
  const cases = subject.casesFor(fault, wholeSuite);
  try {
    // Whether a fault is caught does not depend on which of its failures are due to other cases.
    const options = { cases, caseTimeoutMs, readyTimeoutMs, rerunAlone: wholeSuite, signal };
    const { results } = await subject.check(fault, options);
    if (signal.aborted) return undefined;
    const failed = results.flatMap((result) => failureIn(result, expects));
    const count = (kinds: readonly string[]) =>
      results.filter(({ outcome }) => kinds.includes(outcome.kind) && !needsGrpc(outcome)).length;
    const counts = { passed: count(['passed']), skipped: count(['skipped', 'not-declared']) };
    const firstFinding = findingsOf(results)[0]?.clause;
    return { fault: facts, failed, firstFinding, ...counts, wholeSuite, durationMs: durationMs() };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof TargetError)) throw error;
    const nothing = { failed: [], passed: 0, skipped: 0 };
    return { fault: facts, ...nothing, wholeSuite, neverReady: error.message, durationMs: durationMs() };
  }
}

/** Returns whether a case did not run because HTTP cannot carry it. Such a case does not count as missing. */
function needsGrpc(outcome: CaseResult['outcome']): boolean {
  return outcome.kind === 'not-declared' && outcome.capability === 'gRPC';
}

/** Only failures catch a fault. Against a variation, every outcome except passed and advice is a false alarm. */
function failureIn(
  { case: { id, advisory }, outcome }: CaseResult,
  expects: Fault['expects'],
): Trial['failed'] {
  const isAlarm = expects === 'passed';
  switch (outcome.kind) {
    case 'failed': {
      const { summary, clauses } = outcome.failure;
      if (!advisory) return [{ id, summary, clauses }];
      return isAlarm ? [] : [{ id, summary, clauses, isAdvice: true }];
    }
    case 'blocked':
      return isAlarm ? [{ id, summary: outcome.failure.summary, clauses: [] }] : [];
    case 'broken':
    case 'not-run':
      return isAlarm ? [{ id, summary: outcome.reason, clauses: [] }] : [];
    default:
      return [];
  }
}
