import { writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** The issuer of all tokens, and their audience. */
export const issuer = 'https://issuer.example';
export const audience = 'chaos';

const lifetime = '7d';

/** Signs the tokens of callers. */
export interface TokenIssuer {
  /** Returns a token that stays valid after every jump of a clock. It has no `iat`, which could then be in the future. */
  tokenFor(subject: string): Promise<string>;
}

/** Creates an issuer, and writes its public key to a file for the gateways. */
export async function makeIssuer(keyFile: string): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'chaos', alg: 'EdDSA' };
  await writeFile(keyFile, JSON.stringify({ keys: [key] }));
  return {
    tokenFor: (subject) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', kid: 'chaos' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setExpirationTime(lifetime)
        .sign(privateKey),
  };
}
