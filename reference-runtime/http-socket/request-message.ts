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

/** Returns the RPC for an HTTP request, or undefined for an unsupported method. */
export function rpcOf(incoming: IncomingMessage): RequestRpc | undefined {
  const streams = incoming.method === 'POST' && acceptsEventStream(incoming.headers.accept ?? '');
  return streams ? 'InvokeStream' : rpcOfMethod.get(incoming.method ?? '');
}

function acceptsEventStream(accept: string): boolean {
  return accept.split(',').some((range) => /^\s*text\/event-stream\s*(?:;|$)/i.test(range));
}

/**
 * Converts an HTTP request to a request message.
 * @throws CallRefused INVALID_ARGUMENT for an invalid internal field
 */
export function requestMessageOf(incoming: IncomingMessage, body: Uint8Array): McpRequest {
  const [path = '', ...query] = (incoming.url ?? '').split('?');
  const headers = joined(incoming.rawHeaders);
  const authContext = authContextOf(headers);
  return create(McpRequestSchema, {
    method: incoming.method ?? '',
    path,
    query: query.join('?'),
    body,
    headers: Object.fromEntries(headers),
    serverId: serverIdOf(headers),
    affinityForwarded: headers.get(internalFields.affinityForwarded) === 'true',
    sessionId: headers.get('mcp-session-id') ?? '',
    ...(authContext && { authContext }),
  });
}

/** Returns the fields by lower-case name. Repeated fields are joined with ", " (CLIENT-5). */
function joined(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    const value = rawHeaders[at + 1] ?? '';
    const earlier = fields.get(name);
    fields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return fields;
}

function serverIdOf(headers: ReadonlyMap<string, string>): string {
  try {
    return decodeURIComponent(headers.get(internalFields.serverId) ?? '');
  } catch {
    throw new CallRefused('INVALID_ARGUMENT', `${internalFields.serverId}: not percent-encoded UTF-8`);
  }
}

function authContextOf(headers: ReadonlyMap<string, string>) {
  const encoded = headers.get(internalFields.authContext);
  const expiresAt = headers.get(internalFields.authExpiresAt) ?? '0';
  if (encoded === undefined) return undefined;
  if (!/^\d{1,19}$/.test(expiresAt)) {
    throw new CallRefused('INVALID_ARGUMENT', `${internalFields.authExpiresAt}: must consist of digits`);
  }
  return create(McpAuthContextSchema, { encoded, expiresAtEpochMs: BigInt(expiresAt) });
}
