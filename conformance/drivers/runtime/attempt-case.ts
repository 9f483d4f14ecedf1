import { setTimeout as pause } from 'node:timers/promises';
import { withTimeLimit } from '../../../base/deadline.ts';
import { RunnerError } from '../../../runners/runner.ts';
import type { DataCase, Step } from '../../case/case.ts';
import { annotationsOf, verbsOf, type WrittenStep } from '../../case/step-annotations.ts';
import { splitHttpId } from '../../case/transport.ts';
import type { CaseAttempt } from '../../engine/driver.ts';
import { NotDeclaredError, StepFailure } from '../../engine/failure.ts';
import { TargetError } from '../../engine/options.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import { ObservationError } from '../../observe/unary.ts';
import { ConnectError } from '../../wire/connect-socket.ts';
import { NotExpressibleError } from '../../wire/runtime-call.ts';
import { alterationsOf } from './alterations.ts';
import { CaseResources, type CaseResourcesOptions } from './case-resources.ts';
import {
  type Recorder,
  type StepAction,
  StepContext,
  type StepPath,
  type StepPosition,
} from './step-context.ts';
import { connectionSteps } from './steps/connection.ts';
import { runHttp } from './steps/http.ts';
import { processSteps } from './steps/process.ts';
import { runRaw } from './steps/raw.ts';
import { runSession, type SessionArgument } from './steps/session.ts';
import { type ReceiveArgument, runReceive, streamSteps } from './steps/stream.ts';
import { unarySteps } from './steps/unary.ts';
import { comparisonClause } from './transport-comparison.ts';
import { UnsentSteps } from './unsent-steps.ts';

/** Interval between attempts of `eventually`, which has no event to wait for. */
const retryMs = 20;
/** Grace period for steps that run concurrently with a failed step. They may wait for an event that never happens. */
const failureGraceMs = 1000;
/** Maximum number of altered texts that are tried concurrently. */
const maxAlterationsAtOnce = 16;

/** Options of an attempt. */
export interface AttemptOptions extends CaseResourcesOptions {
  readonly schemas: SchemaSet;
  /** Records observations for goldens instead of comparing them. */
  readonly recorder?: Recorder;
}

