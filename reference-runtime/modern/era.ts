import { isObject } from '../../base/is-object.ts';
import type { RequestHeaders } from '../http/call.ts';
import type { IncomingMessage } from '../mcp/envelope.ts';

/** The MCP revision without handshake and sessions that this runtime serves. */
export const modernRevision = '2026-07-28';

/** The key of `_meta` that names the revision of a request. */
export const revisionKey = 'io.modelcontextprotocol/protocolVersion';

/** Returns whether the header fields name the sessionless revision. */
export function namesModernRevision(headers: RequestHeaders): boolean {
  return headers.get('mcp-protocol-version')?.trim() === modernRevision;
}

/**
 * Returns whether a message belongs to the sessionless era. Its own `_meta` decides. Without a revision there, the
 * header field does, so that a request whose `_meta` is incomplete gets the error of its era.
 */
export function isModern(message: IncomingMessage, headers: RequestHeaders): boolean {
  return claimsRevision(message) || namesModernRevision(headers);
}

/** Returns whether the `_meta` of a message names a revision. */
export function claimsRevision(message: IncomingMessage): boolean {
  if (message.kind === 'response' || !isObject(message.params)) return false;
  const { _meta: meta } = message.params;
  return isObject(meta) && Object.hasOwn(meta, revisionKey);
}
