import type { Step } from '../../../case/case.ts';
import type { WrittenBytes, WrittenRequest } from '../../../case/gateway-case.ts';
import { substitute } from '../../../match/variables.ts';
import type { CheckRun } from '../check-run.ts';
import { answerPing, fence } from '../settle.ts';
import {
  abort,
  begin,
  exchangeOf,
  fails,
  head,
  mainName,
  receives,
  response,
  resume,
  send,
} from './caller.ts';
import {
  answer,
  arrives,
  breakCall,
  callOf,
  cancelled,
  chunk,
  deadlinePasses,
  end,
  flood,
  healthChecks,
  raw,
  runtime,
  shortDeadline,
} from './runtime.ts';
import type { StepOf } from './step.ts';

type Members = Readonly<Record<string, unknown>>;

interface ExchangeArgument {
  readonly request?: WrittenRequest;
  readonly identity?: 'valid' | 'other' | 'none';
  readonly arrives?: Members;
  readonly answer?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: WrittenBytes;
  };
  readonly response?: Members;
}

/** A whole request: sent, come to the socket, answered, and come back. */
const exchange: StepOf<ExchangeArgument> = async (run, argument) => {
  const {
    request = {},
    identity,
    arrives: expect = {},
    answer: answered,
    response: expected = {},
  } = argument;
  await send(run, { request });
  await arrives(run, { expect, identity });
  const call = callOf(run, mainName);
  if (answered === undefined) answerPing(call);
  else await answer(run, answered);
  await response(run, { expect: { status: 200, ...expected } });
};

/** A request that is answered by the gateway alone. */
const refused: StepOf<{ readonly request: WrittenRequest; readonly response: Members }> = async (
  run,
  argument,
) => {
  const sent = begin(run, mainName, argument.request);
  // Where a call comes all the same, it has to be told of, not waited for.
  await run.waitFor(Promise.race([sent.head, run.nextCall()]), 'an answer of the gateway alone');
  if (run.unclaimed.length > 0) return fence(run);
  // Nothing but the end of the connection is an answer, too, where no other is asked for.
  if (Object.keys(argument.response).length === 0) {
    await run.waitFor(sent.ended, 'an answer of the gateway alone, or the end of the connection');
    return fence(run);
  }
  await head(run, { expect: argument.response });
  if (!sent.request.unfinished) await response(run, { expect: argument.response });
  await fence(run);
};

/** A call comes for the request and is answered, or the gateway alone answers. */
const eitherArrives: StepOf<{
  readonly of?: string;
  readonly identity?: 'valid' | 'other' | 'none';
  readonly expect: Members;
  readonly otherwise: Members;
}> = async (run, { of = mainName, identity, expect, otherwise }) => {
  const sent = exchangeOf(run, of);
  while (run.unclaimed.length === 0 && sent.endSoFar === undefined) {
    await run.waitFor(
      Promise.race([sent.ended, run.nextCall()]),
      `a call or an answer for the request (${of})`,
    );
  }
  if (run.unclaimed.length === 0) {
    await response(run, { of, expect: otherwise });
    return fence(run);
  }
  await arrives(run, { as: of, expect, identity });
  answerPing(callOf(run, of));
  await response(run, { of, expect: { status: 200 } });
};

const nothingArrives: StepOf<Readonly<Record<string, never>>> = (run) => fence(run);

/** What each verb does, its argument as the schema of gateway suites has it. */
const verbs: Readonly<Record<string, StepOf<never>>> = {
  send,
  arrives,
  answer,
  chunk,
  end,
  raw,
  break: breakCall,
  cancelled,
  deadlinePasses,
  shortDeadline,
  flood,
  head,
  receives,
  response,
  fails,
  abort,
  resume,
  nothingArrives,
  exchange,
  refused,
  eitherArrives,
  runtime,
  healthChecks,
};

/** What patterns refer to is replaced as they are compared: a variable may be saved in the same comparison. */
const patterns: ReadonlySet<string> = new Set(['expect', 'otherwise', 'where', 'arrives', 'response']);

/**
 * Carries out steps one after the other.
 * @param onStep told of each before it begins
 * @throws StepFailure, NotCheckable
 */
export async function runSteps(
  run: CheckRun,
  steps: readonly Step[],
  onStep: (step: Step) => void,
): Promise<void> {
  for (const step of steps) {
    onStep(step);
    await runStep(run, step.verb, step.argument);
  }
}

async function runStep(run: CheckRun, verb: string, argument: unknown): Promise<void> {
  if (verb === 'forEach') return forEach(run, argument as ForEachArgument);
  const carryOut = verbs[verb];
  if (carryOut === undefined) throw new TypeError(`there is no step ${verb}`);
  await carryOut(run, replaceVariables(argument as Members, run) as never);
}

interface ForEachArgument {
  readonly in?: readonly unknown[];
  readonly times?: number;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

async function forEach(run: CheckRun, argument: ForEachArgument): Promise<void> {
  const { in: values, times = 0, steps } = argument;
  const { variables } = run.parts;
  for (const value of values ?? Array.from({ length: times }, (_, index) => index + 1)) {
    variables.set('each', value);
    const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    for (const [name, member] of members) variables.set(`each-${name}`, member);
    for (const step of steps)
      for (const [verb, argument] of Object.entries(step)) await runStep(run, verb, argument);
    run.parts.log.add('', 'local', `done for ${JSON.stringify(value)}`);
  }
}

function replaceVariables(argument: Members, run: CheckRun): unknown {
  return Object.fromEntries(
    Object.entries(argument).map(([name, value]) => [
      name,
      patterns.has(name) ? value : substitute(value, run.parts.variables),
    ]),
  );
}
