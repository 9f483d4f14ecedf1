import { groupBy } from '../../base/group.ts';
import type { CaseHead } from '../case/case.ts';
import type { CaseResult, RunListener, RunSettings, TargetFacts } from '../engine/result.ts';
import { count, cut, duration, oneLine, visible, wrap } from '../text/text.ts';
import { type EraSummary, eraInWords, erasInWords, erasSideBySide } from './era-summary.ts';
import { wireLines } from './failure.ts';
import type { Links } from './links.ts';
import { LiveLine, type Output, widthOf } from './live-line.ts';
import type { Palette } from './palette.ts';
import type { NoTargetReport, Report, RunReport, Tool } from './report.ts';
import {
  type Counts,
  countsInWords,
  countsOf,
  hasChecked,
  preventsGreen,
  reasonOf,
  standingOf,
  targetInWords,
} from './summary.ts';
import { closing } from './terminal-closing.ts';
import { type BlockStyle, failureBlock, findingBlock, noTargetReason } from './terminal-failure.ts';

export interface TerminalOptions {
  readonly output: Output;
  readonly palette: Palette;
  /** Default: no links. */
  readonly links?: Links;
  readonly tool: Tool;
  /** Print a line for every case, with its wire events. */
  readonly verbose: boolean;
  readonly level: RunSettings['level'];
  /** Default: gRPC. */
  readonly transport?: RunSettings['transport'];
  readonly shard?: RunSettings['shard'];
  /** Ids of the cases that failed last. Their outcome is printed as soon as all of them have ended. */
  readonly failedBefore?: ReadonlySet<string>;
}

/** Prints a run. Disposing of the reporter only restores the terminal. */
export interface RunReporter extends RunListener, Disposable {
  /** Announces the target that is about to start. */
  starting(label: string): void;
  /** Prints the rest of the report and disposes of the reporter. */
  finish(report: Report): void;
}

/**
 * Prints a run: a header, a line per suite in the order of the files, the findings and the verdict. On a terminal it
 * also shows progress, and in a log it reports progress if there is no other output for a while.
 */
