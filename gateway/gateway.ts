import type { Registry } from 'prom-client';
import { headerValues } from '../client/header-policy.ts';
import {
  type AuthContext,
  type ErrorContext,
  type RuntimeRequest,
  toGatewayResponse,
} from '../client/index.ts';
import type { RequestRpc } from '../proto/index.ts';
import { ownerIn, refusalRecord } from './audit.ts';
import { identify } from './authentication/authenticator.ts';
import { CallerQuota } from './caller-quota.ts';
import { CallsInFlight } from './calls.ts';
import { preflightAnswer, withCors } from './cors.ts';
import type { GatewayAnswer, GatewayRequest } from './exchange.ts';
import { type Fallback, type FallbackReason, fallbackHeader } from './fallback.ts';
import { checkHost, loopbackHosts } from './host-check.ts';
import { type GatewayLimits, type GatewayOptions, resolveLimits } from './options.ts';
import { GatewayRefusal, notServed } from './refusal.ts';
import { acceptsEventStream, readBody, type TranslatedRequest, translate } from './request.ts';
import { metadataAnswer } from './resource-metadata.ts';
import { callRuntime } from './runtime/call-runtime.ts';
import { RuntimeLink, RuntimeUnreachableError } from './runtime/runtime-connection.ts';
import { type Route, Telemetry } from './telemetry.ts';

/** The status in the metrics for a request whose caller disconnected before the answer. */
const callerGoneStatus = 499;

/** An answer and its route. */
interface Outcome {
  readonly route: Route;
  readonly answer: GatewayAnswer;
}

/**
 * The gateway of the contract (section 15). It converts HTTP requests to calls of an MCP runtime, and its responses to
 * HTTP responses. It does not depend on an HTTP server: `fetchHandler` and `nodeHandler` pass requests to it.
 */
export class Gateway implements AsyncDisposable {
  /** The limits, including defaults. */
  readonly limits: GatewayLimits;
  readonly #options: GatewayOptions;
  readonly #link: RuntimeLink;
  readonly #calls = new CallsInFlight();
  readonly #telemetry: Telemetry;
  readonly #quota: CallerQuota;
  #closing: Promise<void> | undefined;

  /** @throws RangeError that names an invalid limit */
  constructor(options: GatewayOptions) {
    this.#options = options;
    this.limits = resolveLimits(options.limits);
    this.#quota = new CallerQuota(this.limits);
    this.#telemetry = new Telemetry(options.registry, options.logger);
    this.#link = new RuntimeLink(options.runtime, this.limits.connectMs);
  }

  /** The Prometheus registry with the metrics of the gateway. */
  get registry(): Registry {
    return this.#telemetry.registry;
  }

  /** Answers a request. Never rejects: failures become answers. */
  async handle(request: GatewayRequest): Promise<GatewayAnswer> {
    const startedAt = performance.now();
    const { route, answer } = await this.#route(request);
    this.#telemetry.answered(route, answer.status, startedAt);
    return withCors(answer, request, this.#options.allowedOrigins ?? []);
  }

  /**
   * Shuts down: refuses new requests with 503, ends live streams, waits for other calls up to the drain limit, aborts
   * the rest, and closes the connection to the runtime. Further calls return the same promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#calls.drain(this.limits.drainMs, new Error('the gateway is stopping'));
    this.#options.fallback?.close?.();
    await this.#options.runtime[Symbol.asyncDispose]();
  }

  async #route(request: GatewayRequest): Promise<Outcome> {
    let authContext: AuthContext | undefined;
    try {
      this.#admit(request);
      const answer = this.#ownAnswer(request);
      if (answer !== undefined) return { route: 'none', answer };
      const translation = translate(request);
      if (translation.kind === 'fallback') return await this.#useFallback(request, translation.reason);
      authContext = await identify(this.#options, request);
      const outcome = await this.#limited(request, translation, authContext);
      if (outcome.route !== 'fallback') this.#audit(request, outcome.answer, { authContext });
      return outcome;
    } catch (error) {
      if (!(error instanceof GatewayRefusal)) return this.#failed(error, 'none', request);
      this.#telemetry.refused(error);
      const answer = error.toAnswer(contextOf(request));
      this.#audit(request, answer, { reason: error.code, authContext });
      return { route: 'none', answer };
    }
  }

  /** Answers requests that need neither credentials nor the runtime: preflights of browsers, and metadata. */
  #ownAnswer(request: GatewayRequest): GatewayAnswer | undefined {
    const { allowedOrigins = [], resource } = this.#options;
    return preflightAnswer(request, allowedOrigins) ?? (resource && metadataAnswer(request, resource));
  }

