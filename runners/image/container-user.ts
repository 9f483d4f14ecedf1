import { userName } from '../diagnosis.ts';
import type { Docker } from './docker.ts';

/** The user of a container whose image runs as root or names no user. Hosts use this id for a user without rights. */
export const unprivilegedUser = '65532:65532';

/**
 * Returns the user of a container with a bind-mounted socket. Only the owner of a socket of mode 0600 may open it, so
 * the container runs as the user of the kit. Root may open every socket, so a kit of root lets the image choose.
 * @returns undefined for the user of the image
 */
export function callingUser(docker: Pick<Docker, 'rootless'>): string | undefined {
  if (process.getuid === undefined) return undefined;
  if (docker.rootless) return '0:0';
  return process.getuid() === 0 ? undefined : userName();
}

/** Returns the user of a container if the image chooses: its own, unless that is root. */
export function imageUser(own: string): string {
  const [user = ''] = own.split(':');
  return user === '' || user === 'root' || /^0+$/.test(user) ? unprivilegedUser : own;
}

/**
 * Returns the user of a relay, which opens the socket of the target.
 * @param target the user of the target. A name is valid only in its image
 * @returns the same user, or root with a single capability if the id of the user is unknown
 */
export function relayUser(target: string | undefined): {
  readonly user: string;
  readonly capabilities: readonly string[];
} {
  return target !== undefined && /^\d+(:\d+)?$/.test(target)
    ? { user: target, capabilities: [] }
    : { user: '0:0', capabilities: ['DAC_OVERRIDE'] };
}
