import { withTimeLimit } from '../../../../base/deadline.ts';
import { grpcStatusCode } from '../../../../base/grpc-status.ts';
import { encodeLengthPrefixed } from '../../../../base/length-prefix.ts';
import type { WrittenBytes } from '../../../case/gateway-case.ts';
import { found, NotCheckableError, StepFailure } from '../../../engine/failure.ts';
import { bytesOf, digestOf, everyByte, observeCall, observeExchange, shownBytes } from '../observe.ts';
import type { PlayedCall } from '../played-call.ts';
import type { Absence } from '../played-runtime.ts';
import { fence, settle } from '../settle.ts';
import type { Members, StepAction, StepContext } from '../step-context.ts';
import { mainName } from './caller.ts';

type Fields = Readonly<Record<string, string>>;

/** The caller whose claims a call must carry. */
export type ExpectedIdentity = 'valid' | 'other' | 'none';

/** The response to a unary call. */
export type WrittenAnswer = Readonly<{ status?: number; headers?: Fields; body?: WrittenBytes }>;

type OfCall = Readonly<{ call?: string }>;

/** The message of a played failure. A gateway that returns any part of it has exposed details. */
const secretMessage = 'conformance-secret at /srv/conformance-secret/runtime.js:12:7';

/** Longest deadline that a case waits for. A case with a longer one is skipped. */
const maxDeadlineMs = 10_000;

/** Time limit for a gateway to cancel a call without a deadline, and its tolerance at a deadline, in milliseconds. */
const maxCancelMs = 15_000;
const graceMs = 5_000;

const floodBytes = 64 << 10;
/** Number of other requests after which a gateway that accepts no more chunks counts as applying back-pressure. */
const otherRequests = 12;

/** Steps of the played runtime. */
export const runtimeSteps = {
  /** Waits for an unclaimed call and compares it. */
  async arrives(
    context: StepContext,
    argument: Readonly<{
      as?: string;
      of?: string;
      where?: Members;
      identity?: ExpectedIdentity;
      expect?: Members;
    }>,
  ) {
    const { as = mainName, of = as, where, identity, expect } = argument;
    const call = await claim(context, of, where);
    context.calls.set(as, call);
    const authContext = identity && { authContext: identityPattern(context, identity) };
    context.compare({ ...expect, ...authContext }, observeCall(call));
  },

  /** Answers a unary call and saves the body in the variable `answer-body`. */
  async answer(context: StepContext, argument: OfCall & WrittenAnswer) {
    const { call = mainName, status = 200, headers, body } = argument;
    const played = callOf(context, call);
    if (played.rpc === 'InvokeStream')
      throw new StepFailure(`the call (${call}) arrived as InvokeStream, not as a unary call`);
    const bytes = bytesOf(body);
    context.variables.set('answer-body', shownBytes(bytes)).set('answer-sha256', digestOf(bytes));
    const fields = headers ?? (body === undefined ? {} : { 'content-type': 'application/json' });
    played.answer({ status, headers: { ...fields }, body: bytes });
  },

  /** Sends a chunk on a stream. */
  async chunk(
    context: StepContext,
    argument: OfCall &
      Readonly<{
        data?: WrittenBytes;
        done?: boolean;
        errorStatus?: number;
        status?: number;
        headers?: Fields;
      }>,
  ) {
    const { call = mainName, data, done = false, errorStatus = 0, status = 0, headers } = argument;
    const played = callOf(context, call);
    if (played.rpc !== 'InvokeStream') {
      throw new StepFailure(`the call (${call}) arrived as ${played.rpc}, not as InvokeStream`);
    }
    played.chunk({ data: bytesOf(data), done, errorStatus, status, headers: { ...headers } });
  },

  /** Ends a call with a gRPC status. */
  async end(context: StepContext, { call = mainName, grpc = 'OK' }: OfCall & { readonly grpc?: string }) {
    const status = String(grpcStatusCode(grpc) ?? grpc);
    const message: Fields = status === '0' ? {} : { 'grpc-message': encodeURIComponent(secretMessage) };
    callOf(context, call).end({ 'grpc-status': status, ...message });
  },

  /** Answers with arbitrary bytes, for invalid gRPC responses. */
  async raw(
    context: StepContext,
    argument: OfCall &
      Readonly<{ headers?: Fields; bytes?: WrittenBytes; message?: WrittenBytes; times?: number }> &
      Readonly<{ trailers?: Fields; open?: boolean }>,
  ) {
    const { call = mainName, headers, bytes, message, times = 1, trailers = {}, open } = argument;
    const played = callOf(context, call);
    played.begin(headers ?? { ':status': '200', 'content-type': 'application/grpc' });
    if (message !== undefined) {
      const frame = encodeLengthPrefixed(bytesOf(message));
      for (let count = 0; count < times; count += 1) played.write(frame);
    }
    if (bytes !== undefined) played.write(bytesOf(bytes));
    if (!open) played.end(trailers);
  },

  /** Resets a call or breaks its connection. */
  async break(
    context: StepContext,
    { call, how, code = 2 }: OfCall & Readonly<{ how: 'reset' | 'disconnect' | 'goaway'; code?: number }>,
  ) {
    const played = callOf(context, call);
    if (how === 'reset') played.reset(code);
    else if (how === 'goaway') played.goAway();
    else played.disconnect();
  },

  /** Waits until the gateway has cancelled a call before its deadline. */
  async cancelled(context: StepContext, { call = mainName }: OfCall) {
    const { timeoutMs } = callOf(context, call);
    const afterMs = await waitForCancel(context, call);
    if (timeoutMs !== undefined && afterMs > timeoutMs * 0.9) {
      throw new StepFailure(`the call (${call}) was not cancelled before its deadline`);
    }
  },

  /** Skips the case if the deadline of the call is too long to wait for. */
  async shortDeadline(_: StepContext, { timeoutMs }: { readonly timeoutMs: number | null }) {
    if (timeoutMs === null) throw new StepFailure('the call has no grpc-timeout');
    checkShort(timeoutMs);
  },

  /** Waits until the gateway has cancelled a call because its deadline has passed. */
  async deadlinePasses(context: StepContext, { call = mainName }: OfCall) {
    const { timeoutMs } = callOf(context, call);
    if (timeoutMs === undefined) throw context.failure('the call has no grpc-timeout');
    checkShort(timeoutMs);
    await waitForCancel(context, call);
  },

  /**
   * Sends chunks until the gateway accepts no more. Saves the variables `flood-bytes` and `flood-sha256`.
   * @throws StepFailure if the gateway accepts more than `atMost` bytes
   */
  async flood(context: StepContext, { call, atMost }: OfCall & { readonly atMost: number }) {
    const played = callOf(context, call);
    const sent: Buffer[] = [];
    let total = 0;
    while (total < atMost) {
      const data = everyByte(floodBytes, sent.length + 1);
      sent.push(data);
      total += data.length;
      if (!played.chunk({ data }) && (await isHeldBack(context, played))) {
        context.variables.set('flood-bytes', total).set('flood-sha256', digestOf(Buffer.concat(sent)));
        return;
      }
      if (played.over) throw new StepFailure(`the gateway cancelled the call after ${total} bytes`);
    }
    const actual = [...context.exchanges.values()].map(observeExchange);
    const summary = `the gateway accepted ${total} bytes that its caller does not read: no back-pressure`;
    throw new StepFailure(summary, { actual });
  },

  /** Stops the played runtime, starts it or retires its connections, and waits for the gateway to notice. */
  async runtime(
    context: StepContext,
    {
      is,
      starts,
      maxCalls,
      retires,
    }: Readonly<{ is?: Absence; starts?: readonly string[]; maxCalls?: number; retires?: 'connections' }>,
  ) {
    const { runtime } = context.options;
    if (retires !== undefined) {
      runtime.retireConnections();
      await settle(context);
    }
    if (is !== undefined) await context.waitFor(runtime.stop(is), 'the played runtime to stop');
    if (starts === undefined) return;
    await context.waitFor(runtime.start(starts, maxCalls), 'the played runtime to start');
    await settle(context);
  },

  /** Compares every HealthCheck call since the played runtime started. */
  async healthChecks(context: StepContext, { expect }: { readonly expect: Members }) {
    for (const { timeoutMs = null } of context.options.runtime.healthChecks)
      context.compare(expect, { timeoutMs });
  },
} satisfies Readonly<Record<string, StepAction<never>>>;

