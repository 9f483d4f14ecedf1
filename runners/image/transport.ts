import { userName } from '../diagnosis.ts';
import { type RunnerControl, RunnerError } from '../runner.ts';
import type { Docker } from './docker.ts';

/**
 * Decides how the socket crosses from the container into this process.
 * @throws RunnerError `unsupported` where a bind mount is asked for that cannot work
 */
export function chooseTransport(
  docker: Pick<Docker, 'sharesFiles'>,
  wanted: 'auto' | 'bind' | 'relay',
): 'bind' | 'relay' {
  if (wanted === 'bind' && process.platform !== 'linux') {
    throw new RunnerError(
      'unsupported',
      'A socket cannot be bind-mounted here: Docker runs in a virtual machine of its own.',
      'Use --transport relay, or leave --transport out.',
    );
  }
  return wanted === 'auto' ? (docker.sharesFiles ? 'bind' : 'relay') : wanted;
}

/** What a runner can do to targets in containers. */
export function containerControls(transport: 'bind' | 'relay'): ReadonlySet<RunnerControl> {
  const controls = ['launch', 'signal', 'environment'] as const;
  return new Set(transport === 'bind' ? [...controls, 'socketFile'] : controls);
}

/**
 * The user as which a container makes files that belong to the caller. Undefined: the image's own.
 */
export function callingUser(docker: Pick<Docker, 'rootless'>): string | undefined {
  if (process.getuid === undefined) return undefined;
  return docker.rootless ? '0:0' : userName();
}
