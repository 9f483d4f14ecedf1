import { type FallbackReason, type HttpRequestTranslation, requestFromHttp } from '../client/index.ts';
import { type GatewayRequest, headerValues } from './exchange.ts';
import { GatewayRefusal } from './refusal.ts';

/** Other versions of HTTP: clients offer them with ordinary requests, and a server need not take the offer up. */
const versionsOfHttp = /^(?:h2c?|http\/[\d.]+|tls\/[\d.]+)$/i;

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
    throw new GatewayRefusal('session_repeated', {
      status: 400,
      message: 'mcp-session-id: came more than once',
    });
  }
  // An id with a space in it is none that a runtime gives (SESSION-1).
  const sessionId = /^[\x21-\x7e]*$/.test(ids[0] ?? '') ? translation.request.sessionId : '';
  return { ...translation, request: { ...translation.request, sessionId } };
}

function fallback(reason: FallbackReason): HttpRequestTranslation {
  return { kind: 'fallback', reason };
}

/** The path as it came has to be the endpoint's: no slash after it, and nothing that counts as not there (GW-4). */
function isOtherPath(request: GatewayRequest): boolean {
  const [path = ''] = request.url.split('?');
  if (path.endsWith('/') || path.includes('#')) return true;
  const asPost = requestFromHttp({ method: 'POST', url: request.url, headers: [] });
  return asPost.kind === 'fallback';
}

function asksForUpgrade(request: GatewayRequest): boolean {
  return headerValues(request.headers, 'upgrade')
    .flatMap((value) => value.split(','))
    .some((protocol) => protocol.trim() !== '' && !versionsOfHttp.test(protocol.trim()));
}
