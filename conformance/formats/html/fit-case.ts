import { boundValue, type ValueLimits } from '../../text/bounds.ts';
import { count, cut } from '../../text/text.ts';
import type { CaseJson, DifferenceJson, FailureJson, LogLineJson, WireEventJson } from './data/report.ts';
import type { CaseEvidence, ExchangeEvidence, StepEvidence } from './data/run.ts';

/** A case as the page shows it. */
export interface ShownCase {
  readonly document: CaseJson;
  readonly evidence?: CaseEvidence;
}

/** How much of a case to keep. */
interface Detail {
  /** Characters of one text: a line of the log, an event, a string in a value. */
  readonly text: number;
  readonly events: number;
  readonly lines: number;
  /** Characters of one request, expectation or observation. */
  readonly value: number;
  readonly differences: number;
  readonly exchanges: number;
}

/** From everything to almost nothing. Each has roughly half the size of the one before. */
const details: readonly Detail[] = [
  { text: 2_000, events: 400, lines: 100, value: 16_000, differences: 20, exchanges: 6 },
  { text: 500, events: 120, lines: 60, value: 4_000, differences: 12, exchanges: 6 },
  { text: 240, events: 60, lines: 30, value: 1_600, differences: 8, exchanges: 4 },
  { text: 160, events: 32, lines: 16, value: 700, differences: 6, exchanges: 3 },
  { text: 120, events: 16, lines: 8, value: 350, differences: 4, exchanges: 2 },
  { text: 80, events: 8, lines: 4, value: 160, differences: 3, exchanges: 1 },
];

/**
 * Returns a case with as much evidence as fits. A value that is too large keeps its start, and lists of events and lines
 * keep both ends.
 * @param limit maximum size of the case as JSON, in characters
 */
export function fitCase(whole: ShownCase, limit: number): ShownCase {
  let smallest = whole;
  for (const detail of details) {
    smallest = reduced(whole, detail);
    if (JSON.stringify(smallest).length <= limit) break;
  }
  return smallest;
}

function reduced({ document, evidence }: ShownCase, detail: Detail): ShownCase {
  const { outcome } = document;
  const isFailure = outcome.kind === 'failed' || outcome.kind === 'blocked';
  return {
    document: {
      ...document,
      title: cut(document.title, 400),
      outcome: isFailure ? { ...outcome, failure: failure(outcome.failure, detail) } : outcome,
      wire: events(document.wire, detail),
      logs: lines(document.logs, detail),
    },
    evidence: evidence && reducedEvidence(evidence, detail, document),
  };
}

function reducedEvidence(evidence: CaseEvidence, detail: Detail, document: CaseJson): CaseEvidence {
  const { steps, wire, logs } = evidence;
  const cuts = [
    ...omission(wire ?? document.wire, detail.events, 'wire event'),
    ...omission(logs ?? document.logs, detail.lines, 'log line'),
  ];
  return {
    steps: steps.map((each) => step(each, detail)),
    ...(wire === undefined ? {} : { wire: events(wire, detail) }),
    ...(logs === undefined || logs.length === 0 ? {} : { logs: lines(logs, detail) }),
    ...(cuts.length === 0 ? {} : { cuts }),
  };
}

function omission(items: readonly unknown[], limit: number, noun: string): readonly string[] {
  return items.length <= limit ? [] : [`${count(items.length - limit, noun)} in the middle left out`];
}

function step(evidence: StepEvidence, detail: Detail): StepEvidence {
  const { exchanges, exchangesLeftOut = 0, argument, ...head } = evidence;
  const kept = ends(exchanges, detail.exchanges);
  const leftOut = exchangesLeftOut + exchanges.length - kept.length;
  return {
    ...head,
    // The comparisons contain what the step sent and expected.
    ...(argument === undefined || kept.length > 0 ? {} : { argument: value(argument, detail) }),
    exchanges: kept.map((each) => exchange(each, detail)),
    ...(leftOut === 0 ? {} : { exchangesLeftOut: leftOut }),
  };
}

function exchange({ request, expected, actual, differences }: ExchangeEvidence, detail: Detail) {
  return {
    request: value(request, detail),
    expected: value(expected, detail),
    actual: value(actual, detail),
    ...(differences === undefined || differences.length === 0
      ? {}
      : { differences: allDifferences(differences, detail) }),
  };
}

function failure(whole: FailureJson, detail: Detail): FailureJson {
  const { request, expected, actual, differences } = whole;
  const kept = allDifferences(differences, detail);
  const leftOut = (whole.differencesLeftOut ?? 0) + differences.length - kept.length;
  return {
    ...whole,
    request: value(request, detail),
    expected: value(expected, detail),
    actual: value(actual, detail),
    differences: kept,
    ...(leftOut === 0 ? {} : { differencesLeftOut: leftOut }),
  };
}

function allDifferences(all: readonly DifferenceJson[], detail: Detail): readonly DifferenceJson[] {
  const limit = Math.max(detail.text, 160);
  return all.slice(0, detail.differences).map(({ path, expected, actual }) => ({
    path: cut(path, limit),
    expected: cut(expected, limit),
    actual: cut(actual, limit),
  }));
}

function value(whole: unknown, { text, value: total }: Detail): unknown {
  if (whole === undefined) return undefined;
  const limits: ValueLimits = { string: Math.min(text, total), items: 40, depth: 12, total };
  return boundValue(whole, limits);
}

function events(all: readonly WireEventJson[], detail: Detail): readonly WireEventJson[] {
  return ends(all, detail.events).map((event) => ({
    ...event,
    at: Math.round(event.at * 10) / 10,
    text: cut(event.text, detail.text),
  }));
}

function lines(all: readonly LogLineJson[], detail: Detail): readonly LogLineJson[] {
  return ends(all, detail.lines).map((line) => ({ ...line, text: cut(line.text, detail.text) }));
}

/** Returns the first and the last items of a list. */
function ends<Item>(items: readonly Item[], limit: number): readonly Item[] {
  if (items.length <= limit) return items;
  const start = Math.ceil(limit / 2);
  return [...items.slice(0, start), ...items.slice(items.length - (limit - start))];
}
