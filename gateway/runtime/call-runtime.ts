import { withDeadline } from '../../base/deadline.ts';
import { readBytes } from '../../base/read-bytes.ts';
import { headersForCaller } from '../../client/header-policy.ts';
import {
  ContractViolationError,
  DeadlineError,
  RefusedStreamError,
  type RuntimeRequest,
} from '../../client/index.ts';
import type { RequestRpc } from '../../proto/index.ts';
import { type GatewayAnswer, noBody } from '../exchange.ts';
import type { GatewayLimits } from '../options.ts';
import type { RuntimeConnection } from './runtime-connection.ts';
import { StreamBody, type StreamEnd } from './stream-body.ts';

/** A call of the runtime. */
export interface RuntimeCall {
  readonly rpc: RequestRpc;
  readonly request: RuntimeRequest;
  readonly capabilities: ReadonlySet<string>;
  readonly limits: GatewayLimits;
  readonly signal: AbortSignal;
  /** Called once, when a stream has ended that went out as the body of an answer. */
  onStreamEnd(end: StreamEnd): void;
}

const bodiless: ReadonlySet<number> = new Set([202, 204, 205, 304]);
/** A refusal explains itself in few words. */
const maxRefusalBytes = 1024 * 1024;

/**
 * Makes a call, and turns its response into the gateway's.
 * @throws RuntimeClientError and whatever else the connection throws: nothing has gone out to the caller then
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

/** @throws ContractViolationError for a status that no HTTP response can have (ERROR-1) */
function checkedStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new ContractViolationError(`the runtime answered with the HTTP status ${status}`);
}

async function streamAnswer(
  connection: RuntimeConnection,
  { request, capabilities, limits, signal, onStreamEnd }: RuntimeCall,
): Promise<GatewayAnswer> {
  const stream = connection.invokeStream(request, {
    signal,
    idleTimeoutMs: limits.streamIdleMs,
    // Without heads nothing says when a quiet stream has begun (CLIENT-7).
    assumeHeadAfterMs: capabilities.has('stream-head') ? undefined : limits.quietHeadMs,
  });
  const inTime = <T>(work: Promise<T>) =>
    withDeadline(work, limits.callMs, () => {
      return new DeadlineError('call', 'the deadline of InvokeStream passed before its head came');
    });
  let given = false;
  const body = new StreamBody(stream, (end) => {
    if (given) onStreamEnd(end);
  });
  try {
    const head = await inTime(stream.head);
    const status = checkedStatus(head.status);
    const headers = headersForCaller(head.headers);
    if (status >= 400) return { status, headers, body: await refusalBody(body) };
    if (bodiless.has(status) && (await inTime(body.peek())).done === true) {
      await body.next();
      return { status, headers, body: noBody };
    }
    given = true;
    return { status, headers, body };
  } finally {
    if (!given) body.leave();
  }
}

/** The body of a refusal. Over gRPC it is empty. */
async function refusalBody(body: StreamBody): Promise<Uint8Array> {
  try {
    const endless = () => new ContractViolationError('the body of a refusal has no end');
    return await readBytes(body, maxRefusalBytes, endless);
  } catch (error) {
    if (error instanceof RefusedStreamError) return noBody;
    throw error;
  }
}
