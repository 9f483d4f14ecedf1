import { isObject } from '../../base/is-object.ts';
import type { Exchange } from './exchange.ts';
import type { ServerMessage } from './server-link.ts';

/** Thrown if a server request cannot be sent, because the caller has no open stream. */
export class NoOpenStream extends Error {
  override readonly name = 'NoOpenStream';
  readonly code = 'no_open_stream';
}

/** Thrown if a server request cannot be sent, because the caller did not declare its capability (MCP-9). */
export class CapabilityMissing extends Error {
  override readonly name = 'CapabilityMissing';
  readonly code = 'capability_missing';
}

/** The capability that a caller declares for each request of a server. */
const capabilityOf: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** Returns the capabilities that a caller declares in the params of `initialize`. */
export function declaredCapabilities(params: unknown): ReadonlySet<string> {
  const capabilities = isObject(params) ? params['capabilities'] : undefined;
  return new Set(isObject(capabilities) ? Object.keys(capabilities) : []);
}

/** Checks a request of the server. @throws CapabilityMissing if the caller did not declare its capability (MCP-9) */
export function checkCapability(declared: ReadonlySet<string>, method: string): void {
  const capability = capabilityOf[method];
  if (capability === undefined || declared.has(capability)) return;
  throw new CapabilityMissing(`The caller does not support ${capability}`);
}

/** Returns whether a notification never belongs to a request. */
function belongsToSession(method: string): boolean {
  return method === 'notifications/resources/updated' || method.endsWith('/list_changed');
}

/** The state from which `routeOf` chooses the request of a message. */
export interface RouteOptions {
  /** The requests in flight, oldest first, by internal id. */
  readonly exchanges: ReadonlyMap<number, Exchange>;
  /** Whether the server states the request to which a message belongs. */
  readonly statesRelation: boolean;
  /** Whether a call reads the live stream. */
  readonly liveIsRead: boolean;
}

/**
 * Returns the internal id of the request to which a message belongs, or undefined for the live stream. Progress belongs
 * to the request with its token (MCP-7). If the server does not state the request of another notification and nobody
 * reads the live stream, it goes to the only request in flight, but only on a stream: messages must not make a unary
 * answer too large. A server request goes to a request with a stream.
 */
export function routeOf(message: ServerMessage, options: RouteOptions): number | undefined {
  const { id, method, params, related } = message;
  if (related !== undefined) return Number(related);
  const { exchanges, statesRelation, liveIsRead } = options;
  if (method === 'notifications/progress') return progressRequest(params, exchanges);
  if (id === undefined) {
    const mayBelong = !(statesRelation || liveIsRead || belongsToSession(method)) && exchanges.size === 1;
    return mayBelong ? [...exchanges].find(([, { path }]) => path.interactive)?.[0] : undefined;
  }
  const interactive = [...exchanges].filter(([, { path }]) => path.interactive);
  if (interactive.length > 1 && liveIsRead) return undefined;
  return interactive.at(-1)?.[0];
}

/** Servers may parse the token, so numbers are compared as doubles. */
function progressRequest(params: unknown, exchanges: ReadonlyMap<number, Exchange>): number | undefined {
  const token = isObject(params) ? params['progressToken'] : undefined;
  for (const [id, { request }] of exchanges) {
    if (request.progressToken !== undefined && JSON.parse(request.progressToken) === token) return id;
  }
  return undefined;
}
