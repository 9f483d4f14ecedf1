import { count } from '../text/text.ts';
import { minRounds } from './compare/interval.ts';
import type { BenchReport, BenchResult, BenchVerdict, Comparison } from './report.ts';

/** The share of busy time from which the load generator may limit the figures. */
const busyLimit = 0.8;

/** Derives the verdict from the figures. */
export function verdictOf({
  results,
  comparisons,
  isInterrupted,
}: Pick<BenchReport, 'results' | 'comparisons'> & { readonly isInterrupted: boolean }): BenchVerdict {
  const regressions = comparisons.filter(({ outcome }) => outcome === 'regression');
  const errors = results.reduce((sum, result) => sum + errorsIn(result), 0);
  const operations = results.reduce((sum, result) => sum + result.operations, 0);
  const problems = [
    ...(regressions.length > 0 ? [regressionText(regressions)] : []),
    ...(errors > 0 ? [`${count(errors, 'operation')} failed`] : []),
  ];
  const measured = `${count(operations, 'operation')} measured`;
  const sentence = [...(isInterrupted ? ['interrupted'] : []), ...problems, measured].join('; ');
  return { exitCode: problems.length > 0 ? 1 : 0, sentence, interrupted: isInterrupted };
}

function regressionText(regressions: readonly Comparison[]): string {
  const slower = [...new Set(regressions.map(({ variant }) => variant))].join(', ');
  return `${count(regressions.length, 'regression')} (${slower})`;
}

function errorsIn({ errors }: BenchResult): number {
  return errors.reduce((sum, error) => sum + error.count, 0);
}

/** Returns the reasons to doubt the figures. */
export function warningsOf({
  results,
  comparisons,
  settings,
  variants,
}: Pick<BenchReport, 'results' | 'comparisons' | 'settings'> & {
  readonly variants: number;
}): readonly string[] {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const generator = results
    .filter(({ generatorBusy }) => generatorBusy >= busyLimit)
    .map(
      ({ workload, variant, generatorBusy }) =>
        `${workload} on ${variant}: the load generator was busy for ${percent(generatorBusy)} of the time, so it may limit the figures; use more --workers or more cores`,
    );
  const late = results
    .filter(({ backlog }) => (backlog?.unstarted ?? 0) > 0)
    .map(
      ({ workload, variant, backlog }) =>
        `${workload} on ${variant}: ${count(backlog?.unstarted ?? 0, 'operation')} never started, because the target did not keep up with the rate; latencies are lower bounds`,
    );
  const empty = results
    .filter(({ operations, errors }) => operations === 0 && errors.length === 0)
    .map(
      ({ workload, variant }) =>
        `${workload} on ${variant}: no operation ended in a round; use a longer --duration`,
    );
  const uncompared =
    variants > 1 && comparisons.length === 0
      ? [
          `cannot compare variants: each needs at least ${count(minRounds, 'complete round')}; --rounds is ${settings.rounds}`,
        ]
      : [];
  return [...generator, ...late, ...empty, ...uncompared];
}
