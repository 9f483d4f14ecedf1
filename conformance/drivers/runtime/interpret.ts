import { withTimeLimit } from '../../../base/deadline.ts';
import type { SourcePlace, Step } from '../../case/case.ts';
import { StepFailure } from '../../engine/failure.ts';
import { ObservationError } from '../../observe/unary.ts';
import type { Scope, StepPath } from './scope.ts';
import { runExit, runLaunch, runLogs, runPlace, runSignal, runSocketFile } from './steps/process.ts';
import { runRaw } from './steps/raw.ts';
import { runSession, type SessionArgument } from './steps/session.ts';
import { type ReceiveArgument, runCancel, runEnd, runOpenStream, runReceive } from './steps/stream.ts';
import { runAwait, runHealthCheck, runUnary, type UnaryArgument } from './steps/unary.ts';

/** Between two tries of `eventually`: no event tells when to look again. */
const retryMs = 20;
/** So long steps beside a failed one may go on: what they wait for may never come, and no longer matters. */
const outlastingMs = 1000;

/** Carries out steps in order. @throws StepFailure, ObservationError and what the engine itself gets wrong */
export async function runSteps(scope: Scope, steps: readonly Step[], within: StepPath = []): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const path = [...within, index];
    scope.enter(step, path);
    await runStep(scope, step, path);
  }
}

/** What a verb does. The schema of fixtures has checked the argument's shape. */
const verbs: Readonly<Record<string, (scope: Scope, argument: never, at: StepPosition) => Promise<void>>> = {
  session: (scope, argument: SessionArgument | null) => runSession(scope, argument ?? {}),
  invoke: (scope, argument: UnaryArgument) => runUnary(scope, 'Invoke', argument),
  closeSession: (scope, argument: UnaryArgument) => runUnary(scope, 'CloseSession', argument),
  healthCheck: runHealthCheck,
  await: runAwait,
  openStream: runOpenStream,
  receive: (scope, argument: ReceiveArgument & { readonly prompting?: WrittenSteps }, at) =>
    runReceive(scope, argument, promptOf(scope, argument.prompting, at)),
  end: runEnd,
  cancel: runCancel,
  disconnect: async (scope, argument: { readonly connection: string }) =>
    scope.run.disconnect(scope.resolve(argument.connection)),
  parallel: runParallel,
  repeat: runRepeat,
  eventually: runEventually,
  check: async (scope, argument: { readonly value: unknown; readonly expect: unknown }) =>
    scope.compareValue({ expect: argument.expect, observation: scope.resolve(argument.value) }),
  raw: runRaw,
  launch: runLaunch,
  place: runPlace,
  signal: runSignal,
  exit: runExit,
  logs: runLogs,
  socketFile: runSocketFile,
};

/** The verbs that there are. */
export const verbNames: readonly string[] = Object.keys(verbs);

async function runStep(scope: Scope, step: Step, path: StepPath): Promise<void> {
  const verb = verbs[step.verb];
  if (verb === undefined) throw new Error(`no step has the verb "${step.verb}"`);
  await verb(scope, step.argument as never, { source: step.source, path });
}

/** Steps as they stand inside the argument of another step. */
function nestedSteps(written: readonly Readonly<Record<string, unknown>>[], source: SourcePlace): Step[] {
  return written.flatMap((step) =>
    Object.entries(step).map(([verb, argument]) => ({ verb, argument, source })),
  );
}

/** Where a step stands, for the steps inside it. */
interface StepPosition {
  readonly source: SourcePlace;
  readonly path: StepPath;
}

type WrittenSteps = readonly Readonly<Record<string, unknown>>[];

async function runParallel(scope: Scope, branches: readonly WrittenSteps[], at: StepPosition): Promise<void> {
  await allOrFirstFailure(
    branches.map((steps, index) =>
      runSteps(scope.branch(), nestedSteps(steps, at.source), [...at.path, 'parallel', index]),
    ),
  );
}

async function runRepeat(
  scope: Scope,
  argument: {
    readonly times: number;
    readonly as?: string;
    readonly together?: boolean;
    readonly steps: WrittenSteps;
  },
  at: StepPosition,
): Promise<void> {
  const { times, as, together } = argument;
  const steps = nestedSteps(argument.steps, at.source);
  const within = [...at.path, 'repeat', 'steps'];
  const round = async (branch: Scope, index: number): Promise<void> => {
    if (as !== undefined) branch.variables.set(as, index);
    await runSteps(branch, steps, within);
  };
  if (together) {
    await allOrFirstFailure(Array.from({ length: times }, (_, index) => round(scope.branch(), index)));
    return;
  }
  for (let index = 0; index < times; index += 1) await round(scope, index);
}

async function runEventually(scope: Scope, steps: WrittenSteps, at: StepPosition): Promise<void> {
  for (;;) {
    const branch = scope.attempt();
    try {
      await runSteps(branch, nestedSteps(steps, at.source), [...at.path, 'eventually']);
      scope.adopt(branch);
      scope.run.lastTry = undefined;
      return;
    } catch (error) {
      const notYet = error instanceof StepFailure || error instanceof ObservationError;
      if (!notYet || scope.run.parts.signal.aborted) throw error;
      scope.run.lastTry = error;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function promptOf(
  scope: Scope,
  steps: WrittenSteps | undefined,
  at: StepPosition,
): (() => Promise<void>) | undefined {
  if (steps === undefined) return undefined;
  const within = [...at.path, 'receive', 'prompting'];
  return () => runSteps(scope.branch(), nestedSteps(steps, at.source), within);
}

/** Waits for all, but for those that outlast a failure by long, then throws the first failure in the order of the case. */
async function allOrFirstFailure(branches: readonly Promise<void>[]): Promise<void> {
  const failures: { readonly index: number; readonly reason: unknown }[] = [];
  const settled = branches.map((branch, index) =>
    branch.catch((reason: unknown) => {
      failures.push({ index, reason });
    }),
  );
  const all = Promise.all(settled).then(() => undefined);
  await Promise.all(branches).catch(() => withTimeLimit(all, outlastingMs));
  const [first] = failures.sort((one, other) => one.index - other.index);
  if (first !== undefined) throw first.reason;
}
