import { grpcStatusNames } from '../../../../base/grpc-status.ts';
import type { WrittenBytes, WrittenRequest } from '../../../case/gateway-case.ts';
import { found, StepFailure } from '../../../engine/failure.ts';
import type { HttpExchange } from '../http-exchange.ts';
import { bytesOf, digestOf, observeExchange, shownBytes } from '../observe.ts';
import { Patience } from '../patience.ts';
import type { Members, StepAction, StepContext } from '../step-context.ts';

/** Default name of a request and of its call. */
export const mainName = 'main';

type OfExchange = Readonly<{ of?: string }>;

/** Internal details: the message of the played runtime, error codes of libraries, and stack traces. */
const details = [
  /conformance-secret/i,
  /\bE(?:CONN[A-Z]+|NOENT|PIPE|ACCES)\b/,
  /\b(?:INTERNAL_ERROR|REFUSED_STREAM|RST_STREAM|GOAWAY|nghttp2\w*)\b/,
  /node:|\bat \S+:\d+:\d+/,
  /rpc error: code =|StatusCode\.|status: [A-Z][A-Za-z]+, message:/,
  new RegExp(`\\b(?:${grpcStatusNames.filter((name) => name !== 'OK').join('|')})\\b`),
];

/** The response that the gateway chapter requires if the runtime fails. */
const badGateway = {
  complete: true,
  status: 502,
  headers: { 'content-type': { $regex: '^application/json\\s*(;|$)' } },
  json: { jsonrpc: '2.0', id: null, error: { $include: { code: -32000, message: { $type: 'string' } } } },
};

/** Steps of the HTTP caller. */
export const callerSteps = {
  /** Sends a request and saves its body in the variable `sent-body`. */
  async send(
    context: StepContext,
    { as = mainName, request = {} }: Readonly<{ as?: string; request?: WrittenRequest }>,
  ) {
    begin(context, as, request);
  },

  /** Waits for the status and header fields only. */
  async head(context: StepContext, { of = mainName, expect }: OfExchange & { readonly expect: Members }) {
    const exchange = exchangeOf(context, of);
    if ((await context.waitFor(exchange.head, `the head of the response (${of})`)) === undefined) {
      const problem = exchange.endSoFar?.problem ?? 'the connection ended';
      throw context.failure(`the request (${of}) is not answered: ${problem}`);
    }
    compare(context, expect, exchange);
  },

  /** Waits for the end of the response, which must be complete unless `complete` is false. */
  async response(context: StepContext, { of = mainName, expect }: OfExchange & { readonly expect: Members }) {
    const exchange = await ended(context, of);
    compare(context, { complete: true, ...expect }, exchange);
  },

  /** Waits until the body received so far equals the given one. */
  async receives(
    context: StepContext,
    { of = mainName, body }: OfExchange & { readonly body: WrittenBytes },
  ) {
    const exchange = exchangeOf(context, of);
    const expected = bytesOf(body);
    await context.waitFor(exchange.received(expected.length), `${expected.length} bytes of the body (${of})`);
    if (!exchange.body.equals(expected)) compare(context, { body: shownBytes(expected) }, exchange);
  },

  /**
   * Expects the 502 response of the gateway chapter.
   * @throws StepFailure also if the response exposes details of the failure and `withoutDetails` is true
   */
  async fails(
    context: StepContext,
    { of = mainName, withoutDetails = false }: OfExchange & { readonly withoutDetails?: boolean },
  ) {
    const exchange = exchangeOf(context, of);
    const { patience = new Patience() } = context.options;
    const { limitMs } = patience;
    const end = await context.waitUpTo(limitMs, exchange.ended, `the end of the response (${of})`);
    if (end === undefined) {
      patience.lose();
      throw context.failure(`the gateway did not answer the request (${of}) within ${limitMs / 1_000} s`);
    }
    compare(context, badGateway, exchange);
    if (!withoutDetails) return;
    const { path } = context.options.runtime;
    const text = `${JSON.stringify(exchange.headSoFar?.headers)}\n${exchange.body.toString()}`;
    const [shown] = [
      ...details.flatMap((detail) => detail.exec(text)?.[0] ?? []),
      ...(text.includes(path) ? [path] : []),
    ];
    if (shown === undefined) return;
    const actual = observeExchange(exchange);
    const summary = `the 502 response exposes internal details: "${shown}"`;
    throw new StepFailure(summary, { actual });
  },

  /** Closes the connection of the caller. */
  async abort(context: StepContext, { of = mainName }: OfExchange) {
    exchangeOf(context, of).abort();
  },

  /** Resumes reading on a paused request. */
  async resume(context: StepContext, { of = mainName }: OfExchange) {
    exchangeOf(context, of).resume();
  },
} satisfies Readonly<Record<string, StepAction<never>>>;

/** Sends a request under a name. */
export function begin(context: StepContext, name: string, request: WrittenRequest): HttpExchange {
  const body = bytesOf(request.body);
  context.variables.set('sent-body', shownBytes(body)).set('sent-sha256', digestOf(body));
  context.calls.delete(name);
  const exchange = context.send(request);
  context.exchanges.set(name, exchange);
  return exchange;
}

/** @throws StepFailure if no step has sent a request of that name */
export function exchangeOf(context: StepContext, name: string): HttpExchange {
  return found(context.exchanges, name, 'request');
}

async function ended(context: StepContext, name: string): Promise<HttpExchange> {
  const exchange = exchangeOf(context, name);
  await context.waitFor(exchange.ended, `the end of the response (${name})`);
  return exchange;
}

/** Compares the response. @throws StepFailure */
function compare(context: StepContext, expect: Members, exchange: HttpExchange): void {
  const { method, target, fields, body } = exchange.request;
  const request = { method, target, headers: fields, body: shownBytes(body) };
  context.compare(expect, observeExchange(exchange), request);
}
