import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestRpc } from '../proto/index.ts';

/** What a request became: a call of the runtime, one of the fallback, or nothing beyond the gateway. */
export type Route = RequestRpc | 'fallback' | 'none';

/** What a gateway counts, in the form that Prometheus reads. */
export class GatewayMetrics {
  readonly registry: Registry;
  readonly #requests: Counter<'route' | 'status'>;
  readonly #duration: Histogram<'route'>;
  readonly #inFlight: Gauge<'route'>;
  readonly #streamBreaks: Counter;
  readonly #failures: Counter<'code'>;
  readonly #refusals: Counter<'reason'>;
  readonly #fallbacks: Counter<'reason'>;
  readonly #callersGone: Counter;
  readonly #up: Gauge;

  constructor(registry: Registry = new Registry()) {
    this.registry = registry;
    const registers = [registry];
    this.#requests = new Counter({
      name: 'mcp_gateway_requests_total',
      help: 'HTTP requests by what they became and the status of their response',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'mcp_gateway_request_duration_seconds',
      help: 'Time until a response was complete, or for a stream until its head was known',
      labelNames: ['route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.#inFlight = new Gauge({
      name: 'mcp_gateway_calls_in_flight',
      help: 'Calls of the runtime under way, open streams among them',
      labelNames: ['route'],
      registers,
    });
    this.#streamBreaks = new Counter({
      name: 'mcp_gateway_streams_broken_total',
      help: 'Streams that broke off after their head had gone out',
      registers,
    });
    this.#failures = new Counter({
      name: 'mcp_gateway_transport_failures_total',
      help: 'Calls of the runtime that failed on the transport, by code',
      labelNames: ['code'],
      registers,
    });
    this.#refusals = new Counter({
      name: 'mcp_gateway_refusals_total',
      help: 'Requests that the gateway itself refused, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'mcp_gateway_fallbacks_total',
      help: 'Requests that went to the fallback, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.#callersGone = new Counter({
      name: 'mcp_gateway_callers_gone_total',
      help: 'Calls of the runtime that were cancelled because their caller went away',
      registers,
    });
    this.#up = new Gauge({
      name: 'mcp_gateway_runtime_up',
      help: '1 while the runtime is there, as far as the last call could tell',
      registers,
    });
  }

  answered(route: Route, status: number, seconds: number): void {
    this.#requests.inc({ route, status: String(status) });
    this.#duration.observe({ route }, seconds);
  }

  /** @returns to be called when the call is over */
  callBegins(route: Route): () => void {
    this.#inFlight.inc({ route });
    return () => this.#inFlight.dec({ route });
  }

  streamBroke(): void {
    this.#streamBreaks.inc();
  }

  callFailed(code: string): void {
    this.#failures.inc({ code });
  }

  refused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  fellBack(reason: string): void {
    this.#fallbacks.inc({ reason });
  }

  callerWent(): void {
    this.#callersGone.inc();
  }

  runtimeIs(up: boolean): void {
    this.#up.set(up ? 1 : 0);
  }
}
