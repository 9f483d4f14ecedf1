import type { CaseResult } from '../engine/result.ts';
import { reasonOf, standingOf, wording } from '../report/summary.ts';
import { placeOf } from '../report/terminal-failure.ts';
import { cut } from '../text/text.ts';
import type { CaseRow, Implementation } from './matrix.ts';

/** The response of one implementation to a case. */
export interface Answer {
  readonly implementation: string;
  /** Outcome of the case for this implementation, such as `passed` or `failed`. */
  readonly outcome: string;
  /** The reason that the case did not pass, on one line. Empty if it passed. */
  readonly reason: string;
  /** Position of the failed step: `step 3, invoke (fixtures/cases/sessions.yaml:41)`. */
  readonly place: string | undefined;
  /** Messages received in the calls in which the implementations differ, one per line. */
  readonly received: readonly string[];
}

/** A difference between the expected response and the response of at least one implementation. */
export interface AnswerRow {
  /** JSON pointer into the response. */
  readonly path: string;
  readonly expected: string;
  /** The actual value per implementation. Undefined if the value was as expected or was not compared. */
  readonly actual: readonly (string | undefined)[];
}

/** The responses of all implementations to one case. */
export interface SideBySide {
  readonly answers: readonly Answer[];
  readonly rows: readonly AnswerRow[];
}

const places = 8;
const maxReceived = 8;
const maxAnswerLength = 400;

/**
 * Returns whether reports show a case in full: the implementations disagree, or one of them has a failure that counts.
 */
export function isShownInFull({ agreement, results }: CaseRow): boolean {
  if (agreement === 'disagreement') return true;
  return results.some((result) => result && ['failed', 'unstable'].includes(standingOf(result)));
}

/** Collects the responses of all implementations to one case, in bounded size. */
export function sideBySide(row: CaseRow, implementations: readonly Implementation[]): SideBySide {
  const calls = differingCalls(row.results);
  const answers = implementations.map(({ name, report }, index): Answer => {
    const result = row.results[index];
    if (result === undefined) {
      const reason = report.kind === 'run' ? '' : report.error.message;
      return { implementation: name, outcome: 'not tested', reason, place: undefined, received: [] };
    }
    const outcome = wording(standingOf(result), 1);
    const reason = cut(reasonOf(result), maxAnswerLength);
    const place = result.outcome.kind === 'failed' ? placeOf(result) : undefined;
    return { implementation: name, outcome, reason, place, received: receivedIn(result, calls) };
  });
  return { answers, rows: differingPlaces(row.results) };
}

/** Returns the implementations that failed the case. */
export function failedIn({ results }: CaseRow, implementations: readonly Implementation[]) {
  return implementations.flatMap(({ name, report }, index) => {
    const result = results[index];
    return report.kind === 'run' && result?.outcome.kind === 'failed' ? [{ name, report, result }] : [];
  });
}

/** Returns the names of the calls in which the case failed. All implementations receive calls of the same names. */
function differingCalls(results: readonly (CaseResult | undefined)[]): ReadonlySet<string> {
  return new Set(
    results.flatMap((result) => {
      if (result?.outcome.kind !== 'failed') return [];
      return result.wire.findLast(({ call }) => call.includes('#'))?.call ?? [];
    }),
  );
}

function receivedIn(result: CaseResult, calls: ReadonlySet<string>): readonly string[] {
  const events = result.wire.filter(
    ({ call, direction, text }) => calls.has(call) && direction === 'received' && !plainHead.test(text),
  );
  const shown = events.slice(0, maxReceived).map(({ text }) => cut(text, maxAnswerLength));
  const more = events.length - shown.length;
  return more > 0 ? [...shown, `… ${more} more`] : shown;
}

/** The header section that every gRPC response has. It says nothing about the response. */
const plainHead = /^HEADERS :status 200 content-type application\/grpc\S*$/;

function differingPlaces(results: readonly (CaseResult | undefined)[]): readonly AnswerRow[] {
  const rows = new Map<string, { path: string; expected: string; actual: (string | undefined)[] }>();
  for (const [index, result] of results.entries()) {
    if (result?.outcome.kind !== 'failed') continue;
    for (const { path, expected, actual } of result.outcome.failure.differences) {
      const key = JSON.stringify([path, expected]);
      const row = rows.get(key) ?? {
        path,
        expected: cut(expected, maxAnswerLength),
        actual: results.map(() => undefined),
      };
      row.actual[index] = cut(actual, maxAnswerLength);
      rows.set(key, row);
    }
  }
  return [...rows.values()].slice(0, places);
}
