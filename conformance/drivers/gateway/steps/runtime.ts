import { grpcStatusCode } from '../../../../base/grpc-status.ts';
import type { WrittenBytes } from '../../../case/gateway-case.ts';
import { comparisonFailure, StepFailure } from '../../../engine/failure.ts';
import { matchMembers } from '../../../match/expectation.ts';
import { encodeLengthPrefixed } from '../../../wire/length-prefix.ts';
import { bytesOf, digestOf, everyByte, shownBytes } from '../bytes.ts';
import { type CheckRun, NotCheckable } from '../check-run.ts';
import { observeCall, observeExchange } from '../observe.ts';
import type { PlayedCall } from '../played-call.ts';
import type { Absence } from '../played-runtime.ts';
import { fence, settle } from '../settle.ts';
import { mainName } from './caller.ts';
import type { StepOf } from './step.ts';

export interface OfCall {
  readonly call?: string;
}

export interface ArrivesArgument {
  readonly as?: string;
  readonly of?: string;
  readonly where?: Readonly<Record<string, unknown>>;
  readonly identity?: 'valid' | 'other' | 'none';
  readonly expect?: Readonly<Record<string, unknown>>;
}

/** Waits for a call that no step has claimed, and compares it. */
export const arrives: StepOf<ArrivesArgument> = async (run, argument) => {
  const { as = mainName, of = as, where, identity, expect = {} } = argument;
  const call = await claim(run, of, where);
  run.calls.set(as, call);
  const expected = {
    ...expect,
    ...(identity !== undefined && { authContext: identityPattern(run, identity) }),
  };
  const actual = observeCall(call);
  const { differences, saved } = matchMembers(expected, actual, run.context);
  if (differences.length > 0) throw comparisonFailure({ differences, expected, actual });
  for (const [name, value] of saved) run.parts.variables.set(name, value);
};

async function claim(
  run: CheckRun,
  of: string,
  where: Readonly<Record<string, unknown>> | undefined,
): Promise<PlayedCall> {
  const exchange = run.exchanges.get(of);
  for (;;) {
    const next = run.nextCall();
    const at = run.unclaimed.findIndex(
      (call) =>
        where === undefined || matchMembers(where, observeCall(call), run.context).differences.length === 0,
    );
    const [call] = at < 0 ? [] : run.unclaimed.splice(at, 1);
    if (call !== undefined) return call;
    if (exchange?.endSoFar !== undefined) {
      const status = exchange.headSoFar?.status ?? exchange.endSoFar.problem ?? 'nothing';
      throw new StepFailure(`no call came for the request (${of}), which was answered ${status}`, {
        actual: run.overview(),
      });
    }
    const events: Promise<unknown>[] = [next, ...(exchange === undefined ? [] : [exchange.ended])];
    await run.waitFor(Promise.race(events), `a call for the request (${of}) at the socket`);
  }
}

function identityPattern(run: CheckRun, identity: 'valid' | 'other' | 'none'): unknown {
  const { facilities } = run.parts;
  if (identity === 'none') {
    return { $oneOf: [null, { $include: { claims: { $include: { is_authenticated: false } } } }] };
  }
  const claims = (identity === 'valid' ? facilities.identity : facilities.otherIdentity) ?? {};
  const members = Object.entries(claims).map(([name, value]) => [name, { $literal: value }]);
  return { $include: { claims: { $include: Object.fromEntries(members) } } };
}

/** Answers a unary call. The body is the variable `answer-body` from then on. */
export const answer: StepOf<
  OfCall & {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: WrittenBytes;
  }
> = async (run, { call = mainName, status = 200, headers, body }) => {
  const played = callOf(run, call);
  if (played.rpc === 'InvokeStream') throw new StepFailure(`the call (${call}) came as InvokeStream`);
  const bytes = bytesOf(body);
  run.parts.variables.set('answer-body', shownBytes(bytes));
  run.parts.variables.set('answer-sha256', digestOf(bytes));
  const fields = headers ?? (body === undefined ? {} : { 'content-type': 'application/json' });
  played.answer({ status, headers: { ...fields }, body: bytes });
};

/** Sends a chunk on a stream. */
export const chunk: StepOf<
  OfCall & {
    readonly data?: WrittenBytes;
    readonly done?: boolean;
    readonly errorStatus?: number;
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
  }
> = async (run, { call = mainName, data, done = false, errorStatus = 0, status = 0, headers = {} }) => {
  const played = callOf(run, call);
  if (played.rpc !== 'InvokeStream') {
    throw new StepFailure(`the call (${call}) came as ${played.rpc}, not as InvokeStream`);
  }
  played.chunk({ data: bytesOf(data), done, errorStatus, status, headers: { ...headers } });
};

/** What a played failure says: if any of it comes back, the gateway has passed it on. */
const secretMessage = 'conformance-secret at /srv/conformance-secret/runtime.js:12:7';

/** Ends a call with a gRPC status. */
export const end: StepOf<OfCall & { readonly grpc?: string }> = async (
  run,
  { call = mainName, grpc = 'OK' },
) => {
  const status = String(grpcStatusCode(grpc) ?? grpc);
  const message: Record<string, string> =
    status === '0' ? {} : { 'grpc-message': encodeURIComponent(secretMessage) };
  callOf(run, call).end({ 'grpc-status': status, ...message });
};

/** Answers with what may be no gRPC. */
export const raw: StepOf<
  OfCall & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly bytes?: WrittenBytes;
    readonly message?: WrittenBytes;
    readonly times?: number;
    readonly trailers?: Readonly<Record<string, string>>;
    readonly open?: boolean;
  }