async function claim(context: StepContext, of: string, where: Members | undefined): Promise<PlayedCall> {
  const exchange = context.exchanges.get(of);
  for (;;) {
    const next = context.nextCall();
    const at = context.unclaimed.findIndex(
      (call) => where === undefined || context.match(where, observeCall(call)).differences.length === 0,
    );
    const [call] = at < 0 ? [] : context.unclaimed.splice(at, 1);
    if (call !== undefined) return call;
    if (exchange?.endSoFar !== undefined) {
      throw context.failure(
        `no call arrived for the request (${of}), which was answered ${exchange.answered}`,
      );
    }
    const event = exchange === undefined ? next : Promise.race([next, exchange.ended]);
    await context.waitFor<unknown>(event, `a call for the request (${of}) at the socket`);
  }
}

function identityPattern(context: StepContext, identity: ExpectedIdentity): unknown {
  const { facilities } = context.options;
  if (identity === 'none') {
    return { $oneOf: [null, { $include: { claims: { $include: { is_authenticated: false } } } }] };
  }
  const claims = (identity === 'valid' ? facilities.identity : facilities.otherIdentity) ?? {};
  const members = Object.entries(claims).map(([name, value]) => [name, { $literal: value }]);
  return { $include: { claims: { $include: Object.fromEntries(members) } } };
}

/** Waits for the gateway to cancel a call. @returns milliseconds since the call arrived */
async function waitForCancel(context: StepContext, name: string): Promise<number> {
  const { closed, timeoutMs } = callOf(context, name);
  const limitMs = Math.max(maxCancelMs, Math.min(timeoutMs ?? 0, maxDeadlineMs) + graceMs);
  const what = `the gateway to cancel the call (${name})`;
  const closing = await context.waitAside(withTimeLimit(closed, limitMs), what);
  if (closing?.kind === 'cancelled') return closing.afterMs;
  throw new StepFailure(
    closing === undefined
      ? `the gateway did not cancel the call (${name}) within ${limitMs / 1_000} s`
      : `the call (${name}) ended without being cancelled`,
  );
}

/** @throws NotCheckableError if a deadline is too long to wait for */
function checkShort(timeoutMs: number): void {
  if (timeoutMs <= maxDeadlineMs) return;
  const seconds = Math.round(timeoutMs / 1_000);
  throw new NotCheckableError(
    `the gateway's deadline of ${seconds} s is too long to wait for (limit: ${maxDeadlineMs / 1_000} s)`,
  );
}

async function isHeldBack(context: StepContext, call: PlayedCall): Promise<boolean> {
  let drained = false;
  void call.drained().then(() => {
    drained = true;
  });
  for (let count = 0; count < otherRequests && !drained; count += 1) await fence(context);
  return !drained;
}

/** @throws StepFailure if no step has claimed a call under that name */
export function callOf(context: StepContext, name = mainName): PlayedCall {
  return found(context.calls, name, 'call');
}
