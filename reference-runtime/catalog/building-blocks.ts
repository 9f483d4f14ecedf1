import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { ToolEntry } from './catalog.ts';

/** A PNG image of one red pixel, in base64. */
export const redPixelPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A WAV file without samples, in base64. */
export const silentWav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

/** Returns a tool result with one text block. */
export function textResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

/**
 * Creates a tool whose arguments are an object with exactly these properties.
 * @param required names of the required properties. Default: all
 */
export function tool(
  name: string,
  description: string,
  properties: NonNullable<Tool['inputSchema']['properties']>,
  call: ToolEntry['call'],
  required: string[] = Object.keys(properties),
): ToolEntry {
  const inputSchema: Tool['inputSchema'] = {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
  return { tool: { name, description, inputSchema }, call };
}