> = async (run, { call = mainName, headers, bytes, message, times = 1, trailers = {}, open = false }) => {
  const played = callOf(run, call);
  played.begin(headers ?? { ':status': '200', 'content-type': 'application/grpc' });
  if (message !== undefined) {
    const frame = encodeLengthPrefixed(bytesOf(message));
    for (let count = 0; count < times; count += 1) played.write(frame);
  }
  if (bytes !== undefined) played.write(bytesOf(bytes));
  if (!open) played.end(trailers);
};

/** Breaks a call, or its connection. */
export const breakCall: StepOf<
  OfCall & { readonly how: 'reset' | 'disconnect' | 'goaway'; readonly code?: number }
> = async (run, { call = mainName, how, code = 2 }) => {
  const played = callOf(run, call);
  if (how === 'reset') played.reset(code);
  else if (how === 'goaway') played.goAway();
  else played.disconnect();
};

/** Waits until the gateway has given a call up, for another reason than its deadline. */
export const cancelled: StepOf<OfCall> = async (run, { call = mainName }) => {
  const { timeoutMs } = callOf(run, call);
  const afterMs = await givenUp(run, call);
  if (timeoutMs !== undefined && afterMs > timeoutMs * 0.9) {
    throw new StepFailure(`the call (${call}) was given up no sooner than its deadline passed`);
  }
};

async function givenUp(run: CheckRun, name: string): Promise<number> {
  const closing = await run.waitFor(callOf(run, name).closed, `the gateway to cancel the call (${name})`);
  if (closing.kind === 'cancelled') return closing.afterMs;
  throw new StepFailure(`the call (${name}) has ended, and was not cancelled`);
}

/** A deadline longer than this is not waited for. */
const maxDeadlineMs = 10_000;

/** @throws NotCheckable where a deadline is too long to be waited for */
function checkShort(timeoutMs: number): void {
  if (timeoutMs <= maxDeadlineMs) return;
  const seconds = Math.round(timeoutMs / 1_000);
  throw new NotCheckable(
    `the gateway's deadline is ${seconds} s; one of at most ${maxDeadlineMs / 1_000} s is waited for`,
  );
}

/** Goes on only where a deadline can be waited for. */
export const shortDeadline: StepOf<{ readonly timeoutMs: number | null }> = async (_, { timeoutMs }) => {
  if (timeoutMs === null) throw new StepFailure('the call has no grpc-timeout');
  checkShort(timeoutMs);
};

/** Waits until the deadline of a call has passed and the gateway has given it up. */
export const deadlinePasses: StepOf<OfCall> = async (run, { call = mainName }) => {
  const { timeoutMs } = callOf(run, call);
  if (timeoutMs === undefined) {
    throw new StepFailure('the call has no grpc-timeout', { actual: run.overview() });
  }
  checkShort(timeoutMs);
  await givenUp(run, call);
};

const floodBytes = 64 << 10;
/** So many other requests pass without the gateway taking anything more: then it is held back. */
const otherRequests = 12;

/**
 * Sends chunks until the gateway takes no more. What was sent is described by the variables `flood-bytes` and
 * `flood-sha256`.
 */
export const flood: StepOf<OfCall & { readonly atMost: number }> = async (
  run,
  { call = mainName, atMost },
) => {
  const played = callOf(run, call);
  const sent: Buffer[] = [];
  let total = 0;
  while (total < atMost) {
    const data = everyByte(floodBytes, sent.length + 1);
    sent.push(data);
    total += data.length;
    if (!played.chunk({ data }) && (await isHeldBack(run, played))) {
      const whole = Buffer.concat(sent);
      run.parts.variables.set('flood-bytes', whole.length);
      run.parts.variables.set('flood-sha256', digestOf(whole));
      return;
    }
    if (played.over) throw new StepFailure(`the gateway gave the call up after ${total} bytes`);
  }
  throw new StepFailure(
    `the gateway took ${total} bytes that its caller does not read: it is not held back`,
    {
      actual: [...run.exchanges.values()].map(observeExchange),
    },
  );
};

async function isHeldBack(run: CheckRun, call: PlayedCall): Promise<boolean> {
  let drained = false;
  const drain = call.drained().then(() => {
    drained = true;
  });
  for (let count = 0; count < otherRequests && !drained; count += 1) await fence(run);
  if (!drained) return true;
  await drain;
  return false;
}

/** Takes the played runtime away, or starts it and waits for the gateway to notice. */
export const runtime: StepOf<{ readonly is?: Absence; readonly starts?: readonly string[] }> = async (
  run,
  { is, starts },
) => {
  const { runtime: played } = run.parts;
  if (is !== undefined) await run.waitFor(played.stop(is), 'the played runtime to go');
  if (starts === undefined) return;
  await run.waitFor(played.start(starts), 'the played runtime to start');
  await settle(run);
};

/** Compares every HealthCheck that was made since the played runtime started. */
export const healthChecks: StepOf<{ readonly expect: Readonly<Record<string, unknown>> }> = async (
  run,
  { expect },
) => {
  for (const check of run.parts.runtime.healthChecks) {
    const actual = { timeoutMs: check.timeoutMs ?? null };
    const { differences } = matchMembers(expect, actual, run.context);
    if (differences.length > 0) throw comparisonFailure({ differences, expected: expect, actual });
  }
};

/** @throws StepFailure where no step has claimed a call under that name */
export function callOf(run: CheckRun, name: string): PlayedCall {
  const call = run.calls.get(name);
  if (call === undefined) throw new StepFailure(`no call is named "${name}" at this step`);
  return call;
}
