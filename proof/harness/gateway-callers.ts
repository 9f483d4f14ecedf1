import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Facilities } from '../../conformance/drivers/gateway/check-run.ts';
import { type Authenticator, bearerAuthenticator } from '../../gateway/index.ts';

/** Callers that our gateway knows, and how it tells them apart. */
export interface Callers {
  readonly authenticator: Authenticator;
  /** All that a run needs besides where the gateway listens. */
  readonly facilities: Omit<Facilities, 'url'>;
}

/** Makes two callers with tokens, and a token that has ended. */
export async function makeCallers(): Promise<Callers> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const sign = (email: string, endsAt: string | Date) =>
    new SignJWT({ email, teams: ['red'], is_admin: false })
      .setProtectedHeader({ alg: 'ES256', kid: 'kit' })
      .setExpirationTime(endsAt)
      .sign(privateKey);
  return {
    authenticator: bearerAuthenticator({
      keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'kit', alg: 'ES256' }] }),
    }),
    facilities: {
      fields: [],
      hasFallback: false,
      bearer: await sign('alice@example.org', '2h'),
      identity: { email: 'alice@example.org', is_authenticated: true },
      otherBearer: await sign('bob@example.org', '2h'),
      otherIdentity: { email: 'bob@example.org', is_authenticated: true },
      expiredBearer: await sign('alice@example.org', new Date(Date.now() - 3_600_000)),
    },
  };
}
