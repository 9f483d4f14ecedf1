import type { WrittenBytes, WrittenRequest } from '../../../case/gateway-case.ts';
import { comparisonFailure, StepFailure } from '../../../engine/failure.ts';
import { matchMembers } from '../../../match/expectation.ts';
import { bytesOf, digestOf, shownBytes } from '../bytes.ts';
import type { CheckRun } from '../check-run.ts';
import type { HttpExchange } from '../http-exchange.ts';
import { observeExchange } from '../observe.ts';
import type { StepOf } from './step.ts';

/** What a name stands for where none is given. */
export const mainName = 'main';

export interface OfExchange {
  readonly of?: string;
}

export interface ExpectExchange extends OfExchange {
  readonly expect: Readonly<Record<string, unknown>>;
}

/** Sends a request; its body is the variable `sent-body` from then on. */
export const send: StepOf<{ readonly as?: string; readonly request?: WrittenRequest }> = async (
  run,
  { as = mainName, request = {} },
) => {
  begin(run, as, request);
};

/** Sends a request under a name. */
export function begin(run: CheckRun, name: string, request: WrittenRequest): HttpExchange {
  const body = bytesOf(request.body);
  run.parts.variables.set('sent-body', shownBytes(body));
  run.parts.variables.set('sent-sha256', digestOf(body));
  run.calls.delete(name);
  const exchange = run.send(request);
  run.exchanges.set(name, exchange);
  return exchange;
}

/** Waits for status and header fields alone. */
export const head: StepOf<ExpectExchange> = async (run, { of = mainName, expect }) => {
  const exchange = exchangeOf(run, of);
  if ((await run.waitFor(exchange.head, `the head of the response (${of})`)) === undefined) {
    const problem = exchange.endSoFar?.problem ?? 'the connection ended';
    throw new StepFailure(`the request (${of}) is not answered: ${problem}`, { actual: run.overview() });
  }
  compare(run, expect, exchange);
};

/** Waits for the end of the response; it has to be complete unless `complete` is named. */
export const response: StepOf<ExpectExchange> = async (run, { of = mainName, expect }) => {
  const exchange = exchangeOf(run, of);
  await run.waitFor(exchange.ended, `the end of the response (${of})`);
  compare(run, { complete: true, ...expect }, exchange);
};

/** Waits until the body, as far as it has come, is what is named. */
export const receives: StepOf<OfExchange & { readonly body: WrittenBytes }> = async (
  run,
  { of = mainName, body },
) => {
  const exchange = exchangeOf(run, of);
  const expected = bytesOf(body);
  await run.waitFor(exchange.received(expected.length), `${expected.length} bytes of the body (${of})`);
  if (!exchange.body.equals(expected)) compare(run, { body: shownBytes(expected) }, exchange);
};

/** What no answer of a gateway tells: how a played failure is worded, and what libraries call such failures. */
const detail =
  /conformance-secret|ECONN\w*|ENOENT|EPIPE|EACCES|UNAVAILABLE|INTERNAL_ERROR|DEADLINE_EXCEEDED|RST_STREAM|GOAWAY|nghttp2|grpc|http\/?2|protobuf|node:|\bat \S+:\d+:\d+/i;

/** The request is answered 502 as the chapter for gateways has it, and nothing of what is behind the gateway shows. */
export const fails: StepOf<OfExchange> = async (run, { of = mainName }) => {
  const exchange = exchangeOf(run, of);
  await run.waitFor(exchange.ended, `the end of the response (${of})`);
  compare(
    run,
    {
      complete: true,
      status: 502,
      headers: { 'content-type': { $regex: '^application/json\\s*(;|$)' } },
      json: { jsonrpc: '2.0', id: null, error: { $include: { code: -32000, message: { $type: 'string' } } } },
    },
    exchange,
  );
  const text = `${JSON.stringify(exchange.headSoFar?.headers)}\n${exchange.body.toString()}`;
  const shown =
    detail.exec(text)?.[0] ?? (text.includes(run.parts.runtime.path) ? run.parts.runtime.path : undefined);
  if (shown !== undefined) {
    throw new StepFailure(`the answer 502 shows what is behind the gateway: "${shown}"`, {
      actual: observeExchange(exchange),
    });
  }
};

/** The caller goes away. */
export const abort: StepOf<OfExchange> = async (run, { of = mainName }) => exchangeOf(run, of).abort();

/** A caller that did not read reads on. */
export const resume: StepOf<OfExchange> = async (run, { of = mainName }) => exchangeOf(run, of).resume();

/** @throws StepFailure where no step has sent a request of that name */
export function exchangeOf(run: CheckRun, name: string): HttpExchange {
  const exchange = run.exchanges.get(name);
  if (exchange === undefined) throw new StepFailure(`no request is named "${name}" at this step`);
  return exchange;
}

/** Compares what came back. @throws StepFailure */
export function compare(
  run: CheckRun,
  expect: Readonly<Record<string, unknown>>,
  exchange: HttpExchange,
): void {
  const actual = observeExchange(exchange);
  const { differences, saved } = matchMembers(expect, actual, run.context);
  if (differences.length > 0) {
    const { method, target, fields, body } = exchange.request;
    const request = { method, target, headers: fields, body: shownBytes(body) };
    throw comparisonFailure({ differences, request, expected: expect, actual });
  }
  for (const [name, value] of saved) run.parts.variables.set(name, value);
}
