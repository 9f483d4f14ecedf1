import { isObject } from '../../../base/is-object.ts';
import type { Catalog } from '../../../reference-runtime/catalog/catalog.ts';
import { catalogs } from '../../../reference-runtime/catalog/index.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import {
  argumentsOf,
  modernRefusal,
  onModern,
  onModernError,
  onModernMeta,
  onModernResult,
  refusedByCode,
} from '../changes/modern.ts';
import { onFields } from '../changes/runtime.ts';

const reserved = 'io.modelcontextprotocol/';
const clientKey = `${reserved}clientInfo`;
const infoKey = `${reserved}serverInfo`;
const versionKey = `${reserved}protocolVersion`;
const invisible = 'invisible';

const metaOf = ({ params }: RequestMessage): unknown => Object(params)['_meta'];

/** Refuses fields of MCP with other characters as a mismatch, not on the layer of gRPC. */
const mismatchOfCharacters: Hooks = {
  ...onFields((fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) =>
        /^mcp-(method|name|param)/.test(name) && /[^\t -~]/.test(value) ? [name, invisible] : [name, value],
      ),
    ),
  ),
  ...modernRefusal(
    (_request, { call }) => [...call.headers.values()].includes(invisible),
    refusedByCode(-32020),
  ),
};

/** Adds properties to the input schema of the tool for header fields. */
const withProperties = (more: Readonly<Record<string, object>>) =>
  onModernResult(
    (result) => ({
      ...result,
      tools: result.tools.map((tool: { name: string; inputSchema: { properties: object } }) =>
        tool.name === 'conformance_mirror'
          ? {
              ...tool,
              inputSchema: { ...tool.inputSchema, properties: { ...tool.inputSchema.properties, ...more } },
            }
          : tool,
      ),
    }),
    'tools/list',
  );

/** Answers invalid params with status 400. */
const invalidParamsWith400: Hooks = {
  async modernResponse(response) {
    if (response.status !== 200 || response.headers.get('content-type') !== 'application/json')
      return response;
    const text = await response.text();
    const { headers } = response;
    return new Response(text, { status: JSON.parse(text).error?.code === -32602 ? 400 : 200, headers });
  },
};

/** The conformance catalog without prompts and completion. */
function withoutPrompts(): { readonly catalog: Catalog } {
  const { prompts: _, complete: __, ...catalog } = catalogs.conformance();
  return { catalog };
}

/** Variations in requests, header fields, discovery and results of MCP 2026-07-28. */
export const modernChoiceVariations = variations([
  {
    name: 'modern-invisible-characters-are-a-mismatch',
    clause: 'MODERN-32',
    about: 'The runtime refuses header fields with characters outside visible ASCII as a mismatch',
    hooks: mismatchOfCharacters,
  },
  {
    name: 'modern-metadata-of-another-type-is-invalid-params',
    clause: 'MODERN-21',
    about: 'The runtime answers -32602 to params and _meta that are not objects',
    hooks: modernRefusal(
      (message) => !isObject(message.params) || !isObject(metaOf(message)),
      refusedByCode(-32602),
    ),
  },
  {
    name: 'modern-invalid-client-info-ignored',
    clause: 'MODERN-21',
    about: 'The runtime ignores an invalid clientInfo',
    hooks: onModernMeta(({ [clientKey]: client, ...meta }) => {
      const { name, version } = Object(client);
      return typeof name === 'string' && typeof version === 'string'
        ? { ...meta, [clientKey]: client }
        : meta;
    }),
  },
  {
    name: 'modern-empty-version-is-missing',
    clause: 'MODERN-3',
    about: 'The runtime treats an empty version as missing',
    hooks: modernRefusal((message) => Object(metaOf(message))[versionKey] === '', refusedByCode(-32602)),
  },
  {
    name: 'modern-mismatch-without-details',
    clause: 'MODERN-7',
    about: 'The runtime does not describe the header fields that differ',
    hooks: onModernError(-32020, ({ code }) => ({ code, message: 'Mismatch' })),
  },
  {
    name: 'modern-invalid-params-with-400',
    clause: 'MODERN-46',
    about: 'The runtime answers invalid params with status 400',
    hooks: invalidParamsWith400,
  },
  {
    name: 'modern-invalid-arguments-are-errors',
    clause: 'MODERN-34',
    about: 'The runtime answers -32602 to arguments that are null',
    hooks: onModern((message, { message: request }) => {
      const isNull = request.kind === 'request' && JSON.stringify(argumentsOf(request)).includes('null');
      if (!isNull || message.result?.isError !== true) return message;
      const { result: _, ...others } = message;
      return { ...others, error: { code: -32602, message: 'Invalid arguments', data: {} } };
    }),
  },
  {
    name: 'modern-discovery-with-more',
    clause: 'MODERN-41',
    about: 'The runtime declares extensions, experimental capabilities and instructions',
    hooks: onModernResult(
      (result) => ({
        ...result,
        instructions: 'Call conformance_whoami',
        capabilities: {
          ...result.capabilities,
          experimental: { anything: { x: 1 } },
          extensions: {
            'com.example/one': {},
            'io.modelcontextprotocol/ui': { mimeTypes: [] },
            'x-1.y/': {},
          },
          'example.com/own': {},
        },
      }),
      'server/discover',
    ),
  },
  {
    name: 'modern-server-with-more',
    clause: 'MODERN-42',
    about: 'The runtime describes itself in detail in every result',
    hooks: onModernResult((result) => ({
      ...result,
      _meta: {
        ...result._meta,
        [infoKey]: { name: 'x', version: '', title: 'X', websiteUrl: 'https://example.com/' },
      },
    })),
  },
  {
    name: 'modern-values-like-annotations',
    clause: 'MODERN-36',
    about: 'The runtime lists schemas with values and properties that are called x-mcp-header',
    hooks: withProperties({
      'x-mcp-header': { type: 'number' },
      other: { type: 'object', default: { 'x-mcp-header': '' }, examples: [{ 'x-mcp-header': 1 }] },
      list: { type: 'array', items: { type: 'object', properties: { 'x-mcp-header': { type: 'string' } } } },
    }),
  },
  {
    name: 'modern-annotated-name-of-a-secret',
    clause: 'MODERN-37',
    about: 'The runtime annotates arguments whose names contain those of secrets',
    hooks: withProperties({
      token_count: { type: 'integer', 'x-mcp-header': 'Token-Count' },
      secretary: { type: 'string', 'x-mcp-header': 'Secretary' },
    }),
  },
  {
    name: 'modern-without-prompts',
    clause: 'MODERN-39',
    about: 'The runtime serves neither prompts nor completion',
    servesLess: true,
    options: withoutPrompts(),
  },
  {
    name: 'modern-notification-with-an-id-is-invalid',
    clause: 'MODERN-10',
    about: 'The runtime answers -32600 to a notification that has an id',
    hooks: modernRefusal(({ method }) => method.startsWith('notifications/'), refusedByCode(-32600)),
  },
  {
    name: 'modern-unserved-methods-with-other-texts',
    clause: 'MODERN-10',
    about: 'The runtime names the method in the error for an unknown one',
    hooks: onModernError(-32601, (error) => ({ ...error, message: 'Unknown', data: { method: 'x' } })),
  },
]);
