import type { Step } from '../case/case.ts';
import { matchOutcome, matchStream } from '../match/expectation.ts';
import { type MatchResult, match } from '../match/match.ts';
import type { SchemaSet } from '../match/schema-set.ts';
import { substitute } from '../match/variables.ts';
import type { Observation } from '../observe/unary.ts';
import type { CaseRun } from './case-run.ts';
import { comparisonFailure } from './failure.ts';

/** Variables by name, as steps save and use them. */
export type Variables = Map<string, unknown>;

/** What is compared, and what it came from. */
export interface Comparison {
  readonly expect: unknown;
  readonly observation: unknown;
  readonly request?: unknown;
}

/** Where a step runs: the case's resources, and the variables of its branch. */
export class Scope {
  readonly run: CaseRun;
  readonly variables: Variables;
  readonly #schemas: SchemaSet;
  readonly #onStep: (step: Step) => void;

  constructor(parts: {
    readonly run: CaseRun;
    readonly variables: Variables;
    readonly schemas: SchemaSet;
    /** Told before each step, for messages. */
    readonly onStep: (step: Step) => void;
  }) {
    this.run = parts.run;
    this.variables = parts.variables;
    this.#schemas = parts.schemas;
    this.#onStep = parts.onStep;
  }

  /** The same place with variables of its own. */
  branch(extra: Readonly<Record<string, unknown>> = {}): Scope {
    const variables = new Map([...this.variables, ...Object.entries(extra)]);
    return new Scope({ run: this.run, variables, schemas: this.#schemas, onStep: this.#onStep });
  }

  /** Takes over what a branch has saved. */
  adopt(branch: Scope): void {
    for (const [name, value] of branch.variables) this.variables.set(name, value);
  }

  enter(step: Step): void {
    this.#onStep(step);
  }

  /** The written value with its variables replaced. */
  resolve<Value>(written: unknown): Value {
    return substitute(written, this.variables) as Value;
  }

  /** Compares a value with a pattern. @throws StepFailure */
  compareValue(comparison: Comparison): void {
    this.#settle(match(comparison.expect, comparison.observation, this.#context()), comparison);
  }

  /** Compares the observation of a unary call. @throws StepFailure */
  compareOutcome(comparison: Comparison & { readonly observation: Observation }): void {
    this.#settle(matchOutcome(comparison.expect, comparison.observation, this.#context()), comparison);
  }

  /** Compares the observation of a finished stream, or of its head. @throws StepFailure */
  compareStream(comparison: Comparison & { readonly observation: Observation }): void {
    this.#settle(matchStream(comparison.expect, comparison.observation, this.#context()), comparison);
  }

  #context() {
    return { variables: this.variables, schemas: this.#schemas };
  }

  #settle(result: MatchResult, comparison: Comparison): void {
    if (result.differences.length > 0) {
      throw comparisonFailure({
        differences: result.differences,
        expected: comparison.expect,
        actual: comparison.observation,
        ...(comparison.request === undefined ? {} : { request: comparison.request }),
      });
    }
    for (const [name, value] of result.saved) this.variables.set(name, value);
  }
}
