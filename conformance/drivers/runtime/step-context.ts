import type { Step } from '../../case/case.ts';
import type { OnExchange } from '../../engine/evidence.ts';
import { comparisonFailure } from '../../engine/failure.ts';
import { matchMembers, matchOutcome, matchStream } from '../../match/expectation.ts';
import { type MatchResult, match } from '../../match/match.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import { substitute } from '../../match/variables.ts';
import type { RuntimeConnection } from '../../wire/runtime-call.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import type { CaseResources } from './case-resources.ts';
import type { CaseObserver } from './transport-comparison.ts';

/**
 * The comparison function for each kind: a plain value, named members, a unary response, and a stream or its head.
 */
const matchers = { value: match, members: matchMembers, answer: matchOutcome, stream: matchStream };

/** An observation with its expectation and request. `seenIn` has the ids of the cases whose calls show the difference. */
export type Comparison = Readonly<{
  expect: unknown;
  observation: unknown;
  request?: unknown;
  seenIn?: readonly string[];
}>;

/** The path of a step within its case: `[3]`, or `[2, 'parallel', 0, 1]` for a nested one. */
export type StepPath = readonly (string | number)[];

/** A step and its path in the case. */
export type StepPosition = Readonly<{ step: Step; path: StepPath }>;

/** The observation of a step. */
export interface StepObservation {
  readonly caseId: string;
  readonly stepPath: StepPath;
  readonly observation: unknown;
}

/** Receives the observation of each comparison when goldens are recorded. A difference then does not end the case. */
export type Recorder = (seen: StepObservation) => void;

/** Options of a step context. */
export interface StepContextOptions {
  readonly caseId: string;
  readonly resources: CaseResources;
  /** Saved variables by name. */
  readonly variables: Map<string, unknown>;
  readonly schemas: SchemaSet;
  /** Called before each step, so that messages can name it. */
  readonly onStep: (step: Step) => void;
  readonly recorder?: Recorder;
  /** Called with each comparison. */
  readonly onExchange?: OnExchange;
  /** Called with each answer, to compare it with the answer over another protocol. */
  readonly observer?: CaseObserver;
}

/** The connection that a step uses and its instance. Default: the instance under test. */
export type NamedConnection = Readonly<{ connection?: string; target?: string }>;

/** Runs a step. @throws StepFailure, ObservationError if the target does not behave as expected */
export type StepAction<Argument> = (
  context: StepContext,
  argument: Argument,
  at: StepPosition,
) => Promise<void>;

/** The context of a step: the resources of the case and the variables of the branch. */
export class StepContext {
  readonly resources: CaseResources;
  readonly variables: Map<string, unknown>;
  readonly log: WireLog;
  readonly #options: StepContextOptions;
  #path: StepPath = [];

  constructor(options: StepContextOptions) {
    this.resources = options.resources;
    this.variables = options.variables;
    this.log = options.resources.options.log;
    this.#options = options;
  }

  /** The id of the case. */
  get caseId(): string {
    return this.#options.caseId;
  }

  /** Returns the same context with a separate copy of the variables. */
  branch(): StepContext {
    return new StepContext({ ...this.#options, variables: new Map(this.variables) });
  }

  /** Returns a branch that may be discarded. It records nothing, because only the last attempt counts. */
  attempt(): StepContext {
    const discarded = { recorder: undefined, onExchange: undefined, observer: undefined };
    return new StepContext({ ...this.#options, variables: new Map(this.variables), ...discarded });
  }

  /** Copies the variables that a branch saved. */
  adopt(branch: StepContext): void {
    this.save(branch.variables);
  }

  enter(step: Step, path: StepPath): void {
    this.#path = path;
    this.#options.onStep(step);
  }

  /** Replaces the variables in a value of a fixture. */
  resolve<Value>(written: unknown): Value {
    return substitute(written, this.variables) as Value;
  }

  /** Returns the connection that a step names. The name may end in a variable. */
  connection({ connection, target }: NamedConnection): Promise<RuntimeConnection> {
    return this.resources.connection(this.resolve<string | undefined>(connection), target);
  }

  /** Compares an observation according to its kind. The comparison is not recorded and saves no variables. */
  match(kind: keyof typeof matchers, expect: unknown, observation: unknown): MatchResult {
    return matchers[kind](expect, observation, { variables: this.variables, schemas: this.#options.schemas });
  }

  /** Compares an observation according to its kind and saves variables. @throws StepFailure */
  compare(kind: keyof typeof matchers, { expect, observation, request, seenIn }: Comparison): void {
    const { caseId, recorder, onExchange, observer } = this.#options;
    const { differences, saved } = this.match(kind, expect, observation);
    onExchange?.(
      { request, expected: expect, actual: observation, differences },
      this.#path[0] as number | undefined,
    );
    if (kind === 'answer' || kind === 'stream') observer?.answer(this.#path, observation);
    recorder?.({ caseId, stepPath: this.#path, observation });
    if (differences.length > 0 && recorder === undefined) {
      throw comparisonFailure({ differences, expected: expect, actual: observation, request, seenIn });
    }
    this.save(saved);
  }

  /** Saves variables for the steps that follow. */
  save(variables: ReadonlyMap<string, unknown>): void {
    for (const [name, value] of variables) this.variables.set(name, value);
  }
}
