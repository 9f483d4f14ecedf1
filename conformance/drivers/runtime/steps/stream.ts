import { withTimeLimit } from '../../../../base/deadline.ts';
import { found, StepFailure } from '../../../engine/failure.ts';
import { holds } from '../../../match/match.ts';
import { StreamReader } from '../../../observe/stream.ts';
import type { Observation } from '../../../observe/unary.ts';
import { NotExpressibleError } from '../../../wire/runtime-call.ts';
import type { OpenStream } from '../case-resources.ts';
import type { Comparison, StepAction, StepContext } from '../step-context.ts';
import { deadlineOf } from '../unary-call.ts';
import { buildStepRequest, type CallSettings, startInvocation, watchAnswer } from './unary.ts';

/** The argument of `openStream`. */
type OpenStreamArgument = CallSettings &
  Readonly<{ as: string; request?: unknown; expect?: unknown; mostBytes?: number }>;

/** The argument of `receive`. Skipped messages must not match `never`. */
export type ReceiveArgument = Readonly<{
  stream: string;
  expect: unknown;
  skipOthers?: boolean;
  never?: unknown;
}>;

/** Interval after which a prompt is repeated. */
const promptIntervalMs = 250;

/** Stream steps. `receive` is a separate function because it runs nested steps. */
export const streamSteps = {
  async openStream(context: StepContext, argument: OpenStreamArgument) {
    const { as, expect, mostBytes } = argument;
    const { kind, transport } = context.resources.instance(argument.target).address;
    // Over gRPC, the flow control of HTTP/2 works end to end, through the relay.
    if (mostBytes !== undefined && kind === 'tcp' && transport === 'http')
      throw new NotExpressibleError(
        'the relay buffers what the runtime sends, so the kit cannot measure its buffers',
      );
    const request = buildStepRequest(context, 'InvokeStream', argument.request);
    const call = await startInvocation(context, { rpc: 'InvokeStream', settings: argument, request });
    const watch = watchAnswer(context, { rpc: 'InvokeStream', request });
    const reader = new StreamReader(call, { log: context.log, watch, maxBytes: mostBytes });
    const stream = { reader, request: request.described };
    context.resources.streams.set(as, stream);
    if (expect === undefined) return;
    const head = await reader.head();
    if (head === undefined) throw await endedEarly(stream, 'its first chunk');
    context.compare('stream', { expect, observation: { grpc: 'OK', ...head }, request: stream.request });
  },

  async end(context: StepContext, argument: Readonly<{ stream: string; within?: string; expect: unknown }>) {
    const stream = found(context.resources.streams, argument.stream, 'stream');
    const { reader, request } = stream;
    await checkNotOpened(context, stream, argument.expect);
    const withinMs = deadlineOf(argument.within);
    const patience = withinMs && setTimeout(() => reader.call.cancel(), withinMs);
    const observation = await reader.finish().finally(() => clearTimeout(patience));
    context.resources.noteRevision(observation);
    const comparison = { expect: argument.expect, observation, request };
    checkErrorStatus(context, comparison);
    context.compare('stream', comparison);
  },

  /** Cancels a call. Returns when the call has ended on this side. */
  async cancel({ resources }: StepContext, argument: Readonly<{ stream?: string; call?: string }>) {
    const { call } =
      argument.stream === undefined
        ? found(resources.calls, argument.call ?? '', 'call')
        : found(resources.streams, argument.stream, 'stream').reader;
    call.cancel();
    await call.ended;
  },
} satisfies Readonly<Record<string, StepAction<never>>>;

/** Fails immediately if a stream opens that is expected to be refused. @throws StepFailure */
async function checkNotOpened(
  context: StepContext,
  { reader, request }: OpenStream,
  expected: unknown,
): Promise<void> {
  const { resources } = context;
  const { done, errorStatus, refused = errorStatus } = Object(expected);
  if (done !== true || refused === undefined) return;
  if (holds(context.match('value', refused, 0))) return;
  const status = typeof refused === 'number' ? ` with ${refused}` : '';
  resources.awaited = `the stream opened, but a refusal was expected${status}`;
  const head = await reader.head();
  if (head !== undefined && head.errorStatus === 0 && (head.status ?? 0) < 400) {
    reader.call.cancel();
    throw new StepFailure(resources.awaited, { request, expected, actual: head });
  }
  resources.awaited = undefined;
}

/**
 * Fails with STREAM-2 if the head has the status of the expected refusal, but `error_status` is 0. The refusal itself
 * is then right, so the clauses of the step are not violated. @throws StepFailure
 */
function checkErrorStatus(context: StepContext, { expect, observation, request }: Comparison): void {
  const { errorStatus: expected } = Object(expect);
  const { status, errorStatus } = observation as Observation;
  if (expected === undefined || errorStatus !== 0 || !(Number(status) >= 400)) return;
  const isExpected = (actual: unknown) => holds(context.match('value', expected, actual));
  if (isExpected(0) || !isExpected(status)) return;
  const summary = `the stream was refused with status ${String(status)} in its head, but error_status is 0`;
  throw new StepFailure(summary, { violated: 'STREAM-2', request, expected: expect, actual: observation });
}

/** Runs `receive`. `prompt` runs the steps of `prompting`, if given. */
export async function runReceive(
  context: StepContext,
  argument: ReceiveArgument,
  prompt: (() => Promise<void>) | undefined,
): Promise<void> {
  const { expect, skipOthers, never } = argument;
  const stream = found(context.resources.streams, argument.stream, 'stream');
  const { request } = stream;
  const { resources } = context;
  const { lastTry } = resources;
  resources.lastTry = () =>
    new StepFailure('the awaited message did not arrive', { request, expected: expect });
  for (;;) {
    const observation = await nextMessage(stream, prompt);
    const wanted = skipOthers === true ? context.match('value', expect, observation) : undefined;
    if (wanted === undefined || holds(wanted)) {
      resources.lastTry = lastTry;
      if (wanted === undefined) context.compare('value', { expect, observation, request });
      else context.save(wanted.saved);
      return;
    }
    if (never !== undefined && holds(context.match('value', never, observation))) {
      const body = { request, expected: expect, actual: observation };
      throw new StepFailure('received a message that `never` forbids', body);
    }
  }
}

async function nextMessage(stream: OpenStream, prompt: (() => Promise<void>) | undefined): Promise<unknown> {
  const arrival = stream.reader.nextMessage();
  const message = prompt === undefined ? await arrival : await prompted(arrival, prompt);
  if (message === undefined) throw await endedEarly(stream, 'the message');
  return message;
}

/** Repeats the prompt until the message has arrived. */
async function prompted(arrival: Promise<unknown>, prompt: () => Promise<void>): Promise<unknown> {
  let arrived = false as boolean;
  const settled = Promise.allSettled([arrival]).then(() => {
    arrived = true;
  });
  while (!arrived) {
    await prompt();
    await withTimeLimit(settled, promptIntervalMs);
  }
  return arrival;
}

async function endedEarly(stream: OpenStream, awaited: string): Promise<StepFailure> {
  const actual = await stream.reader.finish();
  const status = Number(actual['refused']) > 0 ? `, status ${String(actual['refused'])}` : '';
  return new StepFailure(
    `the stream ended before ${awaited}: gRPC ${String(actual['grpc'])} ${String(actual['grpcMessage'])}${status}`,
    { request: stream.request, actual },
  );
}
