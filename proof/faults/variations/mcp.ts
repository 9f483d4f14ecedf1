import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { onEveryMessage } from '../changes/json-text.ts';
import { changedJson } from '../changes/lossless-json.ts';
import { onOwnMessages } from '../changes/own-messages.ts';
import { listKeys, paged, pagesBy } from '../changes/paging.ts';
import { catalogWith, type Members, onEveryResult, onRequest, onResult } from '../changes/runtime.ts';

/** Changes the messages whose JSON matches, on both RPCs. */
function onMatching(when: RegExp, change: (message: Members) => Members): Hooks {
  return onEveryMessage((json) => (when.test(json) ? changedJson(json, change) : json));
}

/** Optional params of requests to an MCP client. */
const moreParams: Readonly<Record<string, Members>> = {
  'sampling/createMessage': {
    modelPreferences: { hints: [{ name: 'any' }], costPriority: 0.5 },
    systemPrompt: 'Be kind.',
    includeContext: 'none',
    temperature: 0.5,
    stopSequences: ['never'],
    metadata: { variation: true },
  },
  'elicitation/create': { mode: 'form' },
};

const wordId = /"id":"request of the runtime (\d+)"/;

const contentTypes: readonly unknown[] = ['text', 'image', 'audio', 'resource', 'resource_link'];

/** Adds annotations and `_meta` to content at every depth. */
function annotated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(annotated);
  if (typeof value !== 'object' || value === null) return value;
  const members: Members = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, annotated(member)]),
  );
  const _meta = { 'example.com/made-by': 'variation' };
  if (contentTypes.includes(members['type'])) return { ...members, annotations: { priority: 0.5 }, _meta };
  const isContents = 'uri' in members && ('text' in members || 'blob' in members);
  return isContents ? { ...members, _meta } : members;
}