/** Makes an attempt at a case that runs against a runtime. */
export function attemptCase({ id: caseId, steps }: DataCase, options: AttemptOptions): CaseAttempt {
  const { schemas, recorder, onStep, onExchange } = options;
  const resources = new CaseResources(options);
  return {
    async run() {
      const observer = options.comparison?.begin(options.transport ?? 'grpc', splitHttpId(caseId).id);
      const shared = { caseId, resources, schemas, recorder, onStep, onExchange, observer };
      try {
        await runSteps(new StepContext({ ...shared, variables: new Map() }), steps);
        observer?.end(true);
      } catch (error) {
        if (error instanceof StepFailure) observer?.end(false);
        throw error;
      }
    },
    timeUp(limitMs) {
      const summary = `the case did not finish within ${limitMs / 1000} s`;
      const { awaited } = resources;
      const lastTry = resources.lastTry?.();
      if (lastTry === undefined) {
        return new StepFailure(
          awaited === undefined ? summary : `${awaited} (no response within ${limitMs / 1000} s)`,
        );
      }
      const { violated, violatesStep } = lastTry;
      const more = { ...lastTry.failure, violated, violatesStep };
      const failure = new StepFailure(`${summary}: ${lastTry.message}`, more);
      failure.step = lastTry.step;
      return failure;
    },
    get lackedRoom() {
      return resources.lackedRoom;
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

function isFaultOfTarget(error: unknown): error is Error {
  return [ObservationError, ConnectError, TargetError, RunnerError].some((type) => error instanceof type);
}

/** Runs steps in order. @throws StepFailure, ObservationError, and errors of the kit itself */
async function runSteps(context: StepContext, steps: readonly Step[], within: StepPath = []): Promise<void> {
  // Nested steps depend on each other, so they are left out together.
  const unsent = within.length === 0 ? new UnsentSteps() : undefined;
  for (const [index, step] of steps.entries()) {
    if (step.leftOut || unsent?.concern(step)) continue;
    const path = [...within, index];
    context.enter(step, path);
    const verb = verbs[step.verb];
    if (verb === undefined) throw new Error(`unknown verb: "${step.verb}"`);
    try {
      await verb(context, step.argument as never, { step, path });
    } catch (error) {
      if (!(error instanceof NotExpressibleError)) throw failureOf(step, error);
      if (within.length > 0) throw error;
      if (unsent?.add(step, error) !== true) throw notOverHttp(error);
    }
  }
  const reason = unsent?.reasonNotToCount(steps);
  if (reason !== undefined) throw notOverHttp(reason);
}

/** Returns the error for a case that only gRPC can carry. */
function notOverHttp({ message }: NotExpressibleError): NotDeclaredError {
  return new NotDeclaredError('gRPC', message);
}

/** Returns the error with the innermost failing step attached. */
function failureOf(step: Step, error: unknown): unknown {
  // A response with malformed frames shows nothing about the clauses that the step checks.
  const blame =
    error instanceof ObservationError
      ? { violated: error.clause, violatesStep: error.clause === undefined || error.part === 'body' }
      : {};
  const logs = error instanceof TargetError ? error.logs : undefined;
  const failure = isFaultOfTarget(error) ? new StepFailure(error.message, { ...blame, logs }) : error;
  if (failure instanceof StepFailure) failure.step ??= step;
  return failure;
}

type WrittenSteps = readonly WrittenStep[];

/** Runs the nested steps of a step. They inherit its annotations unless they have their own. */
function runNested(
  context: StepContext,
  written: WrittenSteps,
  { step: outer, path }: StepPosition,
  within: StepPath,
): Promise<void> {
  const { source, clauses, setup } = outer;
  const steps = written.flatMap((step) => {
    const own = annotationsOf(step);
    const annotations = Object.keys(own).length === 0 ? { clauses, setup } : own;
    return verbsOf(step).map(([verb, argument]) => ({ verb, argument, source, ...annotations }));
  });
  return runSteps(context, steps, [...path, ...within]);
}

/** The action of each verb. The fixture schema has validated the arguments. */
const verbs: Readonly<Record<string, StepAction<never>>> = {
  ...unarySteps,
  ...streamSteps,
  ...processSteps,
  ...connectionSteps,
  session: (context, argument: SessionArgument | null) => runSession(context, argument ?? {}),
  raw: runRaw,
  http: runHttp,
  receive: (context, argument: ReceiveArgument & { readonly prompting?: WrittenSteps }, at) => {
    const { prompting } = argument;
    if (prompting === undefined) return runReceive(context, argument, undefined);
    return runReceive(context, argument, async () => {
      await runNested(context.branch(), prompting, at, ['receive', 'prompting']);
      // If the message never arrives, the report must name this step and not a nested one.
      context.enter(at.step, at.path);
    });
  },
  parallel: runParallel,
  repeat: runRepeat,
  alterations: runAlterations,
  eventually: runEventually,
  check: async (context, { value, expect }: { readonly value: unknown; readonly expect: unknown }) =>
    context.compare('value', { expect, observation: context.resolve(value) }),
  traffic: async (context, { obeys }: { readonly obeys: string }) => {
    const { traffic, comparison } = context.resources.options;
    const compares = obeys === comparisonClause ? comparison?.differences() : undefined;
    const { problems, cases: seenIn } = compares ?? traffic.violationsOf(obeys);
    context.compare('value', { expect: [], observation: problems, seenIn });
  },
};

async function runParallel(
  context: StepContext,
  branches: readonly WrittenSteps[],
  at: StepPosition,
): Promise<void> {
  await allOrFirstFailure(
    branches.map((steps, index) => runNested(context.branch(), steps, at, ['parallel', index])),
  );
}

async function runRepeat(
  context: StepContext,
  {
    times,
    as,
    together,
    steps,
  }: Readonly<{ times: number; as?: string; together?: boolean; steps: WrittenSteps }>,
  at: StepPosition,
): Promise<void> {
  const round = async (branch: StepContext, index: number): Promise<void> => {
    if (as !== undefined) branch.variables.set(as, index);
    await runNested(branch, steps, at, ['repeat', 'steps']);
  };
  if (together) {
    await allOrFirstFailure(Array.from({ length: times }, (_, index) => round(context.branch(), index)));
    return;
  }
  for (let index = 0; index < times; index += 1) await round(context, index);
}

/** Runs steps once for each altered copy of a text. */
async function runAlterations(
  context: StepContext,
  {
    of: text,
    as,
    letterCase,
    steps,
  }: Readonly<{
    of: string;
    as: string;
    letterCase?: boolean;
    steps: WrittenSteps;
  }>,
  at: StepPosition,
): Promise<void> {
  const copies = [...alterationsOf(context.resolve(text), letterCase)];
  while (copies.length > 0) {
    const turns = copies.splice(0, maxAlterationsAtOnce).map((copy) => {
      const branch = context.branch();
      branch.variables.set(as, copy);
      return runNested(branch, steps, at, ['alterations', 'steps']);
    });
    await allOrFirstFailure(turns);
  }
}

async function runEventually(context: StepContext, steps: WrittenSteps, at: StepPosition): Promise<void> {
  const { resources } = context;
  for (;;) {
    const branch = context.attempt();
    try {
      await runNested(branch, steps, at, ['eventually']);
      context.adopt(branch);
      resources.lastTry = undefined;
      return;
    } catch (error) {
      const notYet = error instanceof StepFailure;
      if (!notYet || resources.options.signal.aborted) throw error;
      resources.lastTry = () => error;
    }
    await pause(retryMs);
  }
}

/** Waits for all branches, but only briefly after a failure. Throws the first failure in the order of the case. */
async function allOrFirstFailure(branches: readonly Promise<void>[]): Promise<void> {
  const failures: ({ readonly reason: unknown } | undefined)[] = [];
  const settled = branches.map((branch, index) =>
    branch.catch((reason: unknown) => {
      failures[index] = { reason };
    }),
  );
  const all = Promise.all(settled).then(() => undefined);
  await Promise.all(branches).catch(() => withTimeLimit(all, failureGraceMs));
  const first = failures.find((failure) => failure !== undefined);
  if (first !== undefined) throw first.reason;
}
