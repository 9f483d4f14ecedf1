import { headerValues } from '../client/header-policy.ts';
import type { AuthContext } from '../client/index.ts';
import type { GatewayAnswer, GatewayRequest } from './exchange.ts';
import type { RefusalCode } from './refusal.ts';

/** A refused request: its caller, its path, and the reason. It has no credentials, query, body or session id. */
export interface RefusalRecord {
  /** The time of the refusal, as in RFC 3339. */
  readonly time: string;
  /** The owner that the credentials identify, or null if the caller is unknown. */
  readonly caller: string | null;
  /** The address of the peer, or null if it is unknown. */
  readonly peer: string | null;
  /** The origin of the page that sent the request, or null. */
  readonly origin: string | null;
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly status: number;
  /** The reason for the gateway's own refusal, or `runtime` if the runtime refused the request. */
  readonly reason: RefusalCode | 'runtime';
}

/** The statuses with which a runtime refuses a caller. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429]);

/** Callers choose these texts, so their size is limited. */
const maxLength = 256;

/** Describes the refusal of a request. Returns undefined if an answer of the runtime is not a refusal. */
export function refusalRecord(
  request: GatewayRequest,
  { status }: Pick<GatewayAnswer, 'status'>,
  { reason, authContext }: { readonly reason?: RefusalCode; readonly authContext?: AuthContext | undefined },
): RefusalRecord | undefined {
  if (reason === undefined && !refusals.has(status)) return undefined;
  const [origin] = headerValues(request.headers, 'origin');
  const [path = ''] = request.url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/);
  return {
    time: new Date().toISOString(),
    caller: ownerIn(authContext) ?? null,
    peer: request.peerAddress ?? null,
    origin: origin?.slice(0, maxLength) ?? null,
    method: request.method.slice(0, maxLength),
    path: path.slice(0, maxLength),
    status,
    reason: reason ?? 'runtime',
  };
}

/** Returns the owner in an auth context, which an authenticator has made. */
export function ownerIn(context: AuthContext | undefined): string | undefined {
  if (context === undefined) return undefined;
  try {
    const { email }: { email?: unknown } = JSON.parse(Buffer.from(context.encoded, 'base64url').toString());
    return typeof email === 'string' ? email : undefined;
  } catch {
    return undefined;
  }
}
