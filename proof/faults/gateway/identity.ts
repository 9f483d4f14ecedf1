import { create } from '@bufbuild/protobuf';
import { decodeJwt, type JWTPayload } from 'jose';
import { type AuthClaims, encodeAuthContext } from '../../../client/index.ts';
import type { Authentication } from '../../../gateway/index.ts';
import { type McpAuthContext, McpAuthContextSchema } from '../../../proto/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { fieldOf, withdrawnKeyHeader } from '../changes/gateway.ts';

/** Takes the auth context from a header field of the caller. */
function contextFrom(field: string): Pick<GatewayChange, 'message'> {
  return {
    message: (message, http) => {
      const encoded = fieldOf(http, field);
      return encoded === undefined ? message : { ...message, authContext: context(encoded) };
    },
  };
}

function context(encoded: string, expiresAtEpochMs = 0n): McpAuthContext {
  return create(McpAuthContextSchema, { encoded, expiresAtEpochMs });
}

function claims(changes: Partial<AuthClaims>): McpAuthContext {
  return create(McpAuthContextSchema, { ...encodeAuthContext({ isAuthenticated: true, ...changes }) });
}

/** Faults in identity. */
export const identityFaults = gatewayFaults([
  {
    name: 'context-from-an-internal-field',
    clause: 'GW-21',
    about: 'The gateway replaces the auth context with x-contextforge-auth-context',
    ...contextFrom('x-contextforge-auth-context'),
  },
  {
    name: 'context-from-a-field',
    clause: 'GW-21',
    about: 'The gateway replaces the auth context with x-auth-context',
    ...contextFrom('x-auth-context'),
  },
  {
    name: 'user-from-a-field',
    clause: 'GW-21',
    about: 'The gateway takes the caller from x-forwarded-user',
    message: (message, http) => {
      const email = fieldOf(http, 'x-forwarded-user');
      return email === undefined ? message : { ...message, authContext: claims({ email }) };
    },
  },
  {
    name: 'context-from-the-query',
    clause: 'GW-21',
    about: 'The gateway takes the auth context from the query',
    message: (message) => {
      const encoded = new URLSearchParams(message.query).get('auth_context');
      return encoded === null ? message : { ...message, authContext: context(encoded) };
    },
  },
  {
    name: 'forwarded-calls-are-trusted',
    clause: 'GW-21',
    about: 'The gateway treats forwarded calls as calls by an administrator',
    message: (message) =>
      message.affinityForwarded
        ? { ...message, authContext: claims({ email: 'gateway', isAdmin: true }) }
        : message,
  },
  {
    name: 'no-context',
    clause: 'GW-21',
    about: 'The gateway omits the auth context',
    message: ({ authContext: _left, ...message }) => message,
  },
  {
    name: 'context-padded',
    clause: 'GW-21',
    about: 'The gateway encodes the auth context in padded base64',
    message: (message) => {
      const { authContext } = message;
      if (authContext === undefined) return message;
      const bytes = Buffer.from(`${Buffer.from(authContext.encoded, 'base64url')} \n`);
      return {
        ...message,
        authContext: context(`${bytes.toString('base64')}=`, authContext.expiresAtEpochMs),
      };
    },
  },
  {
    name: 'no-expiry',
    clause: 'GW-22',
    about: 'The gateway omits the expiry of the credentials',
    message: (message) => {
      const { authContext } = message;
      return authContext === undefined ? message : { ...message, authContext: context(authContext.encoded) };
    },
  },
  {
    name: 'expiry-in-seconds',
    clause: 'GW-22',
    about: 'The gateway sends the expiry of the credentials in seconds',
    message: (message) => {
      const { authContext } = message;
      if (authContext === undefined) return message;
      return { ...message, authContext: context(authContext.encoded, authContext.expiresAtEpochMs / 1000n) };
    },
  },
  {
    name: 'owner-is-the-email',
    clause: 'GW-56',
    about:
      'The gateway identifies a caller by the email address in the token, which other subjects may share',
    ...afterToken((found, token) => {
      if (found.kind !== 'authenticated') return found;
      const payload = decodeJwt(token);
      const [name] = String(payload['email'] ?? payload.sub).split('@');
      return authenticated(`${payload.iss}#${name}`, payload);
    }),
  },
  {
    name: 'withdrawn-keys-are-valid',
    clause: 'GW-57',
    about: 'The gateway accepts tokens whose key was withdrawn',
    ...afterToken((found, token) => {
      const isWithdrawn = found.kind === 'refused' && token.startsWith(withdrawnKeyHeader);
      return isWithdrawn ? authenticated('withdrawn', decodeJwt(token)) : found;
    }),
  },
  {
    name: 'wrong-credentials-are-none',
    clause: 'GW-23',
    about: 'The gateway treats a caller with invalid credentials as anonymous',
    authenticator: (inner) => ({
      ...inner,
      authenticate: async (request): Promise<Authentication> => {
        const found = await inner.authenticate(request);
        return found.kind === 'refused' ? { kind: 'anonymous' } : found;
      },
    }),
  },
  {
    name: 'expired-credentials-are-none',
    clause: 'GW-23',
    about: 'The gateway treats a caller with expired credentials as anonymous',
    authenticator: (inner) => ({
      ...inner,
      authenticate: async (request): Promise<Authentication> => {
        const found = await inner.authenticate(request);
        const isExpired = found.kind === 'refused' && found.message.includes('expired');
        return isExpired ? { kind: 'anonymous' } : found;
      },
    }),
  },
  {
    name: 'other-schemes-are-none',
    clause: 'GW-23',
    about: 'The gateway treats a caller with another authentication scheme as anonymous',
    authenticator: (inner) => ({
      ...inner,
      authenticate: async (request): Promise<Authentication> => {
        const isBasic = request.headers.some(
          ([name, value]) => /^authorization$/i.test(name) && /^basic/i.test(value),
        );
        return isBasic ? { kind: 'anonymous' } : inner.authenticate(request);
      },
    }),
  },
  {
    name: 'nobody-is-somebody',
    clause: 'GW-24',
    about: 'The gateway treats a caller without credentials as authenticated',
    message: (message) => ({
      ...message,
      authContext: message.authContext ?? claims({ email: 'anonymous@example.org' }),
    }),
  },
  {
    name: 'identity-of-the-connection',
    clause: 'GW-25',
    about: 'The gateway reuses the first identity of a connection',
    ...perConnection(),
  },
  {
    name: 'no-challenge',
    clause: 'GW-26',
    about: 'The gateway omits www-authenticate from a 401 response',
    answer: (answer) => ({
      ...answer,
      headers: answer.headers.filter(([name]) => name !== 'www-authenticate'),
    }),
  },
  {
    name: 'answers-for-every-page',
    clause: 'GW-58',
    about: 'The gateway permits the pages of every origin to read its answers',
    answer: (answer) => ({ ...answer, headers: [...answer.headers, ['access-control-allow-origin', '*']] }),
  },
  {
    name: 'preflight-for-every-page',
    clause: 'GW-58',
    about: 'The gateway answers the preflight of every origin with permission',
    answer: (answer, { method, headers }) => {
      const origin = headers.find(([name]) => /^origin$/i.test(name))?.[1].trim();
      if (method !== 'OPTIONS' || origin === undefined) return answer;
      return { ...answer, status: 204, headers: [['access-control-allow-origin', origin]] };
    },
  },
  {
    name: 'metadata-with-credentials',
    clause: 'GW-59',
    about: 'The gateway requires credentials for the metadata of the protected resource',
    answer: (answer, { url }) =>
      url.startsWith('/.well-known/')
        ? { ...answer, status: 401, headers: [['www-authenticate', 'Bearer']] }
        : answer,
  },
  {
    name: 'metadata-without-the-resource',
    clause: 'GW-59',
    about: 'The gateway omits the resource from the metadata of the protected resource',
    answer: (answer, { url }) =>
      url.startsWith('/.well-known/')
        ? { ...answer, body: Buffer.from('{"authorization_servers":["https://issuer.example.org"]}') }
        : answer,
  },
  {
    name: 'relative-metadata-url',
    clause: 'GW-59',
    about: 'The gateway names the metadata in a challenge by their path',
    answer: (answer) => ({
      ...answer,
      headers: answer.headers.map(([name, value]) => [
        name,
        name === 'www-authenticate'
          ? value.replace(/resource_metadata="https:\/\/[^/]+/, 'resource_metadata="')
          : value,
      ]),
    }),
  },
  {
    name: 'hosts-of-any-name',
    clause: 'GW-27',
    about: 'The gateway accepts every host',
    options: { allowedHosts: ['*'] },
  },
  {
    name: 'origins-of-any-name',
    clause: 'GW-27',
    about: 'The gateway accepts every origin',
    options: { allowedOrigins: ['*'] },
  },
  {
    name: 'one-of-two-hosts',
    clause: 'GW-27',
    about: 'The gateway uses the last of two host fields',
    request: (request) => {
      const last = request.headers.findLast(([name]) => /^host$/i.test(name));
      return {
        ...request,
        headers: request.headers.filter((field) => field === last || !/^host$/i.test(field[0])),
      };
    },
  },
  {
    name: 'hosts-by-their-beginning',
    clause: 'GW-27',
    about: 'The gateway accepts a host that starts with an allowed name',
    request: (request) => ({
      ...request,
      headers: request.headers.map(([name, value]) => [
        name,
        /^host$/i.test(name) && /^(localhost|127\.0\.0\.1)/.test(value) ? 'localhost' : value,
      ]),
    }),
  },
  {
    name: 'origins-unchecked-on-get',
    clause: 'GW-27',
    about: 'The gateway skips the origin check on GET',
    request: (request) =>
      request.method === 'GET'
        ? { ...request, headers: request.headers.filter(([name]) => !/^origin$/i.test(name)) }
        : request,
  },
]);

/** Changes the result of authentication of a request with a token. */
function afterToken(
  change: (found: Authentication, token: string) => Authentication,
): Pick<GatewayChange, 'authenticator'> {
  return {
    authenticator: (inner) => ({
      ...inner,
      authenticate: async (request) => {
        const found = await inner.authenticate(request);
        const token = fieldOf(request, 'authorization')?.replace(/^Bearer /, '');
        return token?.split('.').length === 3 ? change(found, token) : found;
      },
    }),
  };
}

function authenticated(email: string, { exp = 0 }: JWTPayload): Authentication {
  return {
    kind: 'authenticated',
    authContext: encodeAuthContext({ isAuthenticated: true, email }, exp * 1000),
  };
}

/** Reuses the first identity on a connection for all later requests. */
function perConnection(): Pick<GatewayChange, 'handler' | 'authenticator'> {
  const connections = new WeakMap<object, string>();
  const first = new Map<string, Authentication>();
  const field = 'x-fault-connection';
  let count = 0;
  return {
    handler: (next) => (incoming, outgoing) => {
      let name = connections.get(incoming.socket);
      if (name === undefined) {
        count += 1;
        name = String(count);
        connections.set(incoming.socket, name);
      }
      incoming.rawHeaders.push(field, name);
      next(incoming, outgoing);
    },
    authenticator: (inner) => ({
      ...inner,
      authenticate: async (request) => {
        const name = request.headers.find(([each]) => each === field)?.[1] ?? '';
        const found = first.get(name) ?? (await inner.authenticate(request));
        if (found.kind === 'authenticated') first.set(name, found);
        return found;
      },
    }),
  };
}
