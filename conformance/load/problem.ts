import { oneLine } from '../text/text.ts';

/** One mistake in a fixture file. */
export interface FixtureProblem {
  /** Path of the file, relative to the package where it is part of it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** One line: what is wrong, after the case's id where it is in a case. */
  readonly message: string;
  /** What may be meant, or what to do. */
  readonly hint?: string;
}

/** Fixtures that are refused, with every mistake that was found. The message has a line for each. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError';
  readonly code = 'fixture-invalid';
  readonly problems: readonly FixtureProblem[];

  constructor(problems: readonly FixtureProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** `fixtures/cases/x.yaml:12:7 sessions/close: unknown key "expct" in step invoke; did you mean "expect"?` */
export function describeProblem({ file, line, column, message, hint }: FixtureProblem): string {
  return oneLine(`${file}:${line}:${column} ${message}${hint === undefined ? '' : `; ${hint}`}`);
}
