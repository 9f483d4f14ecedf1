import type { LogLine } from '../../runners/runner.ts';
import { boundValue } from '../text/bounds.ts';
import { cut, cutLines, linesOf, visible } from '../text/text.ts';
import type { CaseResult, Difference, Failure, WireEvent } from '../verdict/result.ts';

/** A line of a failure, and what it is, so that each report can mark it in its own way. */
export interface FailureLine {
  readonly kind: 'plain' | 'expected' | 'actual' | 'place' | 'faint';
  readonly text: string;
}

/** A part of what explains a failure, with its heading. */
export interface FailureSection {
  readonly name:
    | 'request'
    | 'difference (- expected, + actual)'
    | 'expected'
    | 'actual'
    | 'wire'
    | 'target log';
  readonly lines: readonly FailureLine[];
}

const LINE = 400;
const REQUEST_LINES = 40;
const VALUE_LINES = 30;
const DIFFERENCES = 12;
const WIRE_EVENTS = 40;
const LOG_LINES = 25;
/** Characters that are searched for the first difference. */
const COMPARED = 100_000;

/** What is known of a failed case, in bounded size and without control characters. Empty parts are left out. */
export function failureSections(result: CaseResult): readonly FailureSection[] {
  const failure = result.outcome.kind === 'failed' ? result.outcome.failure : undefined;
  const sections: FailureSection[] = failure === undefined ? [] : [...explain(failure)];
  sections.push({ name: 'wire', lines: wireLines(result.wire) });
  sections.push({ name: 'target log', lines: logLines(result.logs, result.startedAt) });
  return sections.filter((section) => section.lines.length > 0);
}

function* explain(failure: Failure): Generator<FailureSection> {
  if (failure.request !== undefined)
    yield { name: 'request', lines: valueLines(failure.request, REQUEST_LINES) };
  if (failure.differences.length > 0) {
    yield { name: 'difference (- expected, + actual)', lines: differenceLines(failure.differences) };
    return;
  }
  if (failure.expected !== undefined)
    yield { name: 'expected', lines: valueLines(failure.expected, VALUE_LINES) };
  if (failure.actual !== undefined) yield { name: 'actual', lines: valueLines(failure.actual, VALUE_LINES) };
}

/** A value as indented JSON. */
function valueLines(value: unknown, limit: number): readonly FailureLine[] {
  const text = typeof value === 'string' ? cut(value, LINE * 10) : JSON.stringify(boundValue(value), null, 2);
  return cutLines(visible(text ?? 'nothing').split('\n'), limit).map((line) => plain(cut(line, LINE)));
}

function differenceLines(differences: readonly Difference[]): readonly FailureLine[] {
  const lines = differences.slice(0, DIFFERENCES).flatMap((difference): FailureLine[] => {
    const [expected, actual] = fromFirstDifference(difference.expected, difference.actual);
    return [
      { kind: 'place', text: visible(cut(difference.path === '' ? '(the whole)' : difference.path, LINE)) },
      ...side(expected, '- ').map((text): FailureLine => ({ kind: 'expected', text })),
      ...side(actual, '+ ').map((text): FailureLine => ({ kind: 'actual', text })),
    ];
  });
  const more = differences.length - DIFFERENCES;
  return more > 0 ? [...lines, { kind: 'faint', text: `… and ${more} more` }] : lines;
}

function side(text: string, mark: string): readonly string[] {
  return cutLines(visible(cut(text, LINE * 12)).split('\n'), 12).map((line) => `${mark}${cut(line, LINE)}`);
}

/** Long texts that begin alike are shown from shortly before the place where they part. */
function fromFirstDifference(expected: string, actual: string): readonly [string, string] {
  if (expected.length <= LINE && actual.length <= LINE) return [expected, actual];
  const end = Math.min(expected.length, actual.length, COMPARED);
  let same = 0;
  while (same < end && expected[same] === actual[same]) same += 1;
  const start = same - 60;
  if (start < 60) return [expected, actual];
  const from = (text: string): string => `(${start} characters alike) …${cut(text.slice(start), LINE / 2)}`;
  return [from(expected), from(actual)];
}

/** Wire events with their times since the start of the case. */
export function wireLines(wire: readonly WireEvent[]): readonly FailureLine[] {
  const callWidth = Math.min(
    24,
    wire.reduce((width, { call }) => Math.max(width, call.length), 0),
  );
  const render = ({ at, call, direction, text }: WireEvent): string => {
    const line = cut(text, LINE).replaceAll('\n', '\\n');
    return visible(`${milliseconds(at)}  ${call.padEnd(callWidth)}  ${ARROWS[direction]} ${line}`);
  };
  return linesOf(wire, { limit: WIRE_EVENTS, noun: 'event', render }).map(plain);
}

const ARROWS: Readonly<Record<WireEvent['direction'], string>> = { sent: '→', received: '←', local: '·' };

/** Log lines with their times since `start` (milliseconds since the epoch). */
export function logLines(logs: readonly LogLine[], start: number): readonly FailureLine[] {
  const render = ({ at, stream, text }: LogLine): string =>
    `${milliseconds(at - start)}  ${stream}  ${visible(cut(text, LINE).trimEnd())}`;
  return linesOf(logs, { limit: LOG_LINES, noun: 'line', render }).map(plain);
}

function milliseconds(time: number): string {
  return `${time.toFixed(1).padStart(8)} ms`;
}

function plain(text: string): FailureLine {
  return { kind: 'plain', text };
}
