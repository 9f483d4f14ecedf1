/** The variables that carry the socket's path (LIFE-1), all of which a runner sets. */
const socketVariables: readonly string[] = ['MCP_RUNTIME_GRPC_UDS', 'MCP_RUST_GRPC_UDS'];

/** Variables over others: a later value wins, null takes a variable away. */
export type EnvironmentChanges = Readonly<Record<string, string | null>>;

/** The names of the variables that carry the socket's path. @param name the one in place of the contract's two */
export function variablesOf(name?: string): readonly string[] {
  return name === undefined ? socketVariables : [name];
}

/** The variables that tell a target where its socket goes; see `variablesOf`. */
export function socketEnvironment(path: string, name?: string): Record<string, string> {
  return Object.fromEntries(variablesOf(name).map((variable) => [variable, path]));
}

/** `NAME=value`, and `NAME` alone for a variable that is to be removed, as Docker and Compose take them. */
export function environmentWords(changes: EnvironmentChanges): readonly string[] {
  return Object.entries(changes).map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

/** Puts layers of variables over each other, the last one on top. */
export function mergeEnvironment(
  ...layers: readonly (Readonly<Record<string, string | null | undefined>> | undefined)[]
): Record<string, string> {
  const merged: Readonly<Record<string, unknown>> = Object.assign({}, ...layers);
  const isKept = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
  return Object.fromEntries(Object.entries(merged).filter(isKept));
}
