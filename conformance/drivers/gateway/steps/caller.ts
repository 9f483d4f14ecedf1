import type { WrittenBytes, WrittenRequest } from '../../../case/gateway-case.ts';
import { found, StepFailure } from '../../../engine/failure.ts';
import type { HttpExchange } from '../http-exchange.ts';
import { bytesOf, digestOf, observeExchange, shownBytes } from '../observe.ts';
import type { Members, StepAction, StepContext } from '../step-context.ts';

/** The name of a request, and of the call that comes for it, where a step names none. */
export const mainName = 'main';

type OfExchange = Readonly<{ of?: string }>;

/** A failure's words that no answer of a gateway may show: those of the played one, and those of libraries. */
const detail =
  /conformance-secret|ECONN\w*|ENOENT|EPIPE|EACCES|UNAVAILABLE|INTERNAL_ERROR|DEADLINE_EXCEEDED|RST_STREAM|GOAWAY|nghttp2|grpc|http\/?2|protobuf|node:|\bat \S+:\d+:\d+/i;

/** The answer that the chapter for gateways asks for where the runtime fails. */
const badGateway = {
  complete: true,
  status: 502,
  headers: { 'content-type': { $regex: '^application/json\\s*(;|$)' } },
  json: { jsonrpc: '2.0', id: null, error: { $include: { code: -32000, message: { $type: 'string' } } } },
};

/** The steps of the HTTP caller. */
export const callerSteps = {
  /** Sends a request; its body is the variable `sent-body` from then on. */
  async send(
    context: StepContext,
    { as = mainName, request = {} }: Readonly<{ as?: string; request?: WrittenRequest }>,
  ) {
    begin(context, as, request);
  },

  /** Waits for status and header fields alone. */
  async head(context: StepContext, { of = mainName, expect }: OfExchange & { readonly expect: Members }) {
    const exchange = exchangeOf(context, of);
    if ((await context.waitFor(exchange.head, `the head of the response (${of})`)) === undefined) {
      const problem = exchange.endSoFar?.problem ?? 'the connection ended';
      throw context.failure(`the request (${of}) is not answered: ${problem}`);
    }
    compare(context, expect, exchange);
  },

  /** Waits for the end of the response; it has to be complete unless `complete` is named. */
  async response(context: StepContext, { of = mainName, expect }: OfExchange & { readonly expect: Members }) {
    const exchange = await ended(context, of);
    compare(context, { complete: true, ...expect }, exchange);
  },

  /** Waits until the body, as far as it has come, is the one named. */
  async receives(
    context: StepContext,
    { of = mainName, body }: OfExchange & { readonly body: WrittenBytes },
  ) {
    const exchange = exchangeOf(context, of);
    const expected = bytesOf(body);
    await context.waitFor(exchange.received(expected.length), `${expected.length} bytes of the body (${of})`);
    if (!exchange.body.equals(expected)) compare(context, { body: shownBytes(expected) }, exchange);
  },

  /** The request is answered 502 as the chapter for gateways has it, and the answer shows nothing behind the gateway. */
  async fails(context: StepContext, { of = mainName }: OfExchange) {
    const exchange = await ended(context, of);
    compare(context, badGateway, exchange);
    const { path } = context.options.runtime;
    const text = `${JSON.stringify(exchange.headSoFar?.headers)}\n${exchange.body.toString()}`;
    const shown = detail.exec(text)?.[0] ?? (text.includes(path) ? path : undefined);
    if (shown === undefined) return;
    const actual = observeExchange(exchange);
    const summary = `the 502 answer reveals what is behind the gateway: "${shown}"`;
    throw new StepFailure(summary, { actual, violated: 'GW-43' });
  },

  /** The caller goes away. */
  async abort(context: StepContext, { of = mainName }: OfExchange) {
    exchangeOf(context, of).abort();
  },

  /** A caller that did not read reads on. */
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

/** @throws StepFailure where no step has sent a request of that name */
export function exchangeOf(context: StepContext, name: string): HttpExchange {
  return found(context.exchanges, name, 'request');
}

async function ended(context: StepContext, name: string): Promise<HttpExchange> {
  const exchange = exchangeOf(context, name);
  await context.waitFor(exchange.ended, `the end of the response (${name})`);
  return exchange;
}

/** Compares what came back. @throws StepFailure */
function compare(context: StepContext, expect: Members, exchange: HttpExchange): void {
  const { method, target, fields, body } = exchange.request;
  const request = { method, target, headers: fields, body: shownBytes(body) };
  context.compare(expect, observeExchange(exchange), request);
}
