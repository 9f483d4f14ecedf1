import type { CaseResult, RunSettings } from '../../engine/result.ts';
import { failureSections } from '../../report/failure.ts';
import type { NoTargetReport, Report, RunReport } from '../../report/report.ts';
import { type SuiteSummary, standingOf, suitesOf } from '../../report/summary.ts';
import { placeOf } from '../../report/terminal-failure.ts';
import { cut } from '../../text/text.ts';
import { type JunitSuite, renderSuites, type TestCase } from './suites.ts';

/**
 * The report as JUnit XML. It is green exactly where the verdict is: what could not be carried out or did not run is an
 * `error`, a stale known failure and a missing capability are failures, known failures and skipped cases are `skipped`
 * (with `--fail-on-skip`, skipped ones are failures).
 */
export function renderJunit(report: Report): string {
  const time = report.kind === 'run' ? report.run.durationMs : report.durationMs;
  return renderSuites(junitSuites(report), { name: report.tool.name, durationMs: time });
}

/** The suites of a report, for reports that are put together from several. */
export function junitSuites(report: Report): readonly JunitSuite[] {
  return report.kind === 'run' ? runSuites(report) : [noTargetSuite(report)];
}

function runSuites(report: RunReport): readonly JunitSuite[] {
  const { run, verdict } = report;
  const suites = suitesOf(run.results).map((suite) => suiteOf(suite, report));
  const missing = verdict.missingCapabilities.map(
    (name): TestCase => ({
      name,
      timeMs: 0,
      outcome: {
        element: 'failure',
        type: 'capability',
        message: `capability ${name} is demanded and not declared`,
      },
    }),
  );
  const demanded: JunitSuite = {
    name: 'demanded capabilities',
    timeMs: 0,
    startedAt: run.startedAt,
    cases: missing,
  };
  const cutShort: JunitSuite = {
    name: 'run',
    timeMs: run.durationMs,
    startedAt: run.startedAt,
    cases: [
      {
        name: 'complete',
        timeMs: run.durationMs,
        outcome: { element: 'error', type: 'interrupted', message: `cut short: ${run.interrupted ?? ''}` },
      },
    ],
  };
  return [
    ...suites,
    ...(missing.length > 0 ? [demanded] : []),
    ...(run.interrupted === undefined ? [] : [cutShort]),
    // A run that checked nothing must not look like one in which all is well.
    ...(verdict.exitCode !== 0 &&
    suites.every(isGreen) &&
    missing.length === 0 &&
    run.interrupted === undefined
      ? [emptySuite(report)]
      : []),
  ];
}

function isGreen(suite: JunitSuite): boolean {
  return suite.cases.every(({ outcome }) => outcome === undefined || outcome.element === 'skipped');
}

function emptySuite({ run, verdict }: RunReport): JunitSuite {
  const outcome = { element: 'error', type: 'verdict', message: verdict.sentence } as const;
  return {
    name: 'run',
    timeMs: 0,
    startedAt: run.startedAt,
    cases: [{ name: 'verdict', timeMs: 0, outcome }],
  };
}

function noTargetSuite({ target, error, startedAt, durationMs }: NoTargetReport): JunitSuite {
  const text = [error.advice, ...error.logs.map((line) => `${line.stream}  ${cut(line.text, 400)}`)].join(
    '\n',
  );
  const outcome = { element: 'error', type: error.code, message: error.message, text } as const;
  return {
    name: 'target',
    timeMs: durationMs,
    startedAt,
    cases: [{ name: target.label, timeMs: durationMs, outcome }],
  };
}

function suiteOf({ suite, results, durationMs }: SuiteSummary, report: RunReport): JunitSuite {
  return {
    name: suite,
    timeMs: durationMs,
    startedAt: Math.min(...results.map((result) => result.startedAt)),
    cases: results.map((result) => {
      const outcome = outcomeOf(result, report);
      return {
        name: result.case.id,
        file: result.case.source.file,
        line: result.case.source.line,
        timeMs: result.durationMs,
        outcome,
      };
    }),
  };
}

function outcomeOf(result: CaseResult, report: RunReport): TestCase['outcome'] {
  const { outcome, known } = result;
  const standing = standingOf(result);
  switch (outcome.kind) {
    case 'passed':
      return known === undefined
        ? undefined
        : {
            element: 'failure',
            type: standing,
            message: `passed, but is listed as a known failure: ${known.reason}`,
          };
    case 'failed':
      if (known !== undefined) {
        return { element: 'skipped', type: standing, message: `known failure: ${known.reason}` };
      }
      if (standing === 'advice') {
        return {
          element: 'skipped',
          type: standing,
          message: `against advice: ${outcome.failure.summary}`,
        };
      }
      return {
        element: 'failure',
        type: result.case.clauses[0] ?? standing,
        message: outcome.failure.summary,
        text: failureText(result, report),
      };
    case 'broken':
      return { element: 'error', type: standing, message: `could not be carried out: ${outcome.reason}` };
    case 'not-run':
      return { element: 'error', type: standing, message: `did not run: ${outcome.reason}` };
    case 'skipped':
      return { element: skippedElement(report.run.settings), type: standing, message: outcome.reason };
    case 'not-declared':
      return {
        element: 'skipped',
        type: standing,
        message: `capability ${outcome.capability} is not declared`,
      };
  }
}

function skippedElement(settings: RunSettings): 'failure' | 'skipped' {
  return settings.failOnSkip ? 'failure' : 'skipped';
}

/** What explains a failure, as plain text. */
function failureText(result: CaseResult, { clauses, rerun }: RunReport): string {
  const rules = result.case.clauses.flatMap((id) => {
    const clause = clauses.get(id);
    return clause === undefined ? [] : [`${id} · ${clause.level} · ${clause.weight}`, `  ${clause.text}`];
  });
  const sections = failureSections(result).flatMap(({ name, lines }) => [
    '',
    name,
    ...lines.map((line) => `  ${line.text}`),
  ]);
  return [...rules, placeOf(result), ...sections, '', 'run again', `  ${rerun(result.case.id)}`].join('\n');
}
