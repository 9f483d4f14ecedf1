import type { EnvironmentChanges } from '../environment/socket-environment.ts';

/** What a Compose runner starts, and how. */
export interface ComposeRunnerOptions {
  /** The Compose file. */
  readonly file: string;
  /** The service in it that is the target. */
  readonly service: string;
  /** Arguments in place of the service's command. */
  readonly args?: readonly string[];
  /** Variables over those of the file. null removes one. */
  readonly environment?: EnvironmentChanges;
  /** The one variable that carries the socket's path, in place of the contract's two. */
  readonly socketVariable?: string;
  /** `uid`, `uid:gid` or a name that the image knows. Default: the calling user, where the folder is bind-mounted. */
  readonly user?: string;
  /** The socket's path in the container. Default `/run/mcp/runtime.sock`. */
  readonly socketPath?: string;
  /** How the socket crosses into this process. Default `auto`. */
  readonly transport?: 'auto' | 'bind' | 'relay';
  /** An image with `node` or `socat` in it, for `relay`. */
  readonly relayImage?: string;
}
