import type { Registry } from 'prom-client';
import { errorMessage } from '../base/error-message.ts';
import { AbortError, RuntimeClientError, type RuntimeRequest, toGatewayResponse } from '../client/index.ts';
import type { RequestRpc } from '../proto/index.ts';
import { acceptsEventStream } from './accept.ts';
import { identify } from './authentication/identify.ts';
import { type CallInFlight, CallsInFlight } from './calls-in-flight.ts';
import { type GatewayAnswer, type GatewayRequest, headerValues } from './exchange.ts';
import { type FallbackReason, fallbackHeader } from './fallback/fallback.ts';
import { checkHost, loopbackHosts } from './host-check.ts';
import { type GatewayLimits, resolveLimits } from './limits.ts';
import { GatewayMetrics, type Route } from './metrics.ts';
import type { GatewayOptions } from './options.ts';
import { GatewayRefusal } from './refusal.ts';
import { readBody } from './request-body.ts';
import { callRuntime } from './runtime/call-runtime.ts';
import { type RuntimeFacts, RuntimeLink, RuntimeUnreachableError } from './runtime/runtime-link.ts';
import type { StreamEnd } from './runtime/stream-body.ts';
import { translate } from './translate.ts';

/** The status, in metrics, of a request whose caller did not wait for the answer. */
const callerGone = 499;

/** An answer, and what the request became. */
interface Outcome {
  readonly route: Route;
  readonly answer: GatewayAnswer;
}

/**
 * Turns HTTP requests into calls of an MCP runtime and its responses into HTTP responses: the calling side of the
 * contract (section 15). It knows no HTTP server: `fetchHandler` and `nodeHandler` bring requests to it.
 */
export class Gateway implements AsyncDisposable {
  readonly #options: GatewayOptions;
  readonly #limits: GatewayLimits;
  readonly #link: RuntimeLink;
  readonly #calls = new CallsInFlight();
  readonly #metrics: GatewayMetrics;
  #closing: Promise<void> | undefined;

