import type { HeaderPair } from '../client/index.ts';
import { gatewayErrorBody } from '../client/messages.ts';
import type { GatewayAnswer } from './exchange.ts';
import type { FallbackReason } from './fallback/fallback.ts';

/** Why the gateway itself says no, for its counter and for a `switch`. */
export type RefusalCode =
  | 'host_not_allowed'
  | 'origin_not_allowed'
  | 'authentication_required'
  | 'authentication_failed'
  | 'authentication_unavailable'
  | 'body_too_large'
  | 'body_incomplete'
  | 'session_repeated'
  | 'method_not_served'
  | 'path_not_served'
  | 'upgrade_not_served'
  | 'stopping';

/** What a refusal says. */
export interface RefusalOptions {
  readonly status: number;
  /** One line for the caller. */
  readonly message: string;
  readonly headers?: readonly HeaderPair[];
  /** What made the gateway refuse; for its log. */
  readonly cause?: unknown;
}

/** The gateway's own "no": nothing of the request has reached the runtime. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: readonly HeaderPair[];

  constructor(code: RefusalCode, { status, message, headers = [], cause }: RefusalOptions) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.headers = headers;
  }

  /** The response: a JSON-RPC error -32000 with `id` null. */
  toAnswer(): GatewayAnswer {
    const headers: HeaderPair[] = [['content-type', 'application/json'], ...this.headers];
    return { status: this.status, headers, body: gatewayErrorBody(this.message) };
  }
}

/** The refusal of a request that is not for the runtime, where there is no fallback. */
export function notServed(reason: FallbackReason): GatewayRefusal {
  if (reason === 'path') {
    return new GatewayRefusal('path_not_served', { status: 404, message: 'There is nothing at this path' });
  }
  if (reason === 'upgrade') {
    return new GatewayRefusal('upgrade_not_served', { status: 501, message: 'Upgrades are not served' });
  }
  const headers: HeaderPair[] = [['allow', 'GET, POST, DELETE']];
  return new GatewayRefusal('method_not_served', {
    status: 405,
    message: 'The method is not served',
    headers,
  });
}
