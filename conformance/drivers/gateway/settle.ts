import { setTimeout as pause } from 'node:timers/promises';
import { withTimeLimit } from '../../../base/deadline.ts';
import type { RequestRpc } from '../../../proto/index.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { PlayedCall } from './played-call.ts';
import type { StepContext } from './step-context.ts';

/** Between two tries to get a request through. */
const retryMs = 50;

const ping = '{"jsonrpc":"2.0","id":"are-you-there","method":"ping"}';
const pong = '{"jsonrpc":"2.0","id":"are-you-there","result":{}}';

/**
 * Sends ordinary requests until one comes through the gateway, as the RPC that the played runtime's capabilities ask for.
 * Calls of earlier cases that are late are swallowed.
 * @throws StepFailure where none came through in time
 */
export async function settle(context: StepContext): Promise<void> {
  const { capabilities } = context.options.runtime;
  await reach(context, capabilities?.includes('stream-post') ? 'InvokeStream' : 'Invoke');
}

/**
 * Sends ordinary requests until one comes through the gateway.
 * @param expected the RPC as which it has to come; any where absent
 * @throws StepFailure where none came through in time
 */
export async function reach(context: StepContext, expected?: RequestRpc): Promise<void> {
  const until = performance.now() + context.options.readyTimeoutMs;
  for (;;) {
    const { exchange, calls } = await ask(context, Math.max(until - performance.now(), retryMs));
    const came = calls.some(({ rpc }) => expected === undefined || rpc === expected);
    if (came && exchange.endSoFar?.complete) return;
    const problem = whyNot(exchange, calls, expected);
    if (performance.now() >= until) throw context.failure(problem);
    await context.waitFor(pause(retryMs), `the gateway: ${problem}`);
  }
}

/**
 * Sends one ordinary request and answers what comes for it.
 * @throws StepFailure where another call has come as well
 */
export async function fence(context: StepContext): Promise<void> {
  const before = [...context.unclaimed];
  const { exchange, calls } = await ask(context);
  const [stray] = before.length > 0 ? before : calls.length > 1 ? calls : [];
  if (stray !== undefined) {
    const { method, path } = stray.message;
    throw context.failure(`a call came that must not come: ${stray.rpc} ${method} ${path}`);
  }
  if (calls.length === 0) {
    throw context.failure(
      `an ordinary request does not come through any more: answered ${exchange.answered}`,
    );
  }
}

/**
 * Sends one ordinary request, and gives every call that came until it was answered.
 * @param patienceMs for an answer; as long as the case may take where absent
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
    await context.waitFor(Promise.race([over, context.nextCall()]), 'an ordinary request to come through');
  }
  calls.push(...context.unclaimed.splice(0));
  if (exchange.endSoFar === undefined) exchange.abort();
  return { exchange, calls };
}

/** Answers a call as a runtime would that has nothing to say. */
export function answerPing(call: PlayedCall): void {
  if (call.rpc !== 'InvokeStream') {
    call.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(pong) });
    return;
  }
  call.chunk({ data: Buffer.from(`data: ${pong}\n\n`) });
  call.chunk({ done: true });
  call.end();
}

function whyNot(
  { headSoFar, endSoFar }: HttpExchange,
  [call]: readonly PlayedCall[],
  expected: RequestRpc | undefined,
): string {
  if (call !== undefined && expected !== undefined && call.rpc !== expected) {
    return `an ordinary POST comes as ${call.rpc}, not as ${expected}, which the runtime's capabilities ask for`;
  }
  const came = call === undefined ? 'does not reach the socket' : 'reaches the socket';
  const failed = endSoFar?.problem === undefined ? 'is not answered' : `fails with ${endSoFar.problem}`;
  return `an ordinary POST ${came} and ${headSoFar === undefined ? failed : `is answered ${headSoFar.status}`}`;
}
