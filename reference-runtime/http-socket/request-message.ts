import type { IncomingMessage } from 'node:http';
import { create } from '@bufbuild/protobuf';
import { internalFields } from '../../base/http-fields.ts';
import {
  McpAuthContextSchema,
  type McpRequest,
  McpRequestSchema,
  type RequestRpc,
  rpcOfMethod,
} from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';

/** The maximum of `expires_at_epoch_ms`, an unsigned number of 64 bits. */
const maxExpiry = 2n ** 64n - 1n;
/** The field with the session id. */
const sessionField = 'mcp-session-id';
/** Fields that carry a typed field of the message, and occur at most once (HTTP-4). */
const typedFields: ReadonlySet<string> = new Set([sessionField, ...Object.values(internalFields)]);

/** The parts of an HTTP request that decide which call it is. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>;

/** Returns the RPC for an HTTP request, or undefined for an unsupported method (HTTP-3). */
export function rpcOf({ method, headers }: RequestHead): RequestRpc | undefined {
  const streams = method === 'POST' && acceptsEventStream(headers.accept ?? '');
  return streams ? 'InvokeStream' : rpcOfMethod.get(method ?? '');
}

function acceptsEventStream(accept: string): boolean {
  return accept.split(',').some((range) => /^\s*text\/event-stream\s*(?:;|$)/i.test(range));
}

/**
 * Converts an HTTP request to a request message (HTTP-3, HTTP-4).
 * @throws CallRefused INVALID_ARGUMENT for an invalid or repeated internal field
 */
export function requestMessageOf({ method, url, rawHeaders }: RequestHead, body: Uint8Array): McpRequest {
  const [path = '', ...query] = (url ?? '').split('?');
  const headers = joined(rawHeaders);
  const authContext = authContextOf(headers);
  return create(McpRequestSchema, {
    method: method ?? '',
    path,
    query: query.join('?'),
    body,
    headers: Object.fromEntries(headers),
    serverId: serverIdOf(headers),
    affinityForwarded: affinityOf(headers),
    sessionId: headers.get(sessionField) ?? '',
    ...(authContext && { authContext }),
  });
}

/**
 * Returns the fields by lower-case name. Repeated fields are joined with ", " (CLIENT-5).
 * @throws CallRefused for a repeated field that carries a typed field
 */
function joined(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    const value = rawHeaders[at + 1] ?? '';
    const earlier = fields.get(name);
    if (earlier !== undefined && typedFields.has(name)) throw invalid(name, 'must not occur more than once');
    fields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return fields;
}

function serverIdOf(headers: ReadonlyMap<string, string>): string {
  try {
    return decodeURIComponent(headers.get(internalFields.serverId) ?? '');
  } catch {
    throw invalid(internalFields.serverId, 'must be percent-encoded UTF-8');
  }
}

function affinityOf(headers: ReadonlyMap<string, string>): boolean {
  const value = headers.get(internalFields.affinityForwarded);
  if (value === undefined || value === 'true') return value !== undefined;
  throw invalid(internalFields.affinityForwarded, 'must be "true", or absent');
}

function authContextOf(headers: ReadonlyMap<string, string>) {
  const encoded = headers.get(internalFields.authContext);
  const expiresAt = headers.get(internalFields.authExpiresAt) ?? '0';
  if (!/^\d{1,20}$/.test(expiresAt) || BigInt(expiresAt) > maxExpiry) {
    throw invalid(internalFields.authExpiresAt, 'must be an unsigned number of 64 bits in decimal digits');
  }
  if (encoded === undefined) return undefined;
  return create(McpAuthContextSchema, { encoded, expiresAtEpochMs: BigInt(expiresAt) });
}

function invalid(field: string, problem: string): CallRefused {
  return new CallRefused('INVALID_ARGUMENT', `${field}: ${problem}`);
}