  /** Makes a call within the limits of its caller. */
  async #limited(
    request: GatewayRequest,
    { rpc, request: translated }: TranslatedRequest,
    authContext: AuthContext | undefined,
  ): Promise<Outcome> {
    const caller = ownerIn(authContext);
    const release = this.#quota.begin(
      caller === undefined ? `peer ${request.peerAddress}` : `owner ${caller}`,
    );
    try {
      const body = rpc === 'Invoke' ? await readBody(request, this.limits.maxBodyBytes) : undefined;
      const outcome = await this.#call(request, rpc, { ...translated, authContext, body });
      return { ...outcome, answer: afterBody(outcome.answer, release) };
    } catch (error) {
      release();
      throw error;
    }
  }

  #audit(...[request, answer, details]: Parameters<typeof refusalRecord>): void {
    const { audit } = this.#options;
    const record = audit && refusalRecord(request, answer, details);
    if (record !== undefined) audit?.(record);
  }

  #admit(request: GatewayRequest): void {
    const { allowedHosts = loopbackHosts, allowedOrigins = [] } = this.#options;
    checkHost(request, { allowedHosts, allowedOrigins });
    if (this.#closing === undefined) return;
    const headers = [['connection', 'close']] as const;
    throw new GatewayRefusal('stopping', 'The gateway is stopping', { headers });
  }

  async #call(http: GatewayRequest, rpc: RequestRpc, request: RuntimeRequest): Promise<Outcome> {
    let capabilities: ReadonlySet<string>;
    try {
      capabilities = this.#link.known ?? (await this.#link.capabilities());
      this.#telemetry.setRuntimeUp(true);
    } catch (error) {
      this.#telemetry.setRuntimeUp(false);
      const { fallback, fallbackWhenDown } = this.#options;
      const usableFallback =
        error instanceof RuntimeUnreachableError && fallbackWhenDown === true && fallback;
      return usableFallback
        ? this.#useFallback(withBody(http, request.body), 'runtime-down')
        : this.#failed(error, rpc, http);
    }
    const streams = rpc === 'Invoke' && capabilities.has('stream-post') && acceptsEventStream(http.headers);
    return this.#callRuntime(http, streams ? 'InvokeStream' : rpc, request, capabilities);
  }

  /** Makes one call. The call stays in flight until it ends. A stream ends long after its head. */
  async #callRuntime(
    http: GatewayRequest,
    rpc: RequestRpc,
    request: RuntimeRequest,
    capabilities: ReadonlySet<string>,
  ): Promise<Outcome> {
    const { method, signal: caller } = http;
    const isLive = rpc === 'InvokeStream' && method === 'GET';
    const call = this.#calls.begin({ caller, isLive, onEnd: this.#telemetry.callStarted(rpc) });
    try {
      const answer = await callRuntime(this.#options.runtime, {
        rpc,
        request,
        capabilities,
        limits: this.limits,
        signal: call.signal,
        onStreamEnd: (end) => {
          call.end();
          const isCallerGone = caller.aborted || (end.kind === 'cancelled' && this.#closing === undefined);
          this.#telemetry.streamEnded(end, isCallerGone);
        },
      });
      return { route: rpc, answer: call.answered(answer) };
    } catch (error) {
      call.end();
      if (!caller.aborted) return this.#failed(error, rpc, http);
      this.#telemetry.callerDisconnected();
      // The answer reaches no caller, and must not count as a failure of the runtime.
      return { route: rpc, answer: { ...toAnswer(error, http), status: callerGoneStatus } };
    }
  }

  async #useFallback(request: GatewayRequest, reason: FallbackReason): Promise<Outcome> {
    const { fallback } = this.#options;
    if (fallback === undefined) throw notServed(reason);
    this.#telemetry.fallbackUsed(reason);
    const answer = await this.#callFallback(fallback, request);
    const headers = [...answer.headers, [fallbackHeader, reason] as const];
    return { route: 'fallback', answer: { ...answer, headers } };
  }

  async #callFallback(fallback: Fallback, request: GatewayRequest): Promise<GatewayAnswer> {
    try {
      return await fallback.handle(request);
    } catch (error) {
      if (error instanceof GatewayRefusal) throw error;
      this.#telemetry.fallbackFailed(error);
      return toAnswer(error, request);
    }
  }

  #failed(error: unknown, route: Route, request: GatewayRequest): Outcome {
    this.#telemetry.callFailed(error, route);
    return { route, answer: toAnswer(error, request) };
  }
}

/** Returns a 502 without details of the error (CLIENT-12). */
function toAnswer(error: unknown, request: GatewayRequest): GatewayAnswer {
  const { status, headers, body } = toGatewayResponse(error, contextOf(request));
  return { status, headers: Object.entries(headers), body };
}

function contextOf({ headers }: GatewayRequest): ErrorContext {
  const [revision] = headerValues(headers, 'mcp-protocol-version');
  return { revision };
}

/** Calls a function once when the body of an answer has been read or abandoned. */
function afterBody(answer: GatewayAnswer, release: () => void): GatewayAnswer {
  const { body } = answer;
  if (body instanceof Uint8Array) {
    release();
    return answer;
  }
  let isReleased = false;
  const end = <T>(result: T): T => {
    if (!isReleased) release();
    isReleased = true;
    return result;
  };
  const counted: AsyncIterableIterator<Uint8Array> = {
    async next() {
      try {
        const step = await body.next();
        return step.done ? end(step) : step;
      } catch (error) {
        throw end(error);
      }
    },
    async return() {
      end(undefined);
      await body.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => counted,
  };
  return { ...answer, body: counted };
}

/** Returns the request with the body that has already been read. */
function withBody(request: GatewayRequest, body: RuntimeRequest['body']): GatewayRequest {
  return {
    ...request,
    body: (async function* () {
      if (body instanceof Uint8Array) yield body;
    })(),
  };
}

/**
 * Creates a gateway. Pass it to `fetchHandler`, `nodeHandler` or `serveGateway`.
 * @throws RangeError that names an invalid limit
 */
export function createGateway(options: GatewayOptions): Gateway {
  return new Gateway(options);
}
