import type { HeaderPair } from '../client/index.ts';
import { type ErrorContext, gatewayErrorBody } from '../client/messages.ts';
import type { GatewayAnswer } from './exchange.ts';
import type { FallbackReason } from './fallback.ts';

/** The HTTP status of each refusal. */
const statuses = {
  host_not_allowed: 403,
  origin_not_allowed: 403,
  authentication_required: 401,
  authentication_failed: 401,
  authentication_unavailable: 503,
  body_too_large: 413,
  body_incomplete: 400,
  session_repeated: 400,
  method_not_served: 405,
  path_not_served: 404,
  upgrade_not_served: 501,
  transfer_coding_not_supported: 501,
  too_many_calls: 429,
  rate_exceeded: 429,
  stopping: 503,
};

/** The reason of a refusal, for metrics and for a `switch`. */
export type RefusalCode = keyof typeof statuses;

/** Details of a refusal, in addition to its message. */
export interface RefusalOptions {
  readonly headers?: readonly HeaderPair[];
  /** The error that caused the refusal, for the log. */
  readonly cause?: unknown;
}

/** A request that the gateway itself refuses, before any part of it reaches the runtime. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: readonly HeaderPair[];

  /** @param message one line for the caller */
  constructor(code: RefusalCode, message: string, { headers = [], cause }: RefusalOptions = {}) {
    super(message, { cause });
    this.code = code;
    this.status = statuses[code];
    this.headers = headers;
  }

  /** Returns the response, whose body is the JSON-RPC error of a gateway. */
  toAnswer(context: ErrorContext): GatewayAnswer {
    const headers: HeaderPair[] = [['content-type', 'application/json'], ...this.headers];
    return { status: this.status, headers, body: gatewayErrorBody(this.message, this.status, context) };
  }
}

/** Returns the refusal of a request that the runtime does not serve, if the gateway has no fallback. */
export function notServed(reason: FallbackReason): GatewayRefusal {
  if (reason === 'path') return new GatewayRefusal('path_not_served', 'Unknown path');
  if (reason === 'upgrade') return new GatewayRefusal('upgrade_not_served', 'Upgrades are not supported');
  const headers: HeaderPair[] = [['allow', 'GET, POST, DELETE']];
  return new GatewayRefusal('method_not_served', 'The method is not supported', { headers });
}
