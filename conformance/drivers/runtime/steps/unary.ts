import { create, toBinary } from '@bufbuild/protobuf';
import {
  HealthRequestSchema,
  type McpRequest,
  McpRequestSchema,
  type RequestRpc,
  rpcPath,
} from '../../../../proto/index.ts';
import { found, StepFailure } from '../../../engine/failure.ts';
import { answerOfStream, StreamReader } from '../../../observe/stream.ts';
import type { AnswerWatch } from '../../../observe/traffic/traffic.ts';
import { type Observation, observeHealth, observeUnary } from '../../../observe/unary.ts';
import { cut } from '../../../text/text.ts';
import type { RuntimeCall } from '../../../wire/runtime-call.ts';
import { UnreachableError } from '../case-resources.ts';
import { buildRequest, type WrittenRequest } from '../request.ts';
import type { NamedConnection, StepAction, StepContext, StepPosition } from '../step-context.ts';
import { deadlineOf, finish, receiveLimit } from '../unary-call.ts';

/** The connection and the deadline of a call. */
export type CallSettings = NamedConnection & Readonly<{ deadline?: string }>;

type UnaryArgument = CallSettings &
  Readonly<{ request?: unknown; expect?: unknown; also?: readonly FurtherExpectation[]; as?: string }> &
  Readonly<{ by?: 'Invoke' | 'InvokeStream' }>;

/** A further expectation of an answer, with the clauses that it checks. */
type FurtherExpectation = Readonly<{ expect: unknown; clauses: readonly string[] }>;

/** A call with an `McpRequest`. */
type Invocation = Readonly<{ rpc: RequestRpc; settings: CallSettings; request: BuiltRequest }>;

/** A request from a fixture, completed and encoded. */
export interface BuiltRequest {
  readonly message: McpRequest;
  readonly bytes: Uint8Array;
  /** The request as written and completed with defaults, for reports. */
  readonly described: unknown;
  /** The caller and the header fields that the step names, for the wire log. Empty if the step names neither. */
  readonly caller: string;
  readonly fields: string;
  /** Whether it is an `initialize` request that creates a session. */
  readonly asksForSession: boolean;
}

/** Completes and encodes the request of a step. */
export function buildStepRequest(context: StepContext, rpc: RequestRpc, written: unknown): BuiltRequest {
  const { resources } = context;
  const resolved = context.resolve<WrittenRequest>(written ?? {});
  const message = buildRequest(resolved, {
    rpc,
    identities: resources.options.identities,
    revisionOf: (sessionId) => resources.revisionOf(sessionId),
  });
  const { method, path, headers } = message;
  return {
    message,
    bytes: toBinary(McpRequestSchema, message),
    described: { ...(rpc === 'InvokeStream' && { rpc }), ...resolved, method, path, headers },
    caller: resolved.authContext === undefined ? '' : ` caller ${callerName(resolved.authContext)}`,
    fields: Object.entries(resolved.headers ?? {})
      .map(([name, value]) => ` ${name}: ${cut(JSON.stringify(value) ?? '', 100)}`)
      .join(''),
    asksForSession: message.sessionId === '' && resolved.message?.['method'] === 'initialize',
  };
}

function callerName(authContext: WrittenRequest['authContext']): string {
  return typeof authContext === 'string' ? authContext : cut(JSON.stringify(authContext) ?? '', 100);
}

/** Steps of unary calls. */
export const unarySteps = {
  invoke: (context: StepContext, argument: UnaryArgument, at: StepPosition) =>
    runUnary(context, { rpc: argument.by ?? 'Invoke', settings: argument }, at),
  closeSession: (context: StepContext, argument: UnaryArgument, at: StepPosition) =>
    runUnary(context, { rpc: 'CloseSession', settings: argument }, at),

  async await(context: StepContext, argument: Readonly<{ call: string; expect: unknown }>) {
    const { call, finished, request, watch } = found(context.resources.calls, argument.call, 'call');
    const { end, messages } = await finished;
    const observation = observeUnary(end, messages);
    watch.answer(observation);
    logAnswer(context, call, observation);
    context.compare('answer', { expect: argument.expect, observation, request });
  },

  async healthCheck(context: StepContext, argument: UnaryArgument) {
    const { expect } = argument;
    const bytes = toBinary(HealthRequestSchema, create(HealthRequestSchema));
    const started = startCall(context, argument, { rpc: 'HealthCheck', bytes, shown: 'HealthRequest' });
    const call = await started.catch(unreachable);
    if (!isCall(call)) return context.compare('answer', { expect, observation: call });
    const { end, messages } = await finish(call);
    const observation = observeHealth(end, messages);
    const text = `MESSAGE HealthResponse ${JSON.stringify(observation['health'])}`;
    context.log.add(call.name, 'received', text, call.firstMessageAt);
    context.compare('answer', { expect, observation });
  },
} satisfies Readonly<Record<string, StepAction<never>>>;

