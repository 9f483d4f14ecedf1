import type { Attack } from './attack.ts';
import { repeat } from './repeat.ts';
import { opening, request } from './requests.ts';
import { identityOf } from './tenant.ts';

/** Sessions that the tenant keeps. More than the default quota of the runtimes (SESSION-11). */
const maxSessions = 1_100;

/** Opens sessions up to the quota of the tenant, and goes on after refusals. */
export const sessions: Attack = {
  name: 'sessions',
  run: (tenant, signal) =>
    repeat(
      async (turn) => {
        if (tenant.sessions.length >= maxSessions) return;
        const authContext = identityOf(turn % 100);
        const head = await tenant.send('sessions', tenant.prepare('Invoke', opening(authContext))).head;
        const id = head?.headers['mcp-session-id'];
        if (head?.status === 200 && id !== undefined) tenant.sessions.push({ id, authContext });
      },
      { everyMs: 5, maxInFlight: 16, signal },
    ),
};

/** Calls with ever new identities of one owner. */
export const identities: Attack = {
  name: 'identities',
  run: (tenant, signal) =>
    repeat(
      async (turn) => {
        const session = tenant.session(turn);
        if (session === undefined) return;
        const stranger = { ...session, authContext: identityOf(1_000 + turn) };
        await tenant.send('identities', tenant.prepare('Invoke', request('ping', {}, stranger))).ended;
      },
      { everyMs: 10, maxInFlight: 16, signal },
    ),
};
