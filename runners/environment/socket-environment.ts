import type { Transport } from '../runner.ts';

/** The variables that pass the path of the gRPC socket to a target (LIFE-1). A runner sets all of them. */
const grpcVariables: readonly string[] = ['MCP_RUNTIME_GRPC_UDS', 'MCP_RUST_GRPC_UDS'];
/** The variable with the path of the HTTP socket (HTTP-1). */
export const httpSocketVariable = 'MCP_RUNTIME_HTTP_UDS';

/** Changes to variables. null removes a variable. */
export type EnvironmentChanges = Readonly<Record<string, string | null>>;

/** The protocol of a socket, and the variable for its path if it replaces those of the contract. */
export interface SocketNaming {
  /** Default: gRPC. */
  readonly transport?: Transport;
  readonly socketVariable?: string;
}

/** Returns the names of the variables that pass the socket path to a target. */
export function variablesOf({ transport, socketVariable }: SocketNaming = {}): readonly string[] {
  if (socketVariable !== undefined) return [socketVariable];
  return transport === 'http' ? [httpSocketVariable] : grpcVariables;
}

/**
 * Returns the variables that pass the socket path to a target. A target that serves HTTP alone must not find a gRPC
 * socket in its environment, so those variables are removed.
 */
export function socketEnvironment(path: string, naming: SocketNaming = {}): EnvironmentChanges {
  const others = naming.transport === 'http' ? grpcVariables.map((name) => [name, null] as const) : [];
  const named = variablesOf(naming).map((name) => [name, path] as const);
  return Object.fromEntries<string | null>([...others, ...named]);
}

/** Formats changes for Docker and Compose: `NAME=value`, or `NAME` to remove a variable. */
export function environmentWords(changes: EnvironmentChanges): readonly string[] {
  return Object.entries(changes).map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

/** Merges layers of variables. Later layers win, and null removes a variable. */
export function mergeEnvironment(
  ...layers: readonly (Readonly<Record<string, string | null | undefined>> | undefined)[]
): Record<string, string> {
  const merged: Readonly<Record<string, unknown>> = Object.assign({}, ...layers);
  const isKept = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
  return Object.fromEntries(Object.entries(merged).filter(isKept));
}
