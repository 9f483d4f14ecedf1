import { resolve } from 'node:path';
import { catalogNames } from '../catalog/catalog.ts';
import { defaultLimits, type RuntimeLimits } from '../options.ts';

/** A variable has an invalid value. The message is one line that states the valid values. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting';
  readonly code = 'bad_setting';
}

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const limitVariables: Readonly<Record<string, keyof RuntimeLimits>> = {
  MCP_RUNTIME_MAX_BODY_BYTES: 'maxBodyBytes',
  MCP_RUNTIME_MAX_SESSIONS: 'maxSessions',
  MCP_RUNTIME_MAX_SESSIONS_PER_CALLER: 'maxSessionsPerCaller',
  MCP_RUNTIME_SESSION_IDLE_MS: 'sessionIdleMs',
  MCP_RUNTIME_REPLAY_EVENTS: 'replayEvents',
  MCP_RUNTIME_REPLAY_BYTES: 'replayBytes',
  MCP_RUNTIME_STREAM_BUFFER_BYTES: 'streamBufferBytes',
  MCP_RUNTIME_KEEP_ALIVE_MS: 'keepAliveMs',
  MCP_RUNTIME_DRAIN_MS: 'drainMs',
};

/** Returns the value of a variable. An empty value counts as unset (LIFE-2). */
function settingOf(environment: Environment, name: string): string | undefined {
  return environment[name] === '' ? undefined : environment[name];
}

function oneOf<T extends string>(environment: Environment, name: string, values: readonly [T, ...T[]]): T {
  const value = settingOf(environment, name);
  if (value === undefined) return values[0];
  const found = values.find((possible) => possible === value);
  if (found === undefined) throw new BadSetting(`${name}: must be one of ${values.join(', ')}`);
  return found;
}

function readLimits(environment: Environment): Partial<RuntimeLimits> {
  const limits: Partial<Record<keyof RuntimeLimits, number>> = {};
  for (const [name, limit] of Object.entries(limitVariables)) {
    const value = settingOf(environment, name);
    if (value === undefined) continue;
    if (!/^\d{1,9}$/.test(value) || Number(value) < 1) {
      throw new BadSetting(`${name}: must be a whole number from 1 to 999999999`);
    }
    limits[limit] = Number(value);
  }
  if ((limits.drainMs ?? defaultLimits.drainMs) < 1000) {
    throw new BadSetting('MCP_RUNTIME_DRAIN_MS: must be at least 1000');
  }
  return limits;
}

/** Returns a secret in hexadecimal, or undefined if it is unset. */
function readKey(environment: Environment, name: string): Uint8Array | undefined {
  const value = settingOf(environment, name);
  if (value === undefined) return undefined;
  if (!/^(?:[0-9a-f]{2}){32,}$/i.test(value)) {
    throw new BadSetting(`${name}: must be at least 32 bytes in hexadecimal`);
  }
  return Buffer.from(value, 'hex');
}

/**
 * Returns the path for gRPC, like `readSocketPaths`, for a runtime that serves only gRPC.
 * @throws BadSetting if it is unset
 */
export function readSocketPath(environment: Environment): string {
  const { grpc } = readSocketPaths(environment);
  if (grpc === undefined) throw new BadSetting('MCP_RUNTIME_GRPC_UDS: must be the path of the socket');
  return grpc;
}

/** The paths of the sockets of a runtime. It serves at least one of them. */
export interface SocketPaths {
  readonly grpc: string | undefined;
  readonly http: string | undefined;
}

/**
 * Returns the path for gRPC from `MCP_RUNTIME_GRPC_UDS`, or from `MCP_RUST_GRPC_UDS` if the former is unset (LIFE-2),
 * and the path for HTTP from `MCP_RUNTIME_HTTP_UDS` (HTTP-1).
 * @throws BadSetting if all are unset, or if both paths are the same
 */
export function readSocketPaths(environment: Environment): SocketPaths {
  const grpc = settingOf(environment, 'MCP_RUNTIME_GRPC_UDS') ?? settingOf(environment, 'MCP_RUST_GRPC_UDS');
  const http = settingOf(environment, 'MCP_RUNTIME_HTTP_UDS');
  if (grpc === undefined && http === undefined) {
    throw new BadSetting(
      'MCP_RUNTIME_GRPC_UDS, MCP_RUNTIME_HTTP_UDS: at least one must be set to the path of a socket',
    );
  }
  if (grpc !== undefined && http !== undefined && resolve(grpc) === resolve(http)) {
    throw new BadSetting('MCP_RUNTIME_HTTP_UDS: must differ from the path of the socket for gRPC');
  }
  return { grpc, http };
}

/** Reads the settings of a process. @throws BadSetting for an invalid value */
export function readEnvironment(environment: Environment) {
  return {
    sockets: readSocketPaths(environment),
    catalog: oneOf(environment, 'MCP_RUNTIME_CATALOG', catalogNames),
    anonymous: oneOf(environment, 'MCP_RUNTIME_ANONYMOUS', ['isolate', 'refuse']),
    mode: oneOf(environment, 'MCP_RUNTIME_MODE', ['full', 'edge', 'shadow', 'off']),
    logLevel: oneOf(environment, 'MCP_RUNTIME_LOG_LEVEL', ['info', 'debug', 'warn', 'error', 'silent']),
    requestStateKey: readKey(environment, 'MCP_RUNTIME_REQUEST_STATE_KEY'),
    limits: readLimits(environment),
  };
}