/** Variations of MCP itself. */
export const mcpVariations = variations([
  {
    name: 'changes-reported-twice',
    clause: 'MCP-15',
    about: 'The runtime reports each change twice',
    hooks: {
      *subscribersOf(sessions, uri) {
        for (const session of defaultHooks.subscribersOf(sessions, uri)) yield* [session, session];
      },
    },
  },
  {
    name: 'structured-content',
    clause: 'MCP-14',
    about: 'A tool has an output schema and structured content beside its text',
    hooks: onEveryResult((result, { method, params }) => {
      if (method === 'tools/list') {
        const outputSchema = {
          type: 'object',
          properties: { length: { type: 'integer' } },
          required: ['length'],
        };
        const tools = (result['tools'] as Members[]).map((tool) =>
          tool['name'] === 'test_simple_text' ? { ...tool, outputSchema } : tool,
        );
        return { ...result, tools };
      }
      const isText = method === 'tools/call' && Object(params).name === 'test_simple_text';
      return isText ? { ...result, structuredContent: { length: 43 } } : result;
    }),
  },
  {
    name: 'more-is-declared',
    clause: 'MCP-2',
    about: 'The runtime declares listChanged, experimental capabilities and instructions',
    hooks: onResult('initialize', (result) => {
      const capabilities = result['capabilities'] as Members;
      return {
        ...result,
        capabilities: {
          ...capabilities,
          tools: { listChanged: true },
          prompts: { listChanged: false },
          resources: { ...(capabilities['resources'] as Members), listChanged: true },
          experimental: { 'example.com/feature': {} },
        },
        serverInfo: {
          ...(result['serverInfo'] as Members),
          title: 'A variation',
          websiteUrl: 'https://example.com/',
        },
        instructions: 'Be kind.',
      };
    }),
  },
  {
    name: 'tools-alone',
    clause: 'MCP-2',
    about: 'The runtime serves only tools',
    servesLess: true,
    options: {
      catalog: (() => {
        const { tools = [] } = catalogWith(() => ({})).catalog;
        return { tools };
      })(),
    },
  },
  {
    name: 'nothing-served',
    clause: 'MCP-2',
    about: 'The runtime serves an empty catalog',
    servesLess: true,
    options: { catalog: 'empty' },
  },
  {
    name: 'lists-in-pages-of-one',
    clause: 'MCP-3',
    about: 'The runtime returns lists in pages of one item',
    hooks: paged({ pagesOf: pagesBy(1) }),
  },
  {
    name: 'lists-in-pages-of-seven',
    clause: 'MCP-3',
    about: 'The runtime returns lists in pages of seven items',
    hooks: paged({ pagesOf: pagesBy(7) }),
  },
  {
    name: 'lists-in-another-order',
    clause: 'MCP-3',
    about: 'The runtime returns lists in reverse order',
    hooks: onEveryResult((result, { method }) => {
      const key = listKeys[method];
      return key === undefined ? result : { ...result, [key]: (result[key] as unknown[]).toReversed() };
    }),
  },
  {
    name: 'more-is-served',
    clause: 'MCP-3',
    about: 'The runtime serves extra tools, resources and prompts with all optional members',
    options: catalogWith(({ tools = [], resources, prompts = [] }) => ({
      tools: [
        {
          tool: {
            name: 'other.tool-1',
            title: 'Another',
            description: 'Another tool',
            inputSchema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
            outputSchema: { type: 'object', properties: { b: { type: 'number' } } },
            annotations: { title: 'Another', readOnlyHint: true, idempotentHint: true, openWorldHint: false },
            icons: [{ src: 'https://example.com/icon.png', mimeType: 'image/png', sizes: ['48x48'] }],
            _meta: { 'example.com/cost': 1 },
          },
          call: async () => ({ content: [], structuredContent: { b: 1 } }),
        },
        ...tools,
      ],
      ...(resources && {
        resources: {
          ...resources,
          resources: [
            {
              uri: 'https://example.com/data?q=1#part',
              name: 'data',
              title: 'Data',
              description: 'Elsewhere',
              mimeType: 'application/json',
              size: 12,
              annotations: { audience: ['user'], priority: 0.5, lastModified: '2026-11-27T00:00:00Z' },
            },
            ...resources.resources,
          ],
        },
      }),
      prompts: [
        {
          prompt: {
            name: 'other',
            title: 'Other',
            arguments: [{ name: 'a', description: 'A', required: false }],
          },
          render: () => [],
        },
        ...prompts,
      ],
    })),
  },
  {
    name: 'unknown-tool-as-a-result',
    clause: 'MCP-4',
    about: 'The runtime answers an unknown tool with an isError result',
    hooks: onMatching(/"name: no such tool"/, ({ jsonrpc, id }) => ({
      jsonrpc,
      id,
      result: { content: [{ type: 'text', text: 'There is no such tool' }], isError: true },
    })),
  },
  {
    name: 'results-with-meta',
    clause: 'MCP-4',
    about: 'The runtime adds _meta to every result except the ping result',
    hooks: onEveryResult((result, { method }) =>
      method === 'ping' ? result : { ...result, _meta: { 'example.com/served-by': 'variation' } },
    ),
  },
  {
    name: 'content-with-meta',
    clause: 'MCP-4',
    about: 'The runtime adds _meta and annotations to all content',
    hooks: onEveryResult((result) => annotated(result) as Members),
  },
  {
    name: 'results-with-structured-content',
    clause: 'MCP-4',
    about: 'The runtime adds structuredContent to tool results',
    hooks: onResult('tools/call', (result) => ({
      ...result,
      structuredContent: { result: 'of a variation' },
    })),
  },
  {
    name: 'results-that-say-no-error',
    clause: 'MCP-4',
    about: 'The runtime sends isError false in tool results',
    hooks: onResult('tools/call', (result) => ({ isError: false, ...result })),
  },
  {
    name: 'unknown-resource-as-invalid',
    clause: 'MCP-5',
    about: 'The runtime answers an unknown resource with -32602',
    hooks: onMatching(/"uri: no such resource"/, (json) => ({
      ...json,
      error: { ...(json['error'] as Members), code: -32602 },
    })),
  },
  {
    name: 'progress-with-fractions',
    clause: 'MCP-7',
    about: 'The runtime writes progress values with a fraction, such as 50.0',
    hooks: onEveryMessage((json) =>
      json.includes('"notifications/progress"')
        ? json.replace(/"(progress|total)":(\d+)(?=[,}])/g, '"$1":$2.0')
        : json,
    ),
  },
  {
    name: 'progress-without-words',
    clause: 'MCP-7',
    about: 'The runtime omits the message of progress notifications',
    hooks: {
      writeMessage(message, request) {
        const text = defaultHooks.writeMessage(message, request);
        if (!text.includes('"notifications/progress"')) return text;
        return text.replace(/,"message":"(?:[^"\\]|\\.)*"/, '');
      },
    },
  },
  {
    name: 'more-is-asked-of-clients',
    clause: 'MCP-9',
    about: 'The runtime sends all optional params of sampling and elicitation',
    hooks: onOwnMessages((message) => ({
      ...message,
      params: { ...(message['params'] as Members), ...moreParams[String(message['method'])] },
    })),
  },
  {
    name: 'requests-with-words-for-ids',
    clause: 'MCP-9',
    about: 'The runtime uses strings as ids of its requests',
    hooks: {
      ...onOwnMessages((message) =>
        'id' in message ? { ...message, id: `request of the runtime ${String(message['id'])}` } : message,
      ),
      ...onRequest((request) => {
        const body = Buffer.from(request.body).toString('latin1');
        if (wordId.test(body)) request.body = Buffer.from(body.replace(wordId, '"id":$1'), 'latin1');
      }),
    },
  },
  {
    name: 'completions-counted',
    clause: 'MCP-11',
    about: 'The runtime sends total and hasMore with completions',
    hooks: onResult('completion/complete', (result) => {
      const completion = result['completion'] as Members & { values: readonly string[] };
      return { ...result, completion: { ...completion, total: completion.values.length, hasMore: false } };
    }),
  },
  {
    name: 'unknown-things-have-another-code',
    clause: 'MCP-13',
    about: 'The runtime answers an unknown resource or prompt with code 0, like the Python SDK',
    hooks: onMatching(/"code":-32002|no such prompt"/, (json) => ({
      ...json,
      error: { ...(json['error'] as Members), code: 0 },
    })),
  },
  {
    name: 'sixteen-subscriptions-for-each-caller',
    clause: 'MCP-18',
    about: 'The runtime permits a caller 16 subscriptions, with URIs of 1 KiB',
    options: { limits: { maxSubscriptionsPerCaller: 16, maxSubscribedUriBytes: 1024 } },
  },
]);
