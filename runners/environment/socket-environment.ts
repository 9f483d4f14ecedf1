/** The variables that carry the socket's path (LIFE-1), all of which a runner sets. */
export const socketVariables: readonly string[] = ['MCP_RUNTIME_GRPC_UDS', 'MCP_RUST_GRPC_UDS'];

/** Variables over others: a later value wins, null takes a variable away. */
export type EnvironmentChanges = Readonly<Record<string, string | null>>;

/**
 * The variables that tell a target where its socket goes.
 * @param name of the one variable to set in place of the contract's two
 */
export function socketEnvironment(path: string, name?: string): Record<string, string> {
  const names = name === undefined ? socketVariables : [name];
  return Object.fromEntries(names.map((variable) => [variable, path]));
}

/** Puts layers of variables over each other, the last one on top. */
export function mergeEnvironment(
  ...layers: readonly (Readonly<Record<string, string | null | undefined>> | undefined)[]
): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer ?? {}))) {
    if (value === null || value === undefined) {
      delete merged[name];
    } else {
      merged[name] = value;
    }
  }
  return merged;
}