export class TerminalReporter implements RunReporter {
  readonly #options: TerminalOptions;
  readonly #live: LiveLine;
  readonly #style: BlockStyle;
  /** The running cases, in the order of their start, with their start in milliseconds since the epoch. */
  readonly #running = new Map<string, number>();
  #results: CaseResult[] = [];
  #sizes: ReadonlyMap<string, number> = new Map();
  /** The attempts of the current round, if the cases are repeated. */
  #round: { readonly number: number; readonly results: CaseResult[] } | undefined;
  /** Suites not printed yet, in order. */
  #waiting = new Set<string>();
  #total = 0;
  /** Number of cases in this run that failed last. */
  #retried = 0;
  #idWidth = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#live = new LiveLine(options.output);
    const { palette, links, output } = options;
    this.#style = { palette, links, width: widthOf(output) };
  }

  starting(label: string): void {
    const { tool, palette } = this.#options;
    this.#live.print([`${palette.strong(tool.name)} ${tool.version} · ${visible(label)}`]);
    const start = Date.now();
    this.#live.show(() => `  waiting for the target · ${tenths(Date.now() - start)}`);
  }

  onStart({ target, cases }: { readonly target: TargetFacts; readonly cases: readonly CaseHead[] }): void {
    const suites = groupBy(cases, ({ suite }) => suite);
    // A run over both protocols starts twice.
    this.#sizes = new Map([
      ...this.#sizes,
      ...[...suites].map(([suite, { length }]) => [suite, length] as const),
    ]);
    this.#waiting = new Set([...this.#waiting, ...suites.keys()]);
    this.#total += cases.length;
    this.#retried += cases.filter(({ id }) => this.#options.failedBefore?.has(id)).length;
    this.#idWidth = cases.reduce((width, { id }) => Math.max(width, id.length), this.#idWidth);
    const { palette, width } = this.#style;
    const { level, shard, transport = 'grpc' } = this.#options;
    const isOverHttp = transport === 'http' || cases.some((head) => head.transport === 'http');
    const protocol = transport === 'grpc' ? undefined : isOverHttp ? 'HTTP' : 'gRPC';
    const part = shard === undefined ? '' : `, shard ${shard.index}/${shard.of}`;
    const caseCount = `${cases.length} in ${count(suites.size, 'suite')}, level ${level}${part}`;
    const start = Date.now();
    this.#live.show(() => this.#progress(Date.now() - start));
    this.#live.print([
      '',
      ...factsOf(target, caseCount, protocol).flatMap(([name, value]) =>
        wrap(oneLine(value), width - 16).map(
          (line, index) => `  ${index === 0 ? palette.faint(name.padEnd(14)) : ' '.repeat(14)}${line}`,
        ),
      ),
      '',
    ]);
  }

  onCaseStart(head: CaseHead): void {
    this.#running.set(head.id, Date.now());
  }

  onAttemptEnd(result: CaseResult, round: number): void {
    this.#running.delete(result.case.id);
    if (this.#round?.number !== round) this.#round = { number: round, results: [] };
    this.#round.results.push(result);
  }

  onCaseEnd(result: CaseResult): void {
    this.#running.delete(result.case.id);
    this.#results.push(result);
    if (this.#options.verbose) this.#live.print(this.#caseLines(result));
    if (this.#options.failedBefore?.has(result.case.id)) this.#printRetried();
    this.#printSuites((suite, results) => results.length === this.#sizes.get(suite));
  }

  finish(report: Report): void {
    this.#live.show(() => '');
    if (report.kind === 'run') this.#finishRun(report);
    else this.#finishWithoutTarget(report);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
  }

  #finishRun(report: RunReport): void {
    // The listener may not have received the cases that did not run.
    this.#results = [...report.run.results];
    this.#printSuites(() => true);
    this.#live.print(eraLines(erasSideBySide(report.run, report.clauses), this.#style));
    for (const [index, finding] of report.verdict.findings.entries()) {
      this.#live.print(['', ...findingBlock(finding, index, { report, style: this.#style })]);
      if (!this.#options.verbose) continue;
      const others = new Set(finding.cases.slice(1));
      for (const result of report.run.results.filter((each) => others.has(each.case.id))) {
        this.#live.print(['', ...failureBlock(result, report, this.#style)]);
      }
    }
    this.#live.print(closing(report, this.#style));
  }

  #finishWithoutTarget(report: NoTargetReport): void {
    const { palette } = this.#style;
    const end = report.error.code === 'interrupted' ? 'interrupted' : 'the target could not be tested';
    this.#live.print(['', ...noTargetReason(report, this.#style), '', palette.bad(palette.strong(end))]);
  }

  #printSuites(isComplete: (suite: string, results: readonly CaseResult[]) => boolean): void {
    for (const suite of this.#waiting) {
      const results = this.#results.filter((result) => result.case.suite === suite);
      if (!isComplete(suite, results)) return;
      this.#waiting.delete(suite);
      this.#live.print([this.#suiteLine(suite, countsOf(results))]);
    }
  }

  /** Prints the outcome of the cases that failed last, once all of them have ended. */
  #printRetried(): void {
    const { failedBefore = new Set(), palette } = this.#options;
    const ended = this.#results.filter((result) => failedBefore.has(result.case.id));
    if (ended.length < this.#retried) return;
    const passed = ended.filter((result) => !preventsGreen(standingOf(result))).length;
    const text = `now passing: ${passed} of ${count(ended.length, 'case')} that failed last`;
    this.#live.print([`  ${passed === ended.length ? palette.good(text) : text}`]);
  }

  #suiteLine(suite: string, counts: Counts): string {
    const nameWidth = Math.max(...[...this.#sizes.keys()].map((name) => name.length));
    const mark = this.#mark(counts);
    const passed = `${counts.passed}`.padStart(5);
    const others = countsInWords({ ...counts, passed: 0 });
    return `  ${mark}  ${suite.padEnd(nameWidth)}${passed} passed${others === '' ? '' : `, ${others}`}`;
  }

  #mark(counts: Counts): string {
    const { palette } = this.#options;
    if (counts.failed + counts.unstable + counts.blocked + counts.stale + counts.broken > 0)
      return palette.bad('FAIL');
    if (counts['not run'] > 0) return palette.caution('stop');
    return hasChecked(counts) ? palette.good('ok  ') : palette.caution('skip');
  }

  #caseLines(result: CaseResult): readonly string[] {
    const { palette } = this.#options;
    const standing = standingOf(result);
    const reason = (standing === 'known failure' && result.known?.reason) || reasonOf(result);
    const time = palette.faint(`${result.durationMs.toFixed(0).padStart(5)} ms`);
    const id = result.case.id.padEnd(this.#idWidth);
    return [
      `  ${standing.padEnd(13)}  ${id}  ${time}${reason === '' ? '' : `  ${visible(cut(reason, 300))}`}`,
      ...(standing === 'known failure' ? [`      ${visible(cut(reasonOf(result), 200))}`] : []),
      // Failures are printed in full at the end.
      ...(standing === 'failed' || standing === 'unstable'
        ? []
        : wireLines(result.wire).map((line) => palette.faint(`      ${line.text}`))),
    ];
  }

  /** Renders the number of cases left, and the case that has been running for the longest time. */
  #progress(elapsedMs: number): string {
    const [slowest] = this.#running;
    const now = slowest === undefined ? '' : ` · slowest ${slowest[0]} ${tenths(Date.now() - slowest[1])}`;
    const results = this.#round === undefined ? this.#results : this.#round.results;
    const { failed, blocked, stale, broken } = countsOf(results);
    const trouble = failed + blocked + stale + broken;
    const round = this.#round === undefined ? '' : ` · round ${this.#round.number}`;
    const bad = `${round}${trouble > 0 ? ` · ${trouble} failing` : ''}`;
    const total = `${this.#total}`;
    const left = `${this.#total - results.length}`.padStart(total.length);
    return `  ${left} of ${total} cases left · ${tenths(elapsedMs)}${bad}${now}`;
  }
}

