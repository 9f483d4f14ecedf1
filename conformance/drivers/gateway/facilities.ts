import { networkInterfaces } from 'node:os';
import type { GatewayCase, GatewayNeed } from '../../case/gateway-case.ts';
import type { Field } from './http-exchange.ts';

/** What the user says of the gateway, as requests need it. */
export interface Caller {
  /** The gateway's origin. */
  readonly url: URL;
  /** The fields of `--header`, on every request with valid credentials. */
  readonly fields: readonly Field[];
  readonly bearer?: string;
  readonly otherBearer?: string;
  readonly expiredBearer?: string;
}

/** What the user says of the gateway. */
export interface Facilities extends Caller {
  /** The claims that `bearer` or the fields stand for, as far as they are known. */
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly otherIdentity?: Readonly<Record<string, unknown>>;
  /** Whether something behind the gateway takes what is not for the runtime. */
  readonly hasFallback: boolean;
}

/** For each need, whether the user has provided for it, and the reason to skip a case where he has not. */
const needs: Readonly<Record<GatewayNeed, readonly [(given: Facilities) => boolean, string]>> = {
  bearer: [({ bearer }) => bearer !== undefined, 'no token is given (--bearer)'],
  identity: [
    ({ identity }) => identity !== undefined,
    'whom the credentials stand for is not given (--identity)',
  ],
  'other-bearer': [
    ({ otherBearer, otherIdentity }) => otherBearer !== undefined && otherIdentity !== undefined,
    "no second caller's token and identity are given (--other-bearer, --other-identity)",
  ],
  'expired-bearer': [
    ({ expiredBearer }) => expiredBearer !== undefined,
    'no expired token is given (--expired-bearer)',
  ],
  expiry: [
    ({ bearer }) => expiryOf(bearer) !== undefined,
    'the token of --bearer is no JWT with an end (exp)',
  ],
  'no-fallback': [
    ({ hasFallback }) => !hasFallback,
    'a fallback takes what is not for the runtime (--fallback)',
  ],
  'remote-address': [
    ({ url }) => remoteAddress() !== undefined && /^(localhost$|127\.)/.test(url.hostname),
    'this machine has no address but loopback ones, or the gateway is not on it',
  ],
  // How long a deadline is shows in the case's first call.
  'short-deadline': [() => true, ''],
};

/** Why a case is not held against the gateway; undefined where it is. */
export function reasonToSkip({ gatewayNeeds }: GatewayCase, facilities: Facilities): string | undefined {
  const missing = gatewayNeeds.find((need) => !needs[need][0](facilities));
  return missing && needs[missing][1];
}

/** An address of this machine that is no loopback address; undefined where it has none. */
export function remoteAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

/** When a bearer token says that it ends, in milliseconds since the epoch; undefined where it is no JWT that says so. */
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
