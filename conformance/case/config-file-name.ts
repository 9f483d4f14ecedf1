/** The name of the default configuration file, in the working folder. */
export const configFile = 'mcp-runtime-conformance.yaml';
