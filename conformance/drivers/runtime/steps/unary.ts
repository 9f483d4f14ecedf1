import { create, toBinary } from '@bufbuild/protobuf';
import {
  HealthRequestSchema,
  type McpRequest,
  McpRequestSchema,
  type RequestRpc,
  rpcPath,
} from '../../../../proto/index.ts';
import { type Observation, observeHealth, observeUnary } from '../../../observe/unary.ts';
import { Call } from '../../../wire/call.ts';
import { deadlineOption, describeRequest, found, receiveLimit, UnreachableError } from '../case-run.ts';
import { readAll } from '../read-all.ts';
import { buildRequest, type WrittenRequest } from '../request.ts';
import { askForSession } from '../room.ts';
import type { NamedConnection, Scope } from '../scope.ts';

/** The arguments of `invoke` and `closeSession`. */
export interface UnaryArgument {
  readonly request?: unknown;
  readonly expect?: unknown;
  readonly deadline?: string;
  readonly as?: string;
  readonly connection?: string;
  readonly target?: string;
}

/** Where a call is carried out, and for how long. */
interface CallPlace extends NamedConnection {
  readonly deadline?: string;
}

/** A call that takes an `McpRequest` and answers once. */
interface Invocation {
  readonly rpc: 'Invoke' | 'CloseSession';
  readonly place: CallPlace;
  readonly request: BuiltRequest;
}

/** What it takes to start a unary call. */
interface UnaryParts {
  readonly rpc: 'Invoke' | 'CloseSession' | 'HealthCheck';
  readonly place: CallPlace;
  readonly bytes: Uint8Array;
  /** The message, for the wire log. */
  readonly told: string;
}

function partsOf({ rpc, place, request }: Invocation): UnaryParts {
  return { rpc, place, bytes: request.bytes, told: tellRequest(request.message) };
}

/** A request as written, completed and encoded. */
export interface BuiltRequest {
  readonly message: McpRequest;
  readonly bytes: Uint8Array;
  /** For reports. */
  readonly described: unknown;
  /** Whether it is an `initialize` that makes a session. */
  readonly asksForSession: boolean;
}

/** Completes the request of a step. */
export function buildStepRequest(scope: Scope, rpc: RequestRpc, written: unknown): BuiltRequest {
  const resolved = scope.resolve<WrittenRequest>(written ?? {});
  const message = buildRequest(resolved, {
    rpc,
    identities: scope.run.parts.identities,
    revisionOf: (sessionId) => scope.run.revisionOf(sessionId),
  });
  return {
    message,
    bytes: toBinary(McpRequestSchema, message),
    described: describeRequest(message, resolved),
    asksForSession: message.sessionId === '' && resolved.message?.['method'] === 'initialize',
  };
}

/** `invoke` and `closeSession`. */
export async function runUnary(
  scope: Scope,
  rpc: 'Invoke' | 'CloseSession',
  argument: UnaryArgument,
): Promise<void> {
  const request = buildStepRequest(scope, rpc, argument.request);
  const invocation = { rpc, place: argument, request };
  if (argument.as !== undefined) {
    const call = await startUnary(scope, partsOf(invocation));
    scope.run.calls.set(argument.as, { call, request: request.described, messages: readAll(call) });
    return;
  }
  const observation = await carryOut(scope, invocation);
  scope.compareOutcome({ expect: argument.expect, observation, request: request.described });
}

/** Carries out a call to its end, and takes note of the session that it makes. */
export async function carryOut(scope: Scope, invocation: Invocation): Promise<Observation> {
  const { place, request } = invocation;
  const ask = async (): Promise<Observation> => {
    const call = await startUnary(scope, partsOf(invocation)).catch(unreachable);
    if (!(call instanceof Call)) return call;
    const messages = await readAll(call);
    const observation = observeUnary(await call.ended, messages);
    tellObservation(scope, call, observation);
    scope.run.noteRevision(observation);
    return observation;
  };
  if (place.target !== undefined) return ask();
  const observation = request.asksForSession ? await askForSession(scope.run, ask) : await ask();
  scope.run.noteSession(request.message, observation);
  return observation;
}

/** `await`. */
export async function runAwait(
  scope: Scope,
  argument: { readonly call: string; readonly expect: unknown },
): Promise<void> {
  const { call, messages, request } = found(scope.run.calls, argument.call, 'call');
  const observation = observeUnary(await call.ended, await messages);
  tellObservation(scope, call, observation);
  scope.compareOutcome({ expect: argument.expect, observation, request });
}

/** `healthCheck`. */
export async function runHealthCheck(scope: Scope, argument: UnaryArgument): Promise<void> {
  const bytes = toBinary(HealthRequestSchema, create(HealthRequestSchema));
  const started = startUnary(scope, { rpc: 'HealthCheck', place: argument, bytes, told: 'HealthRequest' });
  const call = await started.catch(unreachable);
  if (!(call instanceof Call)) return scope.compareOutcome({ expect: argument.expect, observation: call });
  const messages = await readAll(call);
  const observation = observeHealth(await call.ended, messages);
  scope.run.parts.log.add(
    call.name,
    'received',
    `MESSAGE HealthResponse ${JSON.stringify(observation['health'])}`,
    call.firstMessageAt,
  );
  scope.compareOutcome({ expect: argument.expect, observation });
}

/** What a call would have ended with that no connection could be had for. */
function unreachable(error: unknown): Observation {
  if (!(error instanceof UnreachableError)) throw error;
  return { grpc: 'UNAVAILABLE', grpcMessage: error.message };
}

async function startUnary(scope: Scope, parts: UnaryParts): Promise<Call> {
  const connection = await scope.connection(parts.place);
  const call = connection.call({
    path: rpcPath(parts.rpc),
    receiveLimit,
    ...deadlineOption(parts.place.deadline),
  });
  scope.run.parts.log.add(call.name, 'sent', `MESSAGE ${parts.told}`);
  call.send(parts.bytes);
  call.sendEnd();
  return call;
}

/** One line on a request, for the wire log. */
export function tellRequest(request: McpRequest): string {
  const body = Buffer.from(request.body.subarray(0, 300)).toString('utf8');
  const session = request.sessionId === '' ? '' : ` session ${JSON.stringify(request.sessionId)}`;
  return `McpRequest ${request.method} ${request.path}${session}${body === '' ? '' : ` ${body}`}`;
}

function tellObservation(scope: Scope, call: Call, observation: Observation): void {
  if (observation['status'] === undefined) return;
  const text = observation['text'] ?? JSON.stringify(observation['message'] ?? '');
  scope.run.parts.log.add(
    call.name,
    'received',
    `MESSAGE McpResponse ${String(observation['status'])} ${String(text).slice(0, 300)}`,
    call.firstMessageAt,
  );
}