async function runUnary(
  context: StepContext,
  { rpc, settings }: Readonly<{ rpc: RequestRpc; settings: UnaryArgument }>,
  { step }: StepPosition,
): Promise<void> {
  const { expect, also = [], as } = settings;
  const written = rpc === 'InvokeStream' ? { method: 'POST', ...Object(settings.request) } : settings.request;
  const request = buildStepRequest(context, rpc, written);
  const invocation = { rpc, settings, request };
  if (as === undefined) {
    const observation = await completeCall(context, invocation);
    context.compare('answer', { expect, observation, request: request.described });
    for (const further of also) {
      try {
        context.compare('answer', { expect: further.expect, observation, request: request.described });
      } catch (error) {
        // Only the clauses of this expectation are violated, and a setup step no longer merely prepares.
        if (error instanceof StepFailure)
          error.step = { ...step, clauses: further.clauses, setup: undefined };
        throw error;
      }
    }
    return;
  }
  const call = await startInvocation(context, invocation);
  const watch = watchAnswer(context, invocation);
  context.resources.calls.set(as, { call, request: request.described, finished: finish(call), watch });
}

/** Completes a unary call and remembers the session that it creates. */
export async function completeCall(context: StepContext, invocation: Invocation): Promise<Observation> {
  const { resources } = context;
  const { settings, request } = invocation;
  const ask = async (): Promise<Observation> => {
    const call = await startInvocation(context, invocation).catch(unreachable);
    if (!isCall(call)) return call;
    const observation = await observeAnswer(context, call, invocation);
    resources.noteRevision(observation);
    return observation;
  };
  if (settings.target !== undefined) return ask();
  const observation = request.asksForSession ? await resources.askForSession(ask) : await ask();
  resources.noteSession(request.message, observation);
  return observation;
}

/** Watches the answer to a call for the rules of every answer. */
export function watchAnswer(
  { caseId, resources }: StepContext,
  { rpc, request }: Pick<Invocation, 'rpc' | 'request'>,
): AnswerWatch {
  return resources.options.traffic.watch(caseId, rpc, request.message);
}

/** Reads the whole answer to a call. A stream is observed like the answer of `Invoke` to the same POST. */
async function observeAnswer(
  context: StepContext,
  call: RuntimeCall,
  invocation: Invocation,
): Promise<Observation> {
  const watch = watchAnswer(context, invocation);
  if (invocation.rpc === 'InvokeStream') {
    return answerOfStream(await new StreamReader(call, { log: context.log, watch }).finish());
  }
  const { end, messages } = await finish(call);
  const observation = observeUnary(end, messages);
  watch.answer(observation);
  logAnswer(context, call, observation);
  return observation;
}

function isCall(started: RuntimeCall | Observation): started is RuntimeCall {
  return 'ended' in started;
}

/** Returns the outcome of a call whose connection could not be established. */
function unreachable(error: unknown): Observation {
  if (!(error instanceof UnreachableError)) throw error;
  return { grpc: 'UNAVAILABLE', grpcMessage: error.message };
}

/** Sends the request of a step. */
export function startInvocation(context: StepContext, invocation: Invocation): Promise<RuntimeCall> {
  const { rpc, settings, request } = invocation;
  const { method, path, body, sessionId, serverId } = request.message;
  const quoted = (name: string, value: string): string =>
    value === '' ? '' : ` ${name} ${JSON.stringify(value)}`;
  const facts = `${quoted('server', serverId)}${quoted('session', sessionId)}${request.caller}${request.fields}`;
  const text = body.length === 0 ? '' : ` ${Buffer.from(body.subarray(0, 300)).toString('utf8')}`;
  const shown = `McpRequest ${method} ${path}${facts}${text}`;
  return startCall(context, settings, { rpc, bytes: request.bytes, shown });
}

/** @param sent the encoded message and its form in the wire log */
async function startCall(
  context: StepContext,
  settings: CallSettings,
  sent: Readonly<{ rpc: RequestRpc | 'HealthCheck'; bytes: Uint8Array; shown: string }>,
): Promise<RuntimeCall> {
  const connection = await context.connection(settings);
  const deadlineMs = deadlineOf(settings.deadline);
  const call = connection.call({ path: rpcPath(sent.rpc), receiveLimit, deadlineMs });
  context.log.add(call.name, 'sent', `MESSAGE ${sent.shown}`);
  call.send(sent.bytes);
  call.sendEnd();
  return call;
}

function logAnswer(context: StepContext, call: RuntimeCall, observation: Observation): void {
  const { status, text, message = '' } = observation;
  if (status === undefined) return;
  const body = String(text ?? JSON.stringify(message)).slice(0, 300);
  const shown = `MESSAGE McpResponse ${String(status)} ${body}`;
  context.log.add(call.name, 'received', shown, call.firstMessageAt);
}
