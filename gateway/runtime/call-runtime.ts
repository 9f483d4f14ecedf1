import { withDeadline } from '../../base/deadline.ts';
import { readBytes } from '../../base/read-bytes.ts';
import type { Signal } from '../../base/signal.ts';
import { headersForCaller } from '../../client/header-policy.ts';
import {
  ContractViolationError,
  DeadlineError,
  type HeaderPair,
  RefusedStreamError,
  type RuntimeRequest,
} from '../../client/index.ts';
import type { RequestRpc } from '../../proto/index.ts';
import { type GatewayAnswer, noBody } from '../exchange.ts';
import type { GatewayLimits } from '../options.ts';
import type { RuntimeConnection } from './runtime-connection.ts';
import { StreamBody, type StreamEnd } from './stream-body.ts';
import { watchedStream } from './watched-stream.ts';

/** A call of the runtime. */
export interface RuntimeCall {
  readonly rpc: RequestRpc;
  readonly request: RuntimeRequest;
  readonly capabilities: ReadonlySet<string>;
  readonly limits: GatewayLimits;
  readonly signal: Signal;
  /** Called once when a stream that is the body of an answer has ended. */
  onStreamEnd(end: StreamEnd): void;
}

const bodiless: ReadonlySet<number> = new Set([202, 204, 205, 304]);
/** The maximum size of the body of a refusal. */
const maxRefusalBytes = 1024 * 1024;

/**
 * Makes a call and converts its response to an answer from the gateway.
 * @throws RuntimeClientError or any other error of the connection, before the caller has received anything
 */
export async function callRuntime(connection: RuntimeConnection, call: RuntimeCall): Promise<GatewayAnswer> {
  const { rpc, request, signal, limits } = call;
  if (rpc === 'InvokeStream') return streamAnswer(connection, call);
  const options = { signal, deadlineMs: limits.callMs };
  const { status, headers, body } = await (rpc === 'Invoke'
    ? connection.invoke(request, options)
    : connection.closeSession(request, options));
  return { status: checkedStatus(status), headers: headersForCaller(headers), body };
}

/** Returns a valid HTTP status. @throws ContractViolationError for any other number (ERROR-1) */
function checkedStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new ContractViolationError(`the runtime answered with the HTTP status ${status}`);
}

async function streamAnswer(
  connection: RuntimeConnection,
  { request, capabilities, limits, signal, onStreamEnd }: RuntimeCall,
): Promise<GatewayAnswer> {
  const opened = connection.invokeStream(request, {
    signal,
    idleTimeoutMs: Number.POSITIVE_INFINITY,
    // A runtime without `stream-head` sends nothing when it opens an idle stream (CLIENT-7).
    assumeHeadAfterMs: capabilities.has('stream-head') ? undefined : limits.quietHeadMs,
  });
  const checkRuntime = () => connection.healthCheck({ deadlineMs: limits.callMs });
  const stream = watchedStream(opened, { limits, checkRuntime });
  const withCallDeadline = <T>(work: Promise<T>) =>
    withDeadline(work, limits.callMs, () => {
      return new DeadlineError(
        'call',
        'the deadline of InvokeStream passed before its head or its refusal arrived',
      );
    });
  let isReturned = false;
  const body = new StreamBody(stream, (end) => {
    if (isReturned) onStreamEnd(end);
  });
  try {
    const head = await withCallDeadline(stream.head);
    const status = checkedStatus(head.status);
    const headers = headersForCaller(head.headers);
    if (status >= 400) return { status, headers, body: await withCallDeadline(refusalBody(body)) };
    if (bodiless.has(status) && (await withCallDeadline(body.peek())).done === true) {
      await body.next();
      return { status, headers, body: noBody };
    }
    isReturned = true;
    return { status, headers: unbuffered(headers), body };
  } finally {
    if (!isReturned) body.cancel();
  }
}

/** Asks proxies not to buffer a stream of events, unless the runtime decides about it (GW-54). */
function unbuffered(headers: readonly HeaderPair[]): readonly HeaderPair[] {
  const find = (field: string) => headers.find(([name]) => name === field)?.[1];
  const isEvents = find('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
  if (!isEvents || find('x-accel-buffering') !== undefined) return headers;
  return [...headers, ['x-accel-buffering', 'no']];
}

/** Reads the body of a refusal (GW-32, GW-50). */
async function refusalBody(body: StreamBody): Promise<Uint8Array> {
  try {
    const tooLarge = () => new ContractViolationError('the body of a refusal is too large');
    return await readBytes(body, maxRefusalBytes, tooLarge);
  } catch (error) {
    if (error instanceof RefusedStreamError) return error.body;
    throw error;
  }
}