  /** @throws RangeError naming the limit that is wrong */
  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#limits = resolveLimits(options.limits);
    this.#metrics = new GatewayMetrics(options.registry);
    this.#link = new RuntimeLink(options.runtime, this.#limits.connectMs);
  }

  /** What the gateway counts, for Prometheus. */
  get registry(): Registry {
    return this.#metrics.registry;
  }

  /** The bounds that hold, defaults filled in. */
  get limits(): GatewayLimits {
    return this.#limits;
  }

  /** Answers a request. Never rejects: what goes wrong is an answer. */
  async handle(request: GatewayRequest): Promise<GatewayAnswer> {
    const startedAt = performance.now();
    const { route, answer } = await this.#route(request);
    this.#metrics.answered(route, answer.status, (performance.now() - startedAt) / 1000);
    return answer;
  }

  /**
   * Stops: refuses further requests with 503, ends live streams, lets other calls end within the drain limit, gives up
   * the rest, and closes the connection to the runtime. Closing twice is closing once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#calls.drain(this.#limits.drainMs, new Error('the gateway is stopping'));
    this.#options.fallback?.close?.();
    await this.#options.runtime[Symbol.asyncDispose]();
  }

  async #route(request: GatewayRequest): Promise<Outcome> {
    try {
      this.#admit(request);
      const translation = translate(request);
      if (translation.kind === 'fallback') return await this.#fallBack(request, translation.reason);
      const authContext = await identify(
        { authenticator: this.#options.authenticator, anonymous: this.#options.anonymous },
        request,
      );
      const isPost = translation.rpc === 'Invoke';
      const body = isPost ? await readBody(request, this.#limits.maxBodyBytes) : undefined;
      return await this.#call(request, translation.rpc, { ...translation.request, authContext, body });
    } catch (error) {
      if (error instanceof GatewayRefusal) {
        this.#metrics.refused(error.code);
        if (error.cause !== undefined) this.#log(error.cause, 'the authenticator failed');
        return { route: 'none', answer: error.toAnswer() };
      }
      return { route: 'none', answer: this.#failed(error, 'none') };
    }
  }

  #admit(request: GatewayRequest): void {
    const { allowedHosts = loopbackHosts, allowedOrigins = [] } = this.#options;
    checkHost(request, { allowedHosts, allowedOrigins });
    if (this.#closing === undefined) return;
    throw new GatewayRefusal('stopping', {
      status: 503,
      message: 'The gateway is stopping',
      headers: [['connection', 'close']],
    });
  }

  async #call(http: GatewayRequest, rpc: RequestRpc, request: RuntimeRequest): Promise<Outcome> {
    let facts: RuntimeFacts;
    try {
      facts = await this.#link.facts();
      this.#metrics.runtimeIs(true);
    } catch (error) {
      this.#metrics.runtimeIs(false);
      const canFallBack = error instanceof RuntimeUnreachableError && this.#options.fallbackWhenDown === true;
      if (!canFallBack || this.#options.fallback === undefined) {
        return { route: rpc, answer: this.#failed(error, rpc) };
      }
      return this.#fallBack(withBody(http, request.body), 'runtime-down');
    }
    const streams =
      rpc === 'Invoke' &&
      facts.capabilities.has('stream-post') &&
      acceptsEventStream(headerValues(http.headers, 'accept'));
    const route = streams ? 'InvokeStream' : rpc;
    return { route, answer: await this.#callRuntime(http, route, { request, facts }) };
  }

  /** One call, known to the gateway until it has ended, as a stream may long after its head went out. */
  async #callRuntime(
    http: GatewayRequest,
    rpc: RequestRpc,
    { request, facts }: { readonly request: RuntimeRequest; readonly facts: RuntimeFacts },
  ): Promise<GatewayAnswer> {
    const abort = new AbortController();
    let answer: GatewayAnswer | undefined;
    const leaveBody = () => {
      if (answer !== undefined && 'return' in answer.body) void answer.body.return?.();
    };
    const callerWent = () => {
      abort.abort(http.signal.reason);
      // A stream may be out that nobody reads any more.
      leaveBody();
    };
    http.signal.addEventListener('abort', callerWent, { once: true });
    if (http.signal.aborted) callerWent();
    const inFlight: CallInFlight = {
      leave: () => {
        if (rpc === 'InvokeStream' && http.method === 'GET') leaveBody();
      },
      abort: (reason) => abort.abort(reason),
    };
    const ends = this.#metrics.callBegins(rpc);
    const ended = () => {
      http.signal.removeEventListener('abort', callerWent);
      this.#calls.delete(inFlight);
      ends();
    };
    this.#calls.add(inFlight);
    let isOpen = false;
    try {
      answer = await callRuntime(
        { rpc, request, facts, signal: abort.signal },
        {
          connection: this.#options.runtime,
          limits: this.#limits,
          onStreamEnd: (end) => {
            ended();
            this.#streamEnded(end, http.signal);
          },
        },
      );
      isOpen = !(answer.body instanceof Uint8Array);
      return answer;
    } catch (error) {
      if (!http.signal.aborted) return this.#failed(error, rpc);
      this.#metrics.callerWent();
      // Nobody gets it; in the metrics it is no failure of the runtime.
      return { ...toAnswer(error), status: callerGone };
    } finally {
      if (!isOpen) ended();
    }
  }

  #streamEnded(end: StreamEnd, caller: AbortSignal): void {
    if (end.kind === 'complete') return;
    if (caller.aborted || (end.kind === 'left' && this.#closing === undefined)) {
      this.#metrics.callerWent();
    } else if (end.kind === 'broken') {
      this.#metrics.streamBroke();
      this.#log(end.error, 'a stream broke off');
    }
  }

  async #fallBack(request: GatewayRequest, reason: FallbackReason): Promise<Outcome> {
    const { fallback } = this.#options;
    if (fallback === undefined) throw notServed(reason);
    this.#metrics.fellBack(reason);
    try {
      const answer = await fallback.handle(request);
      return {
        route: 'fallback',
        answer: { ...answer, headers: [...answer.headers, [fallbackHeader, reason]] },
      };
    } catch (error) {
      if (error instanceof GatewayRefusal) throw error;
      this.#log(error, 'the fallback failed');
      const answer = toAnswer(error);
      return {
        route: 'fallback',
        answer: { ...answer, headers: [...answer.headers, [fallbackHeader, reason]] },
      };
    }
  }

  #failed(error: unknown, route: Route): GatewayAnswer {
    const code = error instanceof RuntimeClientError ? error.code : codeOf(error);
    this.#metrics.callFailed(code);
    this.#log(error, `${route === 'none' ? 'a request' : route} failed`);
    return toAnswer(error);
  }

  #log(error: unknown, message: string): void {
    this.#options.logger?.warn({ error: errorMessage(error), code: codeOf(error) }, message);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof AbortError) return 'ABORTED';
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNEXPECTED';
}

/** 502, without a word of what it was (CLIENT-12). */
function toAnswer(error: unknown): GatewayAnswer {
  const { status, headers, body } = toGatewayResponse(error);
  return { status, headers: Object.entries(headers), body };
}

function notServed(reason: FallbackReason): GatewayRefusal {
  switch (reason) {
    case 'path':
      return new GatewayRefusal('path_not_served', { status: 404, message: 'There is nothing at this path' });
    case 'upgrade':
      return new GatewayRefusal('upgrade_not_served', { status: 501, message: 'Upgrades are not served' });
    default:
      return new GatewayRefusal('method_not_served', {
        status: 405,
        message: 'The method is not served',
        headers: [['allow', 'GET, POST, DELETE']],
      });
  }
}

/** The request with its body, which has been read, in place again. */
function withBody(request: GatewayRequest, body: RuntimeRequest['body']): GatewayRequest {
  return {
    ...request,
    body: (async function* () {
      if (body instanceof Uint8Array) yield body;
    })(),
  };
}

/**
 * Makes a gateway; `fetchHandler`, `nodeHandler` or `serveGateway` let it begin.
 * @throws RangeError naming the limit that is wrong
 */
export function createGateway(options: GatewayOptions): Gateway {
  return new Gateway(options);
}
