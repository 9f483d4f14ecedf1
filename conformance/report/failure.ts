import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '../../runners/runner.ts';
import type { CaseResult, Failure } from '../engine/result.ts';
import type { Difference } from '../match/diff.ts';
import { boundValue } from '../text/bounds.ts';
import { cut, cutLines, linesOf, visible } from '../text/text.ts';
import type { WireEvent } from '../wire/wire-log.ts';

/** One line of a failure. Each report format derives the markup from the role of the line. */
export interface FailureLine {
  readonly kind: 'plain' | 'expected' | 'actual' | 'place' | 'faint';
  readonly text: string;
}

/** One section of a failure report. */
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

const maxLineLength = 400;
const requestLines = 40;
const maxValueLines = 30;
const maxDifferences = 12;
const wireEvents = 40;
const maxLogLines = 25;
/** Number of characters in which to search for the first difference. */
const compared = 100_000;

/**
 * Returns the evidence of a failed case, in bounded size and without control characters. Empty sections are omitted.
 */
export function failureSections(result: CaseResult): readonly FailureSection[] {
  const { outcome, wire, logs, startedAt } = result;
  const sections: readonly FailureSection[] = [
    ...('failure' in outcome ? explain(outcome.failure) : []),
    { name: 'wire', lines: wireLines(wire) },
    {
      name: 'target log',
      lines: [...(logs.length > 0 ? sharedNotice(result) : []), ...logLines(logs, startedAt)],
    },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

function explain({ request, expected, actual, differences }: Failure): readonly FailureSection[] {
  const sent: FailureSection = { name: 'request', lines: valueLines(request, requestLines) };
  if (differences.length > 0) {
    return [sent, { name: 'difference (- expected, + actual)', lines: differenceLines(differences) }];
  }
  return [
    sent,
    { name: 'expected', lines: valueLines(expected, maxValueLines) },
    { name: 'actual', lines: valueLines(actual, maxValueLines) },
  ];
}

/** Renders a value as indented JSON. */
function valueLines(value: unknown, limit: number): readonly FailureLine[] {
  if (value === undefined) return [];
  const text =
    typeof value === 'string' ? cut(value, maxLineLength * 10) : JSON.stringify(boundValue(value), null, 2);
  return cutLines(visible(text).split('\n'), limit).map((line) => plain(cut(line, maxLineLength)));
}

function differenceLines(differences: readonly Difference[]): readonly FailureLine[] {
  const lines = differences.slice(0, maxDifferences).flatMap((difference): FailureLine[] => {
    const [expected, actual] = fromFirstDifference(difference.expected, difference.actual);
    const place = visible(cut(difference.path || '(entire value)', maxLineLength));
    return [{ kind: 'place', text: place }, ...side(expected, 'expected'), ...side(actual, 'actual')];
  });
  const more = differences.length - maxDifferences;
  return more > 0 ? [...lines, { kind: 'faint', text: `… and ${more} more` }] : lines;
}

function side(text: string, kind: 'expected' | 'actual'): readonly FailureLine[] {
  const mark = kind === 'expected' ? '-' : '+';
  return cutLines(visible(cut(text, maxLineLength * 12)).split('\n'), 12).map((line) => {
    return { kind, text: `${mark} ${cut(line, maxLineLength)}` };
  });
}

/** Skips the common start of two long texts, except for a short context. */
function fromFirstDifference(expected: string, actual: string): readonly [string, string] {
  if (expected.length <= maxLineLength && actual.length <= maxLineLength) return [expected, actual];
  const end = Math.min(expected.length, actual.length, compared);
  let same = 0;
  while (same < end && expected[same] === actual[same]) same += 1;
  const start = same - 60;
  if (start < 60) return [expected, actual];
  const from = (text: string): string =>
    `(${start} identical characters) …${cut(text.slice(start), maxLineLength / 2)}`;
  return [from(expected), from(actual)];
}

/** Renders wire events, with times relative to the start of the case. */
export function wireLines(wire: readonly WireEvent[]): readonly FailureLine[] {
  const longest = wire.reduce((width, { call }) => Math.max(width, call.length), 0);
  const callWidth = Math.min(24, longest);
  const render = ({ at, call, direction, text }: WireEvent): string => {
    const line = cut(text, maxLineLength).replaceAll('\n', '\\n');
    return visible(`${milliseconds(at)}  ${call.padEnd(callWidth)}  ${arrows[direction]} ${line}`);
  };
  return linesOf(wire, { limit: wireEvents, noun: 'event', render }).map(plain);
}

const arrows: Readonly<Record<WireEvent['direction'], string>> = { sent: '→', received: '←', local: '·' };

/** Removes terminal escape sequences from a log line. */
export function logText(line: string): string {
  return visible(cut(stripVTControlCharacters(line), maxLineLength).trimEnd());
}

function sharedNotice({ case: { alone }, logsOf }: CaseResult): readonly FailureLine[] {
  if (alone || logsOf !== 'target') return [];
  return [{ kind: 'faint', text: '(may contain lines of other cases that ran concurrently)' }];
}

/** Renders log lines, with times relative to `start` (milliseconds since the epoch). */
export function logLines(logs: readonly LogLine[], start: number): readonly FailureLine[] {
  const render = ({ at, stream, text }: LogLine): string =>
    `${milliseconds(at - start)}  ${stream}  ${logText(text)}`;
  return linesOf(logs, { limit: maxLogLines, noun: 'line', render }).map(plain);
}

function milliseconds(time: number): string {
  return `${time.toFixed(1).padStart(8)} ms`;
}

function plain(text: string): FailureLine {
  return { kind: 'plain', text };
}
