import {
  ContractViolationError,
  DeadlineError,
  RefusedStreamError,
  type RuntimeRequest,
} from '../../client/index.ts';
import type { RequestRpc } from '../../proto/index.ts';
import { type GatewayAnswer, noBody } from '../exchange.ts';
import type { GatewayLimits } from '../limits.ts';
import { headersForCaller } from '../response-headers.ts';
import type { RuntimeConnection } from './runtime-connection.ts';
import type { RuntimeFacts } from './runtime-link.ts';
import { StreamBody, type StreamEnd } from './stream-body.ts';

/** A call of the runtime: what is sent, and to whom it belongs. */
export interface RuntimeCall {
  readonly rpc: RequestRpc;
  readonly request: RuntimeRequest;
  readonly facts: RuntimeFacts;
  readonly signal: AbortSignal;
}

/** What a call needs besides. */
export interface CallSurroundings {
  readonly connection: RuntimeConnection;
  readonly limits: GatewayLimits;
  /** Told once when a stream has ended that was given out as the body of an answer. */
  readonly onStreamEnd: (end: StreamEnd) => void;
}

const bodiless: ReadonlySet<number> = new Set([202, 204, 205, 304]);
/** A refusal explains itself in few words. */
const maxRefusalBytes = 1024 * 1024;

/**
 * Makes a call, and its response into the gateway's.
 * @throws RuntimeClientError and whatever else the connection throws: nothing has gone out to the caller then
 */
export async function callRuntime(call: RuntimeCall, surroundings: CallSurroundings): Promise<GatewayAnswer> {
  return call.rpc === 'InvokeStream' ? streamAnswer(call, surroundings) : unaryAnswer(call, surroundings);
}

async function unaryAnswer(
  { rpc, request, signal }: RuntimeCall,
  { connection, limits }: CallSurroundings,
): Promise<GatewayAnswer> {
  const options = { signal, deadlineMs: limits.callMs };
  const { status, headers, body } =
    rpc === 'Invoke'
      ? await connection.invoke(request, options)
      : await connection.closeSession(request, options);
  return { status: checkedStatus(status), headers: headersForCaller(headers), body };
}

/** @throws ContractViolationError for a status that no HTTP response can have (ERROR-1) */
function checkedStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new ContractViolationError(`the runtime answered with the HTTP status ${status}`);
}

async function streamAnswer(call: RuntimeCall, surroundings: CallSurroundings): Promise<GatewayAnswer> {
  const { connection, limits } = surroundings;
  const stream = connection.invokeStream(call.request, {
    signal: call.signal,
    idleTimeoutMs: limits.streamIdleMs,
    // Without heads nothing says when a quiet stream has begun (CLIENT-7).
    assumeHeadAfterMs: call.facts.capabilities.has('stream-head') ? undefined : limits.quietHeadMs,
  });
  let given = false;
  const body = new StreamBody(stream, (end) => {
    if (given) surroundings.onStreamEnd(end);
  });
  try {
    const head = await within(limits.callMs, stream.head);
    const status = checkedStatus(head.status);
    const headers = headersForCaller(head.headers);
    if (status >= 400) return { status, headers, body: await refusalBody(body) };
    if (bodiless.has(status) && (await within(limits.callMs, body.peek())).done === true) {
      await body.next();
      return { status, headers, body: noBody };
    }
    given = true;
    return { status, headers, body };
  } finally {
    if (!given) body.leave();
  }
}

/** @throws DeadlineError */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DeadlineError('call', 'the deadline of InvokeStream passed before its head came')),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The body of a refusal. By gRPC there is none. */
async function refusalBody(body: StreamBody): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of body) {
      bytes += piece.byteLength;
      if (bytes > maxRefusalBytes) throw new ContractViolationError('the body of a refusal has no end');
      pieces.push(piece);
    }
  } catch (error) {
    if (!(error instanceof RefusedStreamError)) throw error;
  }
  return Buffer.concat(pieces, bytes);
}
