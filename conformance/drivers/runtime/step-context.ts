import type { Step } from '../../case/case.ts';
import { comparisonFailure } from '../../engine/failure.ts';
import { matchMembers, matchOutcome, matchStream } from '../../match/expectation.ts';
import { match } from '../../match/match.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import { substitute } from '../../match/variables.ts';
import type { Connection } from '../../wire/connection.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import type { CaseResources } from './case-resources.ts';

/** How to compare: a bare value, members of an observation that is no call, a unary answer, a stream or its head. */
const matchers = { value: match, members: matchMembers, answer: matchOutcome, stream: matchStream };

/** What is compared, and what it came from. */
export type Comparison = Readonly<{ expect: unknown; observation: unknown; request?: unknown }>;

/** From the steps of a case to a step: `[3]`, or for nested ones `[2, 'parallel', 0, 1]`. */
export type StepPath = readonly (string | number)[];

/** A step and its path in the case. */
export type StepPosition = Readonly<{ step: Step; path: StepPath }>;

/** What a step of a case saw. */
export interface StepObservation {
  readonly caseId: string;
  readonly stepPath: StepPath;
  readonly observation: unknown;
}

/** Called with what each comparison saw, when goldens are recorded: then no difference ends the case. */
export type Recorder = (seen: StepObservation) => void;

/** What the steps of a case share, and the variables of a branch of them. */
export interface StepContextOptions {
  readonly caseId: string;
  readonly resources: CaseResources;
  /** By name, as steps save and use them. */
  readonly variables: Map<string, unknown>;
  readonly schemas: SchemaSet;
  /** Called before each step, for messages. */
  readonly onStep: (step: Step) => void;
  readonly recorder?: Recorder;
}

/** How a step names the connection that it uses, and its instance: the one under test where absent. */
export type NamedConnection = Readonly<{ connection?: string; target?: string }>;

/** Carries out a step. @throws StepFailure, ObservationError where the target does not do as it has to */
export type StepAction<Argument> = (
  context: StepContext,
  argument: Argument,
  at: StepPosition,
) => Promise<void>;

/** What a step runs with: the case's resources, and the variables of its branch. */
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

  /** The same context with variables of its own. */
  branch(): StepContext {
    return new StepContext({ ...this.#options, variables: new Map(this.variables) });
  }

  /** A branch that may be given up: what it sees is not recorded, since an earlier try says nothing. */
  attempt(): StepContext {
    return new StepContext({ ...this.#options, variables: new Map(this.variables), recorder: undefined });
  }

  /** Takes over what a branch has saved. */
  adopt(branch: StepContext): void {
    for (const [name, value] of branch.variables) this.variables.set(name, value);
  }

  enter(step: Step, path: StepPath): void {
    this.#path = path;
    this.#options.onStep(step);
  }

  /** The written value with its variables replaced. */
  resolve<Value>(written: unknown): Value {
    return substitute(written, this.variables) as Value;
  }

  /** The connection that a step names, whose name may end in a variable. */
  connection({ connection, target }: NamedConnection): Promise<Connection> {
    return this.resources.connection(this.resolve<string | undefined>(connection), target);
  }

  /** Compares an observation as its kind is compared, and saves variables. @throws StepFailure */
  compare(kind: keyof typeof matchers, { expect, observation, request }: Comparison): void {
    const { caseId, schemas, recorder } = this.#options;
    const { differences, saved } = matchers[kind](expect, observation, {
      variables: this.variables,
      schemas,
    });
    recorder?.({ caseId, stepPath: this.#path, observation });
    if (differences.length > 0 && recorder === undefined) {
      throw comparisonFailure({ differences, expected: expect, actual: observation, request });
    }
    for (const [name, value] of saved) this.variables.set(name, value);
  }
}
