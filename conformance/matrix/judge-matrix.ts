import type { ExitCode } from '../judge/verdict.ts';
import { count } from '../text/text.ts';
import type { MatrixReport } from './matrix.ts';

/** What a matrix proves. */
export interface MatrixVerdict {
  /** As of a run: 1 where an implementation fails, else 3 where one could not be tested, else 0. */
  readonly exitCode: ExitCode;
  /** One sentence: `3 of 3 implementations are conformant at strict: 299 cases, 171 clauses`. */
  readonly sentence: string;
  /** Names of the implementations by what came of them. */
  readonly green: readonly string[];
  readonly red: readonly string[];
  readonly undecided: readonly string[];
  /** Ids of the cases on which the implementations disagree. */
  readonly disagreements: readonly string[];
}

/** Says what a matrix proves. It is green where every implementation is: what could not be run never is. */
export function judgeMatrix(matrix: Omit<MatrixReport, 'kind' | 'verdict'>): MatrixVerdict {
  const withExitCode = (matching: (exitCode: ExitCode) => boolean): readonly string[] =>
    matrix.implementations
      .filter(({ report }) => matching(report.kind === 'run' ? report.verdict.exitCode : 3))
      .map(({ name }) => name);
  const facts = {
    green: withExitCode((exitCode) => exitCode === 0),
    red: withExitCode((exitCode) => exitCode === 1),
    undecided: withExitCode((exitCode) => exitCode > 1),
    disagreements: matrix.cases
      .filter(({ agreement }) => agreement === 'disagreement')
      .map((row) => row.case.id),
  };
  const exitCode = facts.red.length > 0 ? 1 : facts.undecided.length > 0 || facts.green.length === 0 ? 3 : 0;
  return { exitCode, sentence: sentenceOf(matrix, facts), ...facts };
}

type Facts = Omit<MatrixVerdict, 'exitCode' | 'sentence'>;

function sentenceOf(
  { implementations, level, cases, clauseRows }: Omit<MatrixReport, 'kind' | 'verdict'>,
  { green, red, undecided, disagreements }: Facts,
): string {
  const total = implementations.length;
  const narrowed = implementations.some(({ report }) => settingsOf(report).narrowed);
  const held = narrowed ? 'pass the selected cases' : `are conformant at ${level}`;
  if (red.length === 0 && undecided.length === 0) {
    const limits = exceptions(implementations);
    return `${green.length} of ${total} implementations ${held}${limits}: ${count(cases.length, 'case')}, ${count(clauseRows.length, 'clause')}`;
  }
  const parts = [
    ...(red.length > 0
      ? [`${red.join(', ')} ${red.length === 1 ? 'fails' : 'fail'}${narrowed ? '' : ` at ${level}`}`]
      : []),
    ...(undecided.length > 0 ? [`no verdict on ${undecided.join(', ')}`] : []),
    `${green.length} of ${total} implementations ${held}`,
    ...(disagreements.length > 0 ? [`they disagree on ${count(disagreements.length, 'case')}`] : []),
  ];
  return parts.join('; ');
}

function exceptions(implementations: MatrixReport['implementations']): string {
  const counts = implementations.flatMap(({ report }) =>
    report.kind === 'run' ? [report.verdict.counts] : [],
  );
  const known = counts.reduce((sum, { knownFailures }) => sum + knownFailures, 0);
  const skipped = counts.reduce((sum, count) => sum + count.skipped, 0);
  const advice = counts.reduce((sum, count) => sum + count.advice, 0);
  return [
    known > 0 ? ` but for ${count(known, 'known failure')}` : '',
    advice > 0 ? ` with ${count(advice, 'case')} against advice` : '',
    skipped > 0 ? ` in what could be checked (${skipped} skipped)` : '',
  ]
    .filter((text) => text !== '')
    .join(',');
}

function settingsOf(report: MatrixReport['implementations'][number]['report']): {
  readonly narrowed: boolean;
} {
  return report.kind === 'run' ? report.run.settings : report.settings;
}
