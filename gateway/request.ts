import { fieldMembers } from '../base/http-fields.ts';
import { readBytes } from '../base/read-bytes.ts';
import { headerValues } from '../client/header-policy.ts';
import {
  type FallbackReason,
  type HeaderSource,
  type HttpRequestTranslation,
  requestFromHttp,
} from '../client/index.ts';
import { isMcpEndpoint } from '../client/request-from-http.ts';
import type { GatewayRequest } from './exchange.ts';
import { GatewayRefusal } from './refusal.ts';

/** A request that becomes a call. */
export type TranslatedRequest = Extract<HttpRequestTranslation, { readonly rpc: unknown }>;

/** Upgrades to other HTTP versions, which clients offer in ordinary requests. A server may ignore these offers. */
const versionsOfHttp = /^(?:h2c?|http\/[\d.]+|tls\/[\d.]+)$/;

/**
 * Translates a request to a call to the runtime, or decides that the fallback handles it. Adds the rules for gateways
 * to `requestFromHttp`. The returned call does not have a body or an auth context yet.
 * @throws GatewayRefusal 400 for a repeated session id (GW-10), or 501 for a transfer coding
 */
export function translate(request: GatewayRequest): HttpRequestTranslation {
  checkTransferCoding(request);
  if (isOtherPath(request)) return fallback('path');
  if (asksForUpgrade(request)) return fallback('upgrade');
  const { method, url, headers, peerAddress } = request;
  const translation = requestFromHttp({ method, url, headers, peerAddress });
  if (translation.kind === 'fallback') return translation;
  const ids = headerValues(headers, 'mcp-session-id');
  if (ids.length > 1) {
    throw new GatewayRefusal('session_repeated', 'mcp-session-id: must not be repeated');
  }
  // A runtime never issues an id with a space (SESSION-1).
  const sessionId = /^[\x21-\x7e]*$/.test(ids[0] ?? '') ? translation.request.sessionId : '';
  return { ...translation, request: { ...translation.request, sessionId } };
}

function fallback(reason: FallbackReason): HttpRequestTranslation {
  return { kind: 'fallback', reason };
}

/** Node decodes only `chunked`. A runtime must not get the bytes of another coding. @throws GatewayRefusal 501 */
function checkTransferCoding({ headers }: GatewayRequest): void {
  const codings = fieldMembers(headerValues(headers, 'transfer-encoding'));
  if (codings.every((coding) => coding === '' || coding === 'chunked')) return;
  throw new GatewayRefusal('transfer_coding_not_supported', 'The transfer coding is not supported', {
    headers: [['connection', 'close']],
  });
}

/** Returns whether the raw path has a fragment or is not the path of an MCP endpoint (GW-4). */
function isOtherPath(request: GatewayRequest): boolean {
  const [path = ''] = request.url.split('?');
  if (path.includes('#')) return true;
  return !isMcpEndpoint(request.url);
}

function asksForUpgrade({ headers }: GatewayRequest): boolean {
  const offers = fieldMembers(headerValues(headers, 'upgrade'));
  return offers.some((protocol) => protocol !== '' && !versionsOfHttp.test(protocol));
}

/**
 * Returns whether a caller accepts server-sent events, which means that `accept` names `text/event-stream` (GW-1). A
 * wildcard does not count, because every HTTP client can read a unary answer.
 */
export function acceptsEventStream(headers: HeaderSource): boolean {
  return fieldMembers(headerValues(headers, 'accept')).some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return type === 'text/event-stream' && (weight === undefined || Number(weight.slice(2)) > 0);
  });
}

/**
 * Reads a complete body. Stops at the limit (GW-49).
 * @param maxBytes the maximum size in bytes
 * @throws GatewayRefusal `body_too_large` (413) or `body_incomplete` (400)
 */
export async function readBody(request: GatewayRequest, maxBytes: number): Promise<Uint8Array> {
  const [declared] = headerValues(request.headers, 'content-length');
  if (Number(declared ?? 0) > maxBytes) throw tooLarge(maxBytes);
  try {
    return await readBytes(request.body, maxBytes, () => tooLarge(maxBytes));
  } catch (error) {
    if (error instanceof GatewayRefusal) throw error;
    throw new GatewayRefusal('body_incomplete', 'The body is incomplete');
  }
}

function tooLarge(maxBytes: number): GatewayRefusal {
  return new GatewayRefusal('body_too_large', `The body has more than ${maxBytes} bytes`);
}
