import { randomBytes } from 'node:crypto';

/** Makes the id of a session: 192 random bits in base64url, which is visible ASCII (SESSION-1). */
export function newSessionId(): string {
  return randomBytes(24).toString('base64url');
}
