import type { Step } from '../../../case/case.ts';
import type { WrittenRequest } from '../../../case/gateway-case.ts';
import { annotationsOf, verbsOf, type WrittenStep } from '../../../case/step-annotations.ts';
import { StepFailure } from '../../../engine/failure.ts';
import { substitute } from '../../../match/variables.ts';
import { answerPing, fence, refuseCall } from '../settle.ts';
import type { Members, StepAction, StepContext } from '../step-context.ts';
import { begin, callerSteps, exchangeOf, mainName } from './caller.ts';
import { callOf, type ExpectedIdentity, runtimeSteps, type WrittenAnswer } from './runtime.ts';

const { send, head, response } = callerSteps;
const { arrives, answer } = runtimeSteps;

/** Steps that involve both sides of the gateway. */
const wholeSteps = {
  /** Runs a whole exchange: request, call, answer, response. */
  async exchange(
    context: StepContext,
    argument: Readonly<{ request?: WrittenRequest; identity?: ExpectedIdentity; answer?: WrittenAnswer }> &
      Readonly<{ arrives?: Members; response?: Members }>,
  ) {
    await send(context, argument);
    await arrives(context, { expect: argument.arrives, identity: argument.identity });
    if (argument.answer === undefined) answerPing(callOf(context));
    else await answer(context, argument.answer);
    await response(context, { expect: { status: 200, ...argument.response } });
  },

  /** Sends a request that the gateway itself must answer. */
  async refused(
    context: StepContext,
    argument: { readonly request: WrittenRequest; readonly response: Members },
  ) {
    const sent = begin(context, mainName, argument.request);
    // Also wait for calls, so that an unexpected one is reported instead of causing a timeout.
    await context.waitFor(
      Promise.race([sent.head, context.nextCall()]),
      'a response from the gateway itself',
    );
    if (context.unclaimed.length > 0) return fence(context);
    // If the case requires no specific response, the gateway may also close the connection.
    if (Object.keys(argument.response).length === 0) {
      await context.waitFor(sent.ended, 'a response from the gateway itself, or the end of the connection');
      return fence(context);
    }
    await head(context, { expect: argument.response });
    if (!sent.request.unfinished) await response(context, { expect: argument.response });
    await fence(context);
  },

  /** Answers the call if one arrives. Otherwise expects a response from the gateway itself. */
  async eitherArrives(
    context: StepContext,
    argument: Readonly<{ of?: string; identity?: ExpectedIdentity; expect: Members; otherwise: Members }> &
      Readonly<{ refusal?: number; fenced?: boolean }>,
  ) {
    const { of = mainName, identity, expect, otherwise, refusal, fenced = true } = argument;
    const sent = exchangeOf(context, of);
    while (context.unclaimed.length === 0 && sent.endSoFar === undefined) {
      const event = Promise.race([sent.ended, context.nextCall()]);
      await context.waitFor(event, `a call or a response for the request (${of})`);
    }
    if (context.unclaimed.length === 0) {
      await response(context, { of, expect: otherwise });
      if (fenced) await fence(context);
      return;
    }
    await arrives(context, { as: of, expect, identity });
    if (refusal === undefined) answerPing(callOf(context, of));
    else refuseCall(callOf(context, of), refusal);
    await response(context, { of, expect: { status: refusal ?? 200 } });
  },

  async nothingArrives(context: StepContext) {
    await fence(context);
  },
} satisfies Readonly<Record<string, StepAction<never>>>;

/** The action of each verb. The schema of gateway suites describes the arguments. */
const verbs: Readonly<Record<string, StepAction<never>>> = {
  ...callerSteps,
  ...runtimeSteps,
  ...wholeSteps,
};

/** Members whose variables are replaced later: patterns when compared, nested steps when they run. */
const replacedLater = new Set(['expect', 'otherwise', 'where', 'arrives', 'response']);

/**
 * Runs steps in order.
 * @param onStep called before each step
 * @throws StepFailure, NotCheckableError
 */
export async function runSteps(
  context: StepContext,
  steps: readonly Step[],
  onStep: (step: Step) => void,
): Promise<void> {
  for (const step of steps) {
    onStep(step);
    await runStep(context, step);
  }
}

async function runStep(context: StepContext, step: Step): Promise<void> {
  try {
    if (step.verb === 'forEach') await forEach(context, step);
    else await carryOutStep(context, step);
  } catch (error) {
    if (error instanceof StepFailure) error.step ??= step;
    throw error;
  }
}

async function carryOutStep(context: StepContext, { verb, argument }: Step): Promise<void> {
  const action = verbs[verb];
  if (action === undefined) throw new TypeError(`unknown step: ${verb}`);
  const members = Object.entries(argument as Members).map(([name, value]) => [
    name,
    replacedLater.has(name) ? value : substitute(value, context.variables),
  ]);
  await action(context, Object.fromEntries(members) as never);
}

/** The argument of `forEach`. */
type Repetition = Readonly<{ in?: readonly unknown[]; times?: number; steps: readonly WrittenStep[] }>;

async function forEach(context: StepContext, { argument, source, clauses, setup }: Step): Promise<void> {
  const { in: values, times = 0, steps: written } = argument as Repetition;
  const steps = written.flatMap((step) => {
    const own = annotationsOf(step);
    const annotations = Object.keys(own).length === 0 ? { clauses, setup } : own;
    return verbsOf(step).map(([verb, argument]) => ({ verb, argument, source, ...annotations }));
  });
  for (const value of values ?? Array.from({ length: times }, (_, index) => index + 1)) {
    context.variables.set('each', value);
    const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    for (const [name, member] of members) context.variables.set(`each-${name}`, member);
    for (const step of steps) await runStep(context, step);
    context.options.log.add('', 'local', `done for ${JSON.stringify(value)}`);
  }
}
