import { boundValue, type ValueLimits } from '../../text/bounds.ts';
import { count, cut } from '../../text/text.ts';
import type { CaseJson, DifferenceJson, FailureJson, LogLineJson, WireEventJson } from './data/report.ts';
import type { CaseEvidence, ExchangeEvidence, StepEvidence } from './data/run.ts';

/** A case as the page shows it. Its wire events and logs are in the evidence. */
export interface ShownCase {
  readonly document: CaseJson;
  readonly evidence: CaseEvidence;
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

const leastDetail: Detail = { text: 70, events: 12, lines: 6, value: 90, differences: 2, exchanges: 1 };

/** From full detail to the least. */
const details: readonly Detail[] = [
  { text: 2_000, events: 400, lines: 100, value: 16_000, differences: 20, exchanges: 6 },
  { text: 600, events: 160, lines: 60, value: 4_000, differences: 12, exchanges: 6 },
  { text: 300, events: 100, lines: 40, value: 2_000, differences: 8, exchanges: 6 },
  { text: 200, events: 80, lines: 24, value: 1_000, differences: 6, exchanges: 4 },
  { text: 150, events: 60, lines: 16, value: 600, differences: 6, exchanges: 3 },
  { text: 110, events: 40, lines: 12, value: 350, differences: 4, exchanges: 2 },
  { text: 90, events: 24, lines: 8, value: 200, differences: 3, exchanges: 1 },
  leastDetail,
];

/** A case at every level of detail. Each version is made when it is first needed. */
export class FittingCase {
  readonly #whole: ShownCase;
  readonly #made: { readonly shown: ShownCase; readonly size: number }[] = [];

  constructor(whole: ShownCase) {
    this.#whole = whole;
  }

  /**
   * Returns the case with as much evidence as fits, or else with the least. A value that is too large keeps its start,
   * and lists of events and lines keep both ends.
   * @param limit maximum size of the case as JSON, in characters
   */
  within(limit: number): ShownCase {
    const level = details.findIndex((_, index) => this.#at(index).size <= limit);
    return this.#at(level === -1 ? details.length - 1 : level).shown;
  }

  #at(index: number): { readonly shown: ShownCase; readonly size: number } {
    const known = this.#made[index];
    if (known !== undefined) return known;
    const shown = reduced(this.#whole, details[index] ?? leastDetail);
    const made = { shown, size: JSON.stringify(shown).length };
    this.#made[index] = made;
    return made;
  }
}

function reduced({ document, evidence }: ShownCase, detail: Detail): ShownCase {
  const { outcome } = document;
  const { steps, wire, logs } = evidence;
  const isFailure = outcome.kind === 'failed' || outcome.kind === 'blocked';
  const cuts = [...omission(wire, detail.events, 'wire event'), ...omission(logs, detail.lines, 'log line')];
  return {
    document: {
      ...document,
      title: cut(document.title, 400),
      outcome: isFailure ? { ...outcome, failure: failure(outcome.failure, detail) } : outcome,
      wire: [],
      logs: [],
    },
    evidence: {
      ...(steps && { steps: steps.map((each) => step(each, detail)) }),
      wire: events(wire, detail),
      logs: lines(logs, detail),
      ...(cuts.length === 0 ? {} : { cuts }),
    },
  };
}

function omission(items: readonly unknown[], limit: number, noun: string): readonly string[] {
  return items.length <= limit ? [] : [`${count(items.length - limit, noun)} in the middle left out`];
}

function step(evidence: StepEvidence, detail: Detail): StepEvidence {
  const { exchanges = [], exchangesLeftOut = 0, argument, ...head } = evidence;
  const kept = ends(exchanges, detail.exchanges);
  const leftOut = exchangesLeftOut + exchanges.length - kept.length;
  if (kept.length === 0)
    return { ...head, ...(argument === undefined ? {} : { argument: value(argument, detail) }) };
  return {
    ...head,
    // The comparisons contain what the step sent and expected, so its argument would repeat them.
    exchanges: kept.map((each) => exchange(each, detail)),
    ...(leftOut === 0 ? {} : { exchangesLeftOut: leftOut }),
  };
}

function exchange(
  { request, expected, actual, differences }: ExchangeEvidence,
  detail: Detail,
): ExchangeEvidence {
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
  return ends(all, detail.events).map((event) => ({ ...event, text: cut(event.text, detail.text) }));
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
