import { rpcPath } from '../../../../proto/index.ts';
import { StepFailure } from '../../../engine/failure.ts';
import { StreamReader } from '../../../observe/stream.ts';
import { deadlineOption, found, type OpenStream, receiveLimit } from '../case-run.ts';
import type { Scope } from '../scope.ts';
import { buildStepRequest, tellRequest } from './unary.ts';

export interface OpenStreamArgument {
  readonly as: string;
  readonly request?: unknown;
  readonly expect?: unknown;
  readonly deadline?: string;
  readonly maxBytes?: number;
  readonly connection?: string;
  readonly target?: string;
}

export interface ReceiveArgument {
  readonly stream: string;
  readonly expect: unknown;
  readonly skipOthers?: boolean;
  /** What none of the messages passed over may be. */
  readonly never?: unknown;
}

/** How long a prompted message is waited for before the prompt is given again. */
const promptIntervalMs = 250;

/** `openStream`. */
export async function runOpenStream(scope: Scope, argument: OpenStreamArgument): Promise<void> {
  const request = buildStepRequest(scope, 'InvokeStream', argument.request);
  const connection = await scope.connection(argument);
  const call = connection.call({
    path: rpcPath('InvokeStream'),
    receiveLimit,
    ...deadlineOption(argument.deadline),
  });
  scope.run.parts.log.add(call.name, 'sent', `MESSAGE ${tellRequest(request.message)}`);
  call.send(request.bytes);
  call.sendEnd();
  const reader = new StreamReader(call, scope.run.parts.log, argument.maxBytes);
  scope.run.streams.set(argument.as, { reader, request: request.described });
  if (argument.expect === undefined) return;
  const head = await reader.head();
  if (head === undefined) throw await endedEarly({ reader, request: request.described }, 'its first chunk');
  scope.compareStream({
    expect: argument.expect,
    observation: { grpc: 'OK', ...head },
    request: request.described,
  });
}

/** `receive`; `prompt` carries out the steps of `prompting`, and is absent without them. */
export async function runReceive(
  scope: Scope,
  argument: ReceiveArgument,
  prompt: (() => Promise<void>) | undefined,
): Promise<void> {
  const stream = found(scope.run.streams, argument.stream, 'stream');
  for (;;) {
    const message = await nextMessage(stream, prompt);
    const comparison = { expect: argument.expect, observation: message, request: stream.request };
    if (!argument.skipOthers) return scope.compareValue(comparison);
    const attempt = scope.attempt();
    if (matches(attempt, comparison)) return scope.adopt(attempt);
    if (argument.never !== undefined && matches(scope.attempt(), { ...comparison, expect: argument.never })) {
      throw new StepFailure('a message came that must not come here', {
        request: stream.request,
        expected: argument.expect,
        actual: message,
      });
    }
  }
}

function matches(attempt: Scope, comparison: Parameters<Scope['compareValue']>[0]): boolean {
  try {
    attempt.compareValue(comparison);
    return true;
  } catch (error) {
    if (error instanceof StepFailure) return false;
    throw error;
  }
}

/** `end`. */
export async function runEnd(
  scope: Scope,
  argument: { readonly stream: string; readonly within?: string; readonly expect: unknown },
): Promise<void> {
  const stream = found(scope.run.streams, argument.stream, 'stream');
  const observation = await finished(stream, deadlineOption(argument.within).deadlineMs);
  scope.run.noteRevision(observation);
  scope.compareStream({ expect: argument.expect, observation, request: stream.request });
}

async function finished(
  { reader }: OpenStream,
  withinMs: number | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (withinMs === undefined) return reader.finish();
  const patience = setTimeout(() => reader.call.cancel(), withinMs);
  try {
    return await reader.finish();
  } finally {
    clearTimeout(patience);
  }
}

/** `cancel`: returns when the call is over on this side. */
export async function runCancel(
  scope: Scope,
  argument: { readonly stream?: string; readonly call?: string },
): Promise<void> {
  const call =
    argument.stream === undefined
      ? found(scope.run.calls, argument.call ?? '', 'call').call
      : found(scope.run.streams, argument.stream, 'stream').reader.call;
  call.cancel();
  await call.ended;
}

async function nextMessage(stream: OpenStream, prompt: (() => Promise<void>) | undefined): Promise<unknown> {
  const arrival = stream.reader.nextMessage();
  const message = prompt === undefined ? await arrival : await prompted(arrival, prompt);
  if (message === undefined) throw await endedEarly(stream, 'the message');
  return message;
}

async function prompted(arrival: Promise<unknown>, prompt: () => Promise<void>): Promise<unknown> {
  const arrived = arrival.then((message) => ({ message }));
  // The prompt may fail or hang on its own; the arrival is judged by who awaits it below.
  arrived.catch(() => undefined);
  for (;;) {
    await prompt();
    const { promise: pause, cancel } = timer(promptIntervalMs);
    const first = await Promise.race([arrived, pause]).finally(cancel);
    if (first !== undefined) return first.message;
  }
}

function timer(milliseconds: number): { readonly promise: Promise<undefined>; readonly cancel: () => void } {
  let cancel = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    const handle = setTimeout(() => resolve(undefined), milliseconds);
    cancel = () => clearTimeout(handle);
  });
  return { promise, cancel };
}

async function endedEarly(stream: OpenStream, awaited: string): Promise<StepFailure> {
  const actual = await stream.reader.finish();
  const status = Number(actual['errorStatus']) > 0 ? `, error_status ${String(actual['errorStatus'])}` : '';
  return new StepFailure(
    `the stream ended before ${awaited}: gRPC ${String(actual['grpc'])} ${String(actual['grpcMessage'])}${status}`,
    { request: stream.request, actual },
  );
}
