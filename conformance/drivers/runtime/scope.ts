import type { Step } from '../../case/case.ts';
import { comparisonFailure } from '../../engine/failure.ts';
import { matchMembers, matchOutcome, matchStream } from '../../match/expectation.ts';
import { type MatchResult, match } from '../../match/match.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import { substitute } from '../../match/variables.ts';
import type { Observation } from '../../observe/unary.ts';
import type { Connection } from '../../wire/connection.ts';
import type { CaseRun } from './case-run.ts';

/** Variables by name, as steps save and use them. */
export type Variables = Map<string, unknown>;

/** What is compared, and what it came from. */
export interface Comparison {
  readonly expect: unknown;
  readonly observation: unknown;
  readonly request?: unknown;
}

/** From the steps of a case to a step: `[3]`, or for nested ones `[2, 'parallel', 0, 1]`. */
export type StepPath = readonly (string | number)[];

/** Told what each comparison saw, when goldens are recorded: then no difference ends the case. */
export type Recorder = (path: StepPath, observation: unknown) => void;

export interface ScopeParts {
  readonly run: CaseRun;
  readonly variables: Variables;
  readonly schemas: SchemaSet;
  /** Told before each step, for messages. */
  readonly onStep: (step: Step) => void;
  readonly recorder?: Recorder;
}

/** How a step names the connection that it uses. */
export interface NamedConnection {
  readonly connection?: string;
  /** The instance; the one under test where absent. */
  readonly target?: string;
}

/** Where a step runs: the case's resources, and the variables of its branch. */
export class Scope {
  readonly run: CaseRun;
  readonly variables: Variables;
  readonly #parts: ScopeParts;
  #path: StepPath = [];

  constructor(parts: ScopeParts) {
    this.run = parts.run;
    this.variables = parts.variables;
    this.#parts = parts;
  }

  /** The same place with variables of its own. */
  branch(): Scope {
    return new Scope({ ...this.#parts, variables: new Map(this.variables) });
  }

  /** A branch that may be given up: what it sees is not recorded, since an earlier try says nothing. */
  attempt(): Scope {
    return new Scope({ ...this.#parts, variables: new Map(this.variables), recorder: undefined });
  }

  /** Takes over what a branch has saved. */
  adopt(branch: Scope): void {
    for (const [name, value] of branch.variables) this.variables.set(name, value);
  }

  enter(step: Step, path: StepPath): void {
    this.#path = path;
    this.#parts.onStep(step);
  }

  /** The written value with its variables replaced. */
  resolve<Value>(written: unknown): Value {
    return substitute(written, this.variables) as Value;
  }

  /** The connection that a step names, whose name may end in a variable. */
  connection({ connection, target }: NamedConnection): Promise<Connection> {
    return this.run.connection(this.resolve<string | undefined>(connection), target);
  }

  /** Compares a value with a pattern. @throws StepFailure */
  compareValue(comparison: Comparison): void {
    this.#settle(match(comparison.expect, comparison.observation, this.#context()), comparison);
  }

  /** Compares the named members of an observation that is no call. @throws StepFailure */
  compareMembers(comparison: Comparison): void {
    this.#settle(matchMembers(comparison.expect, comparison.observation, this.#context()), comparison);
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
    return { variables: this.variables, schemas: this.#parts.schemas };
  }

  #settle(result: MatchResult, comparison: Comparison): void {
    this.#parts.recorder?.(this.#path, comparison.observation);
    if (result.differences.length > 0 && this.#parts.recorder === undefined) {
      throw comparisonFailure({
        differences: result.differences,
        expected: comparison.expect,
        actual: comparison.observation,
        request: comparison.request,
      });
    }
    for (const [name, value] of result.saved) this.variables.set(name, value);
  }
}