/** Renders a line for each era. */
function eraLines(summaries: readonly EraSummary[], { palette }: BlockStyle): readonly string[] {
  if (summaries.length === 0) return [];
  const texts = summaries.map((summary) => ({ ...summary, text: eraInWords(summary) }));
  const width = Math.max(...texts.map(({ text: [cases] }) => cases.length));
  const lines = texts.map(({ era, cases, text: [amounts, clauses] }) => {
    const line = `  ${era.padEnd(8)}${amounts.padEnd(width)}   ${clauses}`;
    return cases.failing > 0 ? palette.bad(line) : line;
  });
  return ['', ...lines];
}

function factsOf(
  target: TargetFacts,
  cases: string,
  protocol: string | undefined,
): readonly (readonly [string, string])[] {
  const { revision, readyMs, surveyProblem } = target;
  const { server, health, capabilities, contract } = targetInWords(target);
  const ready = readyMs === undefined ? undefined : `ready after ${duration(readyMs)}`;
  const rows: (readonly [string, string | undefined])[] = [
    ['transport', protocol],
    ['server', server],
    ['health', [health, ready].filter(Boolean).join(', ') || undefined],
    ['revision', revision],
    ['capabilities', capabilities],
    ['contract', contract],
    ['eras', target.eras && erasInWords(target.eras)],
    ['cases', cases],
    ['warning', surveyProblem && `could not discover what the target serves: ${surveyProblem}`],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, cut(value, 500)] as const]));
}

/** Formats an elapsed time for the progress line. */
function tenths(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
