/** The invariants, each with the statement that must always hold. */
export const invariants = {
  identity: 'each answer and event carries the identity and the text of its own caller',
  retention: 'acknowledged sessions and events remain while their runtime lives',
  deadline: 'each request, drain and restart ends within its time limit',
  honesty: 'each failure has an honest status, and a disturbance as its cause',
  memory: 'the memory of each process stays under its limit, and falls after the load',
  crashes: 'no process ends by itself, and no log has an unhandled error',
  recovery: 'after the chaos, each caller gets a right answer within the time limit',
  cleanup: 'at the end, no process, socket, temporary file or mount is left',
} as const;

/** The name of an invariant. */
export type Invariant = keyof typeof invariants;

/** The checks of an invariant, and the violations. */
export interface InvariantResult {
  readonly name: Invariant;
  /** Number of checks, including those that failed. */
  readonly checks: number;
  readonly violations: number;
  /** The first violations, each with its time in seconds since the start of the run. */
  readonly examples: readonly string[];
}

const maxExamples = 20;

/** Counts the checks of all invariants, and keeps the first violations of each. */
export class Ledger {
  readonly #startedMs = performance.now();
  readonly #recentLines: () => readonly string[];
  #evidence: readonly string[] = [];
  readonly #results = new Map(
    (Object.keys(invariants) as Invariant[]).map((name) => [
      name,
      { name, checks: 0, violations: 0, examples: [] as string[] },
    ]),
  );

  /** @param recentLines returns the latest lines of all logs. Those before the first violation are kept */
  constructor(recentLines: () => readonly string[] = () => []) {
    this.#recentLines = recentLines;
  }

  /** The latest lines of all logs before the first violation. */
  get evidence(): readonly string[] {
    return this.#evidence;
  }

  /** Records a check that held. */
  held(invariant: Invariant): void {
    this.#of(invariant).checks += 1;
  }

  /** Records a violation. @param text one line: what happened, where */
  violated(invariant: Invariant, text: string): void {
    if (this.violations === 0) this.#evidence = [...this.#recentLines()];
    const result = this.#of(invariant);
    result.checks += 1;
    result.violations += 1;
    const second = ((performance.now() - this.#startedMs) / 1_000).toFixed(1);
    if (result.examples.length < maxExamples) result.examples.push(`at ${second} s: ${text}`);
  }

  /** Records a check. @param problem the violation, or undefined if the invariant held */
  check(invariant: Invariant, problem: string | undefined): void {
    if (problem === undefined) this.held(invariant);
    else this.violated(invariant, problem);
  }

  /** Returns the results of all invariants. */
  results(): readonly InvariantResult[] {
    return [...this.#results.values()].map((result) => ({ ...result, examples: [...result.examples] }));
  }

  /** Number of violations of all invariants. */
  get violations(): number {
    return this.results().reduce((sum, { violations }) => sum + violations, 0);
  }

  #of(invariant: Invariant) {
    const result = this.#results.get(invariant);
    if (result === undefined) throw new RangeError(`there is no invariant ${invariant}`);
    return result;
  }
}

/**
 * Returns why a run as a whole fails. An invariant without a check would prove nothing.
 */
export function problemsOf(results: readonly InvariantResult[]): readonly string[] {
  return results.flatMap(({ name, checks, violations, examples }) => {
    if (checks === 0) return [`${name}: nothing was checked`];
    if (violations === 0) return [];
    const more = violations > 1 ? ` (and ${violations - 1} more)` : '';
    return [`${name}: ${examples[0] ?? 'violated'}${more}`];
  });
}
