import { isFieldName } from '../base/http-fields.ts';
import { headerValues } from '../client/header-policy.ts';
import type { HeaderPair } from '../client/index.ts';
import { type GatewayAnswer, type GatewayRequest, noBody } from './exchange.ts';

/** Fields that pages may read, in addition to those that every page may read. */
const readable = ['mcp-session-id', 'www-authenticate', 'retry-after', 'x-mcp-gateway-fallback'];

/** How long a browser may keep the answer to a preflight, in seconds. */
const preflightSeconds = 600;

/** Returns the origin of a request, if the operator has allowed it by name or allows every origin. */
function allowedOrigin(request: GatewayRequest, allowedOrigins: readonly string[]): string | undefined {
  const [origin, ...more] = headerValues(request.headers, 'origin');
  if (origin === undefined || more.length > 0 || !/^[\x21-\x7e]+$/.test(origin)) return undefined;
  const isAllowed = allowedOrigins.some(
    (allowed) => allowed === '*' || allowed.toLowerCase() === origin.toLowerCase(),
  );
  return isAllowed ? origin : undefined;
}

/** Answers the preflight of a browser for an allowed origin. Returns undefined for any other request. */
export function preflightAnswer(
  request: GatewayRequest,
  allowedOrigins: readonly string[],
): GatewayAnswer | undefined {
  const wanted = headerValues(request.headers, 'access-control-request-method');
  if (request.method !== 'OPTIONS' || wanted.length === 0) return undefined;
  if (allowedOrigin(request, allowedOrigins) === undefined) return undefined;
  // The names of mcp-param-* fields depend on tools, so the names are those that the browser asks for.
  const names = headerValues(request.headers, 'access-control-request-headers')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter(isFieldName);
  const headers: HeaderPair[] = [
    ['access-control-allow-methods', 'GET, POST, DELETE'],
    ...(names.length === 0 ? [] : [['access-control-allow-headers', names.join(', ')] as const]),
    ['access-control-max-age', String(preflightSeconds)],
  ];
  return { status: 204, headers, body: noBody };
}

/** Adds the fields that let pages of an allowed origin read an answer. Leaves other answers unchanged. */
export function withCors(
  answer: GatewayAnswer,
  request: GatewayRequest,
  allowedOrigins: readonly string[],
): GatewayAnswer {
  const origin = allowedOrigin(request, allowedOrigins);
  const hasOwn = answer.headers.some(([name]) => name.toLowerCase() === 'access-control-allow-origin');
  if (origin === undefined || hasOwn) return answer;
  const headers: HeaderPair[] = [
    ...answer.headers,
    ['access-control-allow-origin', origin],
    ['access-control-expose-headers', readable.join(', ')],
    ['vary', 'origin'],
  ];
  return { ...answer, headers };
}
