import type { Tool } from '@modelcontextprotocol/server';

/** The input schema of a tool: an object with these properties and no others. */
export function objectSchema(
  properties: NonNullable<Tool['inputSchema']['properties']> = {},
  required: readonly string[] = [],
): Tool['inputSchema'] {
  return {
    type: 'object',
    properties: { ...properties },
    ...(required.length > 0 && { required: [...required] }),
    additionalProperties: false,
  };
}
