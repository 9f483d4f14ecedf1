/** The variables that pass the socket path to a target (LIFE-1). A runner sets all of them. */
const socketVariables: readonly string[] = ['MCP_RUNTIME_GRPC_UDS', 'MCP_RUST_GRPC_UDS'];

/** Changes to variables. null removes a variable. */
export type EnvironmentChanges = Readonly<Record<string, string | null>>;

/** Returns the names of the variables for the socket path. @param name replaces the names of the contract */
export function variablesOf(name?: string): readonly string[] {
  return name === undefined ? socketVariables : [name];
}

/** Returns the variables that pass the socket path to a target. @param name as for `variablesOf` */
export function socketEnvironment(path: string, name?: string): Record<string, string> {
  return Object.fromEntries(variablesOf(name).map((variable) => [variable, path]));
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
