import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { redPixelPng, silentWav, textResult, tool } from './building-blocks.ts';
import { type ToolEntry, ToolFailure } from './catalog.ts';

function fixedTool(name: string, description: string, content: CallToolResult['content']): ToolEntry {
  return tool(name, description, {}, async () => ({ content }));
}

function resource(uri: string, mimeType: string, text: string): CallToolResult['content'][number] {
  return { type: 'resource', resource: { uri, mimeType, text } };
}

const schemaOf2020: Tool['inputSchema'] = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Tools of the official conformance scenarios that return each kind of content. */
export const contentTools: readonly ToolEntry[] = [
  fixedTool('test_simple_text', 'Returns one text block', [
    { type: 'text', text: 'This is a simple text response for testing.' },
  ]),
  fixedTool('test_image_content', 'Returns one PNG image', [
    { type: 'image', data: redPixelPng, mimeType: 'image/png' },
  ]),
  fixedTool('test_audio_content', 'Returns one WAV file', [
    { type: 'audio', data: silentWav, mimeType: 'audio/wav' },
  ]),
  fixedTool('test_embedded_resource', 'Returns one embedded resource', [
    resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ]),
  fixedTool('test_multiple_content_types', 'Returns a text, an image and an embedded resource', [
    { type: 'text', text: 'Multiple content types test:' },
    { type: 'image', data: redPixelPng, mimeType: 'image/png' },
    resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ]),
  tool('test_error_handling', 'Always fails', {}, async () => {
    throw new ToolFailure('This tool intentionally returns an error for testing');
  }),
  {
    tool: {
      name: 'json_schema_2020_12_tool',
      description: 'Takes arguments that JSON Schema 2020-12 describes',
      inputSchema: schemaOf2020,
    },
    call: async (args) => textResult(`JSON Schema 2020-12 tool called with: ${JSON.stringify(args)}`),
  },
];
