import { setTimeout as pause } from 'node:timers/promises';
import { withTimeLimit } from '../../../base/deadline.ts';
import type { RequestRpc } from '../../../proto/index.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { PlayedCall } from './played-call.ts';
import type { StepContext } from './step-context.ts';

/** Interval between attempts to get a request through. */
const retryMs = 50;

const ping = '{"jsonrpc":"2.0","id":"are-you-there","method":"ping"}';
const pong = '{"jsonrpc":"2.0","id":"are-you-there","result":{}}';

/**
 * Sends ordinary requests until the gateway forwards one with the RPC that matches the declared capabilities. Answers
 * late calls of earlier cases.
 * @throws StepFailure if no request passes within the time limit
 */
export async function settle(context: StepContext): Promise<void> {
  const { capabilities } = context.options.runtime;
  await reach(context, capabilities?.includes('stream-post') ? 'InvokeStream' : 'Invoke');
}

/**
 * Sends ordinary requests until one passes through the gateway.
 * @param expected the RPC that the gateway must use. Default: any
 * @throws StepFailure if no request passes within the time limit
 */
export async function reach(context: StepContext, expected?: RequestRpc): Promise<void> {
  const until = performance.now() + context.options.readyTimeoutMs;
  for (;;) {
    const { exchange, calls } = await ask(context, Math.max(until - performance.now(), retryMs));
    const came = calls.some(({ rpc }) => expected === undefined || rpc === expected);
    if (came && exchange.endSoFar?.complete) return;
    const problem = describeProblem(exchange, calls, expected);
    if (performance.now() >= until) throw context.failure(problem);
    await context.waitFor(pause(retryMs), `the gateway: ${problem}`);
  }
}

/**
 * Sends one ordinary request and answers its call.
 * @throws StepFailure if any other call arrived before it
 */
export async function fence(context: StepContext): Promise<void> {
  const before = [...context.unclaimed];
  const { exchange, calls } = await ask(context);
  const [stray] = before.length > 0 ? before : calls.length > 1 ? calls : [];
  if (stray !== undefined) {
    const { method, path } = stray.message;
    throw context.failure(`unexpected call: ${stray.rpc} ${method} ${path}`);
  }
  if (calls.length === 0) {
    throw context.failure(
      `an ordinary request no longer passes through the gateway: answered ${exchange.answered}`,
    );
  }
}

/**
 * Sends one ordinary request, answers every call that arrives until it completes, and returns those calls.
 * @param patienceMs time limit for the response. Default: the time limit of the case
 */
async function ask(
  context: StepContext,
  patienceMs?: number,
): Promise<{ readonly exchange: HttpExchange; readonly calls: readonly PlayedCall[] }> {
  const exchange = context.send({ body: ping });
  const calls: PlayedCall[] = [];
  const ended = exchange.ended.then(() => undefined);
  let isOver = false;
  const over = (patienceMs === undefined ? ended : withTimeLimit(ended, patienceMs)).then(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const call of context.unclaimed.splice(0)) {
      calls.push(call);
      answerPing(call);
    }
    await context.waitFor(
      Promise.race([over, context.nextCall()]),
      'an ordinary request to pass through the gateway',
    );
  }
  calls.push(...context.unclaimed.splice(0));
  if (exchange.endSoFar === undefined) exchange.abort();
  return { exchange, calls };
}

/** Answers a call with an empty result. */
export function answerPing(call: PlayedCall): void {
  if (call.rpc !== 'InvokeStream') {
    call.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(pong) });
    return;
  }
  call.chunk({ data: Buffer.from(`data: ${pong}\n\n`) });
  call.chunk({ done: true });
  call.end();
}

/** Refuses a call with a status and without a body. */
export function refuseCall(call: PlayedCall, status: number): void {
  if (call.rpc !== 'InvokeStream') {
    call.answer({ status, headers: {}, body: Buffer.alloc(0) });
    return;
  }
  call.chunk({ done: true, errorStatus: status, status });
  call.end();
}

function describeProblem(
  { headSoFar, endSoFar }: HttpExchange,
  [call]: readonly PlayedCall[],
  expected: RequestRpc | undefined,
): string {
  if (call !== undefined && expected !== undefined && call.rpc !== expected) {
    return `an ordinary POST arrives as ${call.rpc} instead of ${expected}, which the declared capabilities require`;
  }
  const came = call === undefined ? 'does not reach the socket' : 'reaches the socket';
  const failed = endSoFar?.problem === undefined ? 'is not answered' : `fails with ${endSoFar.problem}`;
  return `an ordinary POST ${came} and ${headSoFar === undefined ? failed : `is answered ${headSoFar.status}`}`;
}
