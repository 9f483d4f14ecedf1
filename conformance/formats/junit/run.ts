import { erasOf } from '../../case/era.ts';
import type { CaseResult } from '../../engine/result.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import { failureSections } from '../../report/failure.ts';
import type { NoTargetReport, Report, RunReport } from '../../report/report.ts';
import {
  contractInWords,
  reasonOf,
  type SuiteSummary,
  standingOf,
  suitesOf,
  wording,
} from '../../report/summary.ts';
import { placeOf } from '../../report/terminal-failure.ts';
import { cut } from '../../text/text.ts';
import { type JunitSuite, renderSuites, type TestCase } from './suites.ts';

/**
 * Renders the report as JUnit XML, which is green only if the verdict is green. Broken cases and cases that did not run
 * are errors. Unstable cases, stale known failures and missing capabilities are failures. Known failures, skipped cases
 * (unless `--fail-on-skip`) and blocked cases are `skipped`, so that CI systems show the reason and count each cause
 * once.
 */
export function renderJunit(report: Report): string {
  const time = report.kind === 'run' ? report.run.durationMs : report.durationMs;
  return renderSuites(junitSuites(report), { name: report.tool.name, durationMs: time });
}

/** Returns the suites of a report, for reports that combine several. */
function junitSuites(report: Report): readonly JunitSuite[] {
  return report.kind === 'run' ? runSuites(report) : [noTargetSuite(report)];
}

/** Renders a matrix as JUnit XML: the suites of every implementation, prefixed with its name. */
export function renderMatrixJunit(matrix: MatrixReport): string {
  const { tool, durationMs } = matrix;
  return renderSuites(matrixSuites(matrix), { name: `${tool.name} matrix`, durationMs });
}

/** Returns the suites of a matrix, for reports that contain one. */
export function matrixSuites({ implementations }: MatrixReport): readonly JunitSuite[] {
  return implementations.flatMap(({ name, report }) =>
    junitSuites(report).map((suite) => ({ ...suite, name: `${name} · ${suite.name}` })),
  );
}

function runSuites(report: RunReport): readonly JunitSuite[] {
  const { run, verdict } = report;
  const { startedAt, durationMs, interrupted } = run;
  const suites = suitesOf(run.results).map((suite) => suiteOf(suite, report));
  const missing = verdict.missingCapabilities.map((name): TestCase => {
    const message = `required capability ${name} is not declared`;
    return { name, timeMs: 0, outcome: { element: 'failure', type: 'capability', message } };
  });
  if (missing.length > 0)
    suites.push({ name: 'required capabilities', timeMs: 0, startedAt, cases: missing });
  if (interrupted !== undefined) {
    const outcome = {
      element: 'error',
      type: 'interrupted',
      message: `stopped early: ${interrupted}`,
    } as const;
    const cases = [{ name: 'complete', timeMs: durationMs, outcome }];
    suites.push({ name: 'run', timeMs: durationMs, startedAt, cases });
  }
  // A run without checked cases must not look green.
  if (verdict.exitCode !== 0 && suites.every(isGreen)) {
    const outcome = { element: 'error', type: 'verdict', message: verdict.sentence } as const;
    suites.push({ name: 'run', timeMs: 0, startedAt, cases: [{ name: 'verdict', timeMs: 0, outcome }] });
  }
  return suites;
}

function isGreen(suite: JunitSuite): boolean {
  return suite.cases.every(({ outcome }) => outcome === undefined || outcome.element === 'skipped');
}

function noTargetSuite({ target, error, startedAt, durationMs }: NoTargetReport): JunitSuite {
  const logs = error.logs.map(({ stream, text }) => `${stream}  ${cut(text, 400)}`);
  const text = [error.advice, ...logs].join('\n');
  const outcome = { element: 'error', type: error.code, message: error.message, text } as const;
  const cases = [{ name: target.label, timeMs: durationMs, outcome }];
  return { name: 'target', timeMs: durationMs, startedAt, cases };
}

function suiteOf({ suite, results, durationMs }: SuiteSummary, report: RunReport): JunitSuite {
  const cases = results.map((result) => {
    const { file, line } = result.case.source;
    return {
      name: result.case.id,
      file,
      line,
      timeMs: result.durationMs,
      outcome: outcomeOf(result, report),
    };
  });
  const startedAt = Math.min(...results.map((result) => result.startedAt));
  const { contract, eras } = report.run.target;
  const own = new Set(results.flatMap((result) => erasOf(result.case)));
  const properties = {
    ...(contract && { contract: contractInWords(contract) }),
    ...(eras && { 'checked eras': eras.checked.join(', '), eras: [...own].join(', ') }),
  };
  return { name: suite, timeMs: durationMs, startedAt, properties, cases };
}

function outcomeOf(result: CaseResult, report: RunReport): TestCase['outcome'] {
  const type = standingOf(result);
  const reason = reasonOf(result);
  switch (type) {
    case 'passed':
      return undefined;
    case 'stale':
      return { element: 'failure', type, message: `passed, but is ${reason}` };
    case 'known failure':
      return { element: 'skipped', type, message: `known failure: ${result.known?.reason}` };
    case 'advice':
      return { element: 'skipped', type, message: `against advice: ${reason}` };
    case 'unstable':
    case 'failed': {
      const clause = (result.outcome.kind === 'failed' && result.outcome.failure.clauses[0]) || type;
      return { element: 'failure', type: clause, message: reason, text: failureText(result, report) };
    }
    case 'blocked':
      return { element: 'skipped', type, message: reason };
    case 'broken':
    case 'not run':
      return { element: 'error', type, message: `${wording(type, 1)}: ${reason}` };
    case 'skipped':
      return { element: report.run.settings.failOnSkip ? 'failure' : 'skipped', type, message: reason };
    case 'not declared':
      return { element: 'skipped', type, message: reason };
  }
}

/** Renders the evidence of a failure as plain text. */
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
