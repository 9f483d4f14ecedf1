import type { LogLine } from '../../runners/runner.ts';
import type { Coverage, Step } from '../case/case.ts';
import type { Difference } from '../match/diff.ts';
import { boundValue } from '../text/bounds.ts';
import { cut, oneLine } from '../text/text.ts';
import type { Failure } from './result.ts';

/** A failure without the step that failed. */
export type FailureBody = Omit<Failure, 'step' | 'clauses'>;

/** The optional parts of a failure. */
type StepFailureOptions = Partial<Omit<FailureBody, 'summary'>> &
  Partial<Pick<StepFailure, 'violated' | 'violatesStep' | 'blockedBy' | 'logs'>>;

/** Thrown when a step fails. Carries the description of the failure for the report. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code = 'step-failed';
  readonly failure: FailureBody;
  /** The innermost failing step, once known. */
  step: Step | undefined;
  /** The clause that the failure itself proves violated, regardless of the clauses that the step checks. */
  readonly violated: string | undefined;
  /** Whether the clauses that the step checks are violated. Default: if `violated` is not set. */
  readonly violatesStep: boolean;
  /** The case that checks the cause, if the cause kept the step from checking anything. */
  readonly blockedBy: Coverage | undefined;
  /** Output of the failing instance, if it is not the one under test. */
  readonly logs: readonly LogLine[] | undefined;

  constructor(summary: string, options: StepFailureOptions = {}) {
    const { violated, violatesStep = violated === undefined, blockedBy, logs, ...more } = options;
    super(summary);
    this.violated = violated;
    this.violatesStep = violatesStep;
    this.blockedBy = blockedBy;
    this.logs = logs;
    // Truncate the failure immediately: dozens of concurrent failures would otherwise keep whole responses in memory.
    this.failure = boundFailure({ differences: [], ...more, summary });
  }
}

/** Thrown if the case turns out not to apply to this target. The message gives the reason. */
export class NotCheckableError extends Error {
  override readonly name = 'NotCheckableError';
  readonly code = 'not-checkable';
}

/** Thrown if the case needs a capability that the target does not declare, which shows only while the case runs. */
export class NotDeclaredError extends Error {
  override readonly name = 'NotDeclaredError';
  readonly code = 'not-declared';
  readonly capability: string;

  /** @param reason why the case needs it, on one line */
  constructor(capability: string, reason: string) {
    super(reason);
    this.capability = capability;
  }
}

/** Looks up an item that an earlier step named. @throws StepFailure if there is no such item */
export function found<Value>(map: ReadonlyMap<string, Value>, name: string, what: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new StepFailure(`unknown ${what} "${name}" at this step`);
  return value;
}

/** Makes the failure of a comparison: the summary gives the first difference, the body gives all of them. */
export function comparisonFailure(body: Omit<FailureBody, 'summary'>): StepFailure {
  const [first] = body.differences;
  const others = body.differences.length - 1;
  const more = others > 0 ? ` (and ${others} more difference${others === 1 ? '' : 's'})` : '';
  const summary =
    first === undefined
      ? 'the response differs from the expected one'
      : `${first.path || 'the response'}: expected ${first.expected}, got ${first.actual}${grpcMessageOf(first, body.actual)}${more}`;
  return new StepFailure(summary, body);
}

/** Returns the gRPC message if the difference is in the status, because a status means little without its message. */
function grpcMessageOf({ path }: Difference, actual: unknown): string {
  if (path !== '/grpc' || typeof actual !== 'object' || actual === null || !('grpcMessage' in actual))
    return '';
  const { grpcMessage } = actual;
  return typeof grpcMessage === 'string' && grpcMessage !== '' ? ` "${cut(grpcMessage, 200)}"` : '';
}

const maxSummaryLength = 2_000;

/**
 * Returns a copy that is limited to the size of a report. Failures stay in memory until the run ends, and must not
 * retain megabytes of responses.
 */
export function boundFailure(failure: FailureBody): FailureBody {
  const { summary, request, expected, actual, differences, seenIn } = failure;
  return structuredClone({
    summary: oneLine(cut(summary, maxSummaryLength)),
    request: boundValue(request),
    expected: boundValue(expected),
    actual: boundValue(actual),
    differences,
    ...(seenIn && { seenIn }),
  });
}
