import type { LogLine } from '../../runners/runner.ts';
import type { Coverage, Step } from '../case/case.ts';
import type { Difference } from '../match/diff.ts';
import { boundValue } from '../text/bounds.ts';
import { cut, oneLine } from '../text/text.ts';
import type { Failure } from './result.ts';

/** A failure without the step that failed. */
export type FailureBody = Omit<Failure, 'step' | 'clauses'>;

/** Everything that a failure may carry besides its summary. */
type StepFailureOptions = Partial<Omit<FailureBody, 'summary'>> &
  Partial<Pick<StepFailure, 'violated' | 'blockedBy' | 'logs'>>;

/** A step failed. Carries the part of the report that describes the failure. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code = 'step-failed';
  readonly failure: FailureBody;
  /** The innermost step that failed, once known. */
  step: Step | undefined;
  /** The violated clause, if the failure itself proves one whatever the step checks. */
  readonly violated: string | undefined;
  /** Set if the step could not check anything: the case that covers the reason. */
  readonly blockedBy: Coverage | undefined;
  /** Output of the instance concerned, if that is not the instance under test. */
  readonly logs: readonly LogLine[] | undefined;

  constructor(summary: string, { violated, blockedBy, logs, ...more }: StepFailureOptions = {}) {
    super(summary);
    this.violated = violated;
    this.blockedBy = blockedBy;
    this.logs = logs;
    // Bounded right away: dozens of concurrent failing steps would otherwise keep whole responses in memory.
    this.failure = boundFailure({ differences: [], ...more, summary });
  }
}

/** The target turns out not to be one that the case can be held against. The message says why. */
export class NotCheckableError extends Error {
  override readonly name = 'NotCheckableError';
  readonly code = 'not-checkable';
}

/** What a step refers to by name. @throws StepFailure where no step made it */
export function found<Value>(map: ReadonlyMap<string, Value>, name: string, what: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new StepFailure(`no ${what} is named "${name}" at this step`);
  return value;
}

/** The failure of a comparison: its first difference in the summary, all of them in the body. */
export function comparisonFailure(body: Omit<FailureBody, 'summary'>): StepFailure {
  const [first] = body.differences;
  const others = body.differences.length - 1;
  const more = others > 0 ? ` (and ${others} more difference${others === 1 ? '' : 's'})` : '';
  const summary =
    first === undefined
      ? 'the answer is not the one expected'
      : `${first.path || 'the answer'}: expected ${first.expected}, got ${first.actual}${whyOf(first, body.actual)}${more}`;
  return new StepFailure(summary, body);
}

/** A gRPC status tells little without its message. */
function whyOf({ path }: Difference, actual: unknown): string {
  if (path !== '/grpc' || typeof actual !== 'object' || actual === null || !('grpcMessage' in actual))
    return '';
  const { grpcMessage } = actual;
  return typeof grpcMessage === 'string' && grpcMessage !== '' ? ` "${cut(grpcMessage, 200)}"` : '';
}

const maxSummaryLength = 2_000;

/**
 * A copy of what a report can show. Failures are kept to the end of the run: hundreds of them must not hold the
 * megabytes that a target answered.
 */
export function boundFailure(failure: FailureBody): FailureBody {
  const { summary, request, expected, actual, differences } = failure;
  return structuredClone({
    summary: oneLine(cut(summary, maxSummaryLength)),
    request: boundValue(request),
    expected: boundValue(expected),
    actual: boundValue(actual),
    differences,
  });
}
