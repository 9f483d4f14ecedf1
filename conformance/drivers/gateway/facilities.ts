import { networkInterfaces } from 'node:os';
import type { GatewayCase, GatewayNeed } from '../../case/gateway-case.ts';
import type { Field } from './http-exchange.ts';

/** The user's settings for requests. */
export interface Caller {
  /** Origin of the gateway. */
  readonly url: URL;
  /** Fields from `--header`, sent with every request that carries valid credentials. */
  readonly fields: readonly Field[];
  readonly bearer?: string;
  readonly otherBearer?: string;
  readonly expiredBearer?: string;
  /** A token of another issuer or subject with the email address of `bearer`. */
  readonly namesakeBearer?: string;
  /** A token whose key was withdrawn. */
  readonly withdrawnBearer?: string;
}

/** The user's description of the gateway. */
export interface Facilities extends Caller {
  /** The known claims of the caller that `bearer` or `fields` identifies. */
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly otherIdentity?: Readonly<Record<string, unknown>>;
  /** Whether another service behind the gateway handles requests that are not for the runtime. */
  readonly hasFallback: boolean;
}

/** For each need, a predicate that tells whether it is met, and the reason to skip a case if it is not. */
const needs: Readonly<Record<GatewayNeed, readonly [(given: Facilities) => boolean, string]>> = {
  bearer: [({ bearer }) => bearer !== undefined, 'needs a token (--bearer)'],
  identity: [({ identity }) => identity !== undefined, 'needs the identity of the caller (--identity)'],
  'other-bearer': [
    ({ otherBearer, otherIdentity }) => otherBearer !== undefined && otherIdentity !== undefined,
    'needs the token and identity of a second caller (--other-bearer, --other-identity)',
  ],
  'expired-bearer': [
    ({ expiredBearer }) => expiredBearer !== undefined,
    'needs an expired token (--expired-bearer)',
  ],
  'namesake-bearer': [
    ({ namesakeBearer }) => namesakeBearer !== undefined,
    'needs the token of another caller with the same email address (--namesake-bearer)',
  ],
  'withdrawn-bearer': [
    ({ withdrawnBearer }) => withdrawnBearer !== undefined,
    'needs a token whose key was withdrawn (--withdrawn-bearer)',
  ],
  expiry: [({ bearer }) => expiryOf(bearer) !== undefined, 'needs a JWT with an `exp` claim (--bearer)'],
  'no-fallback': [
    ({ hasFallback }) => !hasFallback,
    'does not apply to a gateway with a fallback (--fallback)',
  ],
  'remote-address': [
    ({ url }) => remoteAddress() !== undefined && /^(localhost$|127\.)/.test(url.hostname),
    'needs a gateway on this machine, and a non-loopback address to call it from',
  ],
  // Only the first call of the case shows how long the deadline is.
  'short-deadline': [() => true, ''],
};

/** Returns the reason to skip a case, or undefined if it applies to the gateway. */
export function reasonToSkip({ gatewayNeeds }: GatewayCase, facilities: Facilities): string | undefined {
  const missing = gatewayNeeds.find((need) => !needs[need][0](facilities));
  return missing && needs[missing][1];
}

/** Returns a non-loopback address of this machine, or undefined if there is no such address. */
export function remoteAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

/** Returns the expiry of a JWT in milliseconds since the epoch, or undefined if the token has no expiry. */
export function expiryOf(token: string | undefined): number | undefined {
  const [, payload, ...rest] = token?.split('.') ?? [];
  if (payload === undefined || rest.length !== 1) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const expiry = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined;
    return typeof expiry === 'number' ? expiry * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
