import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { errorMessage } from '../base/error-message.ts';
import { AbortError, RuntimeClientError } from '../client/index.ts';
import type { RequestRpc } from '../proto/index.ts';
import type { FallbackReason } from './fallback.ts';
import type { GatewayLogger } from './options.ts';
import type { GatewayRefusal } from './refusal.ts';
import type { StreamEnd } from './runtime/stream-body.ts';

/** The route of a request: an RPC of the runtime, the fallback, or `none` if the gateway itself answered. */
export type Route = RequestRpc | 'fallback' | 'none';

const help = {
  requests_total: 'HTTP requests by route and response status',
  request_duration_seconds: 'Time until a response was complete, or until the head of a stream',
  calls_in_flight: 'Calls to the runtime in flight, including open streams',
  streams_broken_total: 'Streams that failed after their head was sent',
  transport_failures_total: 'Calls to the runtime that failed in transport, by code',
  refusals_total: 'Requests that the gateway itself refused, by reason',
  fallbacks_total: 'Requests sent to the fallback, by reason',
  callers_gone_total: 'Calls to the runtime that were cancelled because their caller disconnected',
  runtime_up: '1 if the last call reached the runtime, otherwise 0',
};

function metricsIn(registry: Registry) {
  const metric = <Label extends string = never>(name: keyof typeof help, ...labelNames: Label[]) => ({
    name: `mcp_gateway_${name}`,
    help: help[name],
    labelNames,
    registers: [registry],
  });
  const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
  return {
    requests: new Counter(metric('requests_total', 'route', 'status')),
    duration: new Histogram({ ...metric('request_duration_seconds', 'route'), buckets }),
    inFlight: new Gauge(metric('calls_in_flight', 'route')),
    streamBreaks: new Counter(metric('streams_broken_total')),
    failures: new Counter(metric('transport_failures_total', 'code')),
    refusals: new Counter(metric('refusals_total', 'reason')),
    fallbacks: new Counter(metric('fallbacks_total', 'reason')),
    callersGone: new Counter(metric('callers_gone_total')),
    up: new Gauge(metric('runtime_up')),
  };
}

/** The Prometheus metrics and the log of a gateway. */
export class Telemetry {
  readonly registry: Registry;
  readonly #logger: GatewayLogger | undefined;
  readonly #metrics: ReturnType<typeof metricsIn>;

  constructor(registry: Registry = new Registry(), logger?: GatewayLogger) {
    this.registry = registry;
    this.#logger = logger;
    this.#metrics = metricsIn(registry);
  }

  /** Counts an answer. @param startedAt start of the request, as `performance.now()` returned it */
  answered(route: Route, status: number, startedAt: number): void {
    this.#metrics.requests.inc({ route, status: String(status) });
    this.#metrics.duration.observe({ route }, (performance.now() - startedAt) / 1000);
  }

  /** Counts a call in flight. Returns a function to call at its end. */
  callStarted(route: Route): () => void {
    this.#metrics.inFlight.inc({ route });
    return () => this.#metrics.inFlight.dec({ route });
  }

  callFailed(error: unknown, route: Route): void {
    this.#metrics.failures.inc({ code: error instanceof RuntimeClientError ? error.code : codeOf(error) });
    this.#warn(error, `${route === 'none' ? 'a request' : route} failed`);
  }

  /** Counts the end of a stream. @param isCallerGone whether the caller disconnected */
  streamEnded(end: StreamEnd, isCallerGone: boolean): void {
    if (end.kind === 'complete') return;
    if (isCallerGone) {
      this.callerDisconnected();
    } else if (end.kind === 'broken') {
      this.#metrics.streamBreaks.inc();
      this.#warn(end.error, 'a stream failed');
    }
  }

  refused({ code, cause }: GatewayRefusal): void {
    this.#metrics.refusals.inc({ reason: code });
    if (cause !== undefined) this.#warn(cause, 'the authenticator failed');
  }

  fallbackUsed(reason: FallbackReason): void {
    this.#metrics.fallbacks.inc({ reason });
  }

  fallbackFailed(error: unknown): void {
    this.#warn(error, 'the fallback failed');
  }

  callerDisconnected(): void {
    this.#metrics.callersGone.inc();
  }

  setRuntimeUp(up: boolean): void {
    this.#metrics.up.set(up ? 1 : 0);
  }

  #warn(error: unknown, message: string): void {
    this.#logger?.warn({ error: errorMessage(error), code: codeOf(error) }, message);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof AbortError) return 'ABORTED';
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNEXPECTED';
}
