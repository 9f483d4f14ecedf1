import type { Socket } from 'node:net';
import { claimSocket, type SocketClaim } from './socket-claim.ts';

type Accept = (connection: Socket) => void;

/** A socket that is listened on before there is a runtime to serve it: connections wait until one takes them. */
export interface HeldSocket {
  readonly claim: SocketClaim;
  /** Passes on the connections that wait, and each later one; reading from them begins when `accept` has returned. */
  handTo(accept: Accept): void;
}

/**
 * Takes a socket path. A process does so before it loads the rest of itself, so that it says at once that it cannot
 * have the path.
 *
 * @param claim how it is taken
 * @throws SocketUnavailable
 */
export async function holdSocket(
  path: string,
  claim: (path: string, accept: Accept) => Promise<SocketClaim> = claimSocket,
): Promise<HeldSocket> {
  const waiting: Socket[] = [];
  let pass: Accept = (connection) => {
    waiting.push(connection);
  };
  return {
    claim: await claim(path, (connection) => pass(connection)),
    handTo(accept) {
      pass = (connection) => {
        accept(connection);
        // Unread until now: one that ended while it waited tells so to whom it is passed on, not to nobody.
        connection.resume();
      };
      for (const connection of waiting.splice(0)) pass(connection);
    },
  };
}
