import { setTimeout as pause } from 'node:timers/promises';
import type { RequestRpc } from '../../../proto/index.ts';
import { StepFailure } from '../../engine/failure.ts';
import type { CheckRun } from './check-run.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { PlayedCall } from './played-call.ts';

/** Between two tries to get a request through. */
const retryMs = 50;

const ping = '{"jsonrpc":"2.0","id":"are-you-there","method":"ping"}';
const pong = '{"jsonrpc":"2.0","id":"are-you-there","result":{}}';

/**
 * Sends ordinary requests until one comes through the gateway, as whatever RPC.
 * @throws StepFailure where none came through in time
 */
export async function reach(run: CheckRun): Promise<void> {
  await askUntil(run, () => true);
}

/**
 * Sends ordinary requests until one comes through the gateway, as the RPC that the played runtime's capabilities ask for.
 * Calls of earlier cases that are late are swallowed.
 * @throws StepFailure where none came through in time
 */
export async function settle(run: CheckRun): Promise<void> {
  const expected = run.parts.runtime.capabilities.includes('stream-post') ? 'InvokeStream' : 'Invoke';
  await askUntil(run, ({ rpc }) => rpc === expected, expected);
}

async function askUntil(
  run: CheckRun,
  isMeant: (call: PlayedCall) => boolean,
  expected?: RequestRpc,
): Promise<void> {
  const until = performance.now() + run.parts.readyTimeoutMs;
  for (;;) {
    const { exchange, calls } = await ask(run, until);
    if (exchange.endSoFar?.complete === true && calls.some(isMeant)) return;
    if (performance.now() >= until) {
      throw new StepFailure(whyNot(exchange, calls, expected), { actual: run.overview() });
    }
    await run.waitFor(pause(retryMs), `the gateway: ${whyNot(exchange, calls, expected)}`);
  }
}

/**
 * Sends one ordinary request and answers what comes for it.
 * @throws StepFailure where another call has come as well
 */
export async function fence(run: CheckRun): Promise<void> {
  const before = [...run.unclaimed];
  const { exchange, calls } = await ask(run, Number.POSITIVE_INFINITY);
  const [stray] = before.length > 0 ? before : calls.length > 1 ? calls : [];
  if (stray !== undefined) {
    throw new StepFailure(
      `a call came that must not come: ${stray.rpc} ${stray.message.method} ${stray.message.path}`,
      {
        actual: run.overview(),
      },
    );
  }
  if (calls.length === 0) {
    const status = exchange.headSoFar?.status ?? exchange.endSoFar?.problem ?? 'nothing';
    throw new StepFailure(`an ordinary request does not come through any more: answered ${status}`, {
      actual: run.overview(),
    });
  }
}

/** One ordinary request, with every call that came until it was answered. */
async function ask(
  run: CheckRun,
  until: number,
): Promise<{ readonly exchange: HttpExchange; readonly calls: readonly PlayedCall[] }> {
  const exchange = run.send({ body: ping });
  const calls: PlayedCall[] = [];
  const left = until - performance.now();
  const limit = new AbortController();
  const tooLong = Number.isFinite(left)
    ? pause(Math.max(left, retryMs), undefined, { signal: limit.signal })
    : undefined;
  tooLong?.catch(() => undefined);
  const over = Promise.race([exchange.ended, ...(tooLong === undefined ? [] : [tooLong])]);
  let isOver = false;
  const noted = over.then(() => {
    isOver = true;
  });
  try {
    while (!isOver) {
      for (const call of run.unclaimed.splice(0)) {
        calls.push(call);
        answerPing(call);
      }
      await run.waitFor(Promise.race([noted, run.nextCall()]), 'an ordinary request to come through');
    }
    calls.push(...run.unclaimed.splice(0));
  } finally {
    limit.abort();
  }
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
  exchange: HttpExchange,
  calls: readonly PlayedCall[],
  expected: RequestRpc | undefined,
): string {
  const [call] = calls;
  if (call !== undefined && expected !== undefined && call.rpc !== expected) {
    return `an ordinary POST comes as ${call.rpc}, not as ${expected}, which the runtime's capabilities ask for`;
  }
  const { headSoFar, endSoFar } = exchange;
  const came = call === undefined ? 'does not reach the socket' : 'reaches the socket';
  const got =
    headSoFar !== undefined
      ? `is answered ${headSoFar.status}`
      : endSoFar?.problem === undefined
        ? 'is not answered'
        : `fails with ${endSoFar.problem}`;
  return `an ordinary POST ${came} and ${got}`;
}
