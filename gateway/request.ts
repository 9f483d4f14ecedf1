import { fieldMembers } from '../base/http-fields.ts';
import { readBytes } from '../base/read-bytes.ts';
import { headerValues } from '../client/header-policy.ts';
import {
  type FallbackReason,
  type HeaderSource,
  type HttpRequestTranslation,
  requestFromHttp,
} from '../client/index.ts';
import type { GatewayRequest } from './exchange.ts';
import { GatewayRefusal } from './refusal.ts';

/** Other versions of HTTP: clients offer them with ordinary requests, and a server may ignore the offer. */
const versionsOfHttp = /^(?:h2c?|http\/[\d.]+|tls\/[\d.]+)$/;

/**
 * What becomes of a request: the call of the runtime that stands for it, or something for the fallback. It is
 * `requestFromHttp`, and what a gateway has to hold beyond it. The call has no body and no auth context yet.
 * @throws GatewayRefusal 400 where the session is named twice (GW-10)
 */
export function translate(request: GatewayRequest): HttpRequestTranslation {
  const http = { ...request, body: undefined };
  if (isOtherPath(request)) return fallback('path');
  if (asksForUpgrade(request)) return fallback('upgrade');
  const translation = requestFromHttp(http);
  if (translation.kind === 'fallback') return translation;
  const ids = headerValues(request.headers, 'mcp-session-id');
  if (ids.length > 1) {
    throw new GatewayRefusal('session_repeated', 'mcp-session-id: came more than once');
  }
  // An id with a space in it is none that a runtime gives (SESSION-1).
  const sessionId = /^[\x21-\x7e]*$/.test(ids[0] ?? '') ? translation.request.sessionId : '';
  return { ...translation, request: { ...translation.request, sessionId } };
}

function fallback(reason: FallbackReason): HttpRequestTranslation {
  return { kind: 'fallback', reason };
}

/** Whether the path, as it came and without a fragment, is not the endpoint's (GW-4). */
function isOtherPath(request: GatewayRequest): boolean {
  const [path = ''] = request.url.split('?');
  if (path.includes('#')) return true;
  const asPost = requestFromHttp({ method: 'POST', url: request.url, headers: [] });
  return asPost.kind === 'fallback';
}

function asksForUpgrade({ headers }: GatewayRequest): boolean {
  const offers = fieldMembers(headerValues(headers, 'upgrade'));
  return offers.some((protocol) => protocol !== '' && !versionsOfHttp.test(protocol));
}

/**
 * Whether a caller takes server-sent events: `accept` names `text/event-stream` (GW-1). A caller that takes anything
 * gets an answer in one piece, which every HTTP client can read.
 */
export function acceptsEventStream(headers: HeaderSource): boolean {
  return fieldMembers(headerValues(headers, 'accept')).some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return type === 'text/event-stream' && (weight === undefined || Number(weight.slice(2)) > 0);
  });
}

/**
 * Reads a body whole. One that is too large is not read to its end (GW-49).
 * @param maxBytes the most that is accepted
 * @throws GatewayRefusal `body_too_large` (413) or `body_incomplete` (400)
 */
export async function readBody(request: GatewayRequest, maxBytes: number): Promise<Uint8Array> {
  const [declared] = headerValues(request.headers, 'content-length');
  if (Number(declared ?? 0) > maxBytes) throw tooLarge(maxBytes);
  try {
    return await readBytes(request.body, maxBytes, () => tooLarge(maxBytes));
  } catch (error) {
    if (error instanceof GatewayRefusal) throw error;
    throw new GatewayRefusal('body_incomplete', 'The body broke off');
  }
}

function tooLarge(maxBytes: number): GatewayRefusal {
  return new GatewayRefusal('body_too_large', `The body has more than ${maxBytes} bytes`);
}
