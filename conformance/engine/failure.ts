import type { Difference } from '../match/diff.ts';
import { boundValue } from '../text/bounds.ts';
import { cut, oneLine } from '../text/text.ts';
import type { Failure } from './result.ts';

/** A step did not hold. What it carries is what the report shows. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code = 'step-failed';
  readonly failure: Omit<Failure, 'step'>;

  constructor(summary: string, more: Partial<Omit<Failure, 'step' | 'summary'>> = {}) {
    super(summary);
    // At once: dozens of steps that fail side by side would hold all that was answered until the last has ended.
    this.failure = boundFailure({ summary, differences: [], ...more });
  }
}

/** The failure of a comparison: its first difference in the summary, all of them in the body. */
export function comparisonFailure(parts: {
  readonly differences: readonly Difference[];
  readonly request?: unknown;
  readonly expected: unknown;
  readonly actual: unknown;
}): StepFailure {
  const [first] = parts.differences;
  const others = parts.differences.length - 1;
  const more = others > 0 ? ` (and ${others} more difference${others === 1 ? '' : 's'})` : '';
  const summary =
    first === undefined
      ? 'the answer is not the one expected'
      : `${first.path || 'the answer'}: expected ${first.expected}, got ${first.actual}${whyOf(first, parts.actual)}${more}`;
  return new StepFailure(summary, parts);
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
export function boundFailure(failure: Omit<Failure, 'step'>): Omit<Failure, 'step'> {
  const { summary, request, expected, actual, differences } = failure;
  return structuredClone({
    summary: oneLine(cut(summary, maxSummaryLength)),
    request: request === undefined ? undefined : boundValue(request),
    expected: expected === undefined ? undefined : boundValue(expected),
    actual: actual === undefined ? undefined : boundValue(actual),
    differences,
  });
}
