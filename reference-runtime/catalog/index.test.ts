import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, Harness, initialize, jsonOf, rpc, textOf, toolCall } from '../testing/harness.ts';
import { type MessageSchema, readMessageSchema } from '../testing/message-schema.ts';

const schemaFolder = process.env['MCP_SCHEMA_DIR'];
const uri = 'test://watched-resource';
const arg1 = {
  ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
  argument: { name: 'arg1', value: 'a' },
};
const id = {
  ref: { type: 'ref/resource', uri: 'test://template/{id}/data' },
  argument: { name: 'id', value: '12' },
};

/** Requests that cover the catalog, each with the specification's definition of its result. */
const sweep: readonly [method: string, params: object | undefined, definition: string][] = [
  ['ping', undefined, 'EmptyResult'],
  ['logging/setLevel', { level: 'debug' }, 'EmptyResult'],
  ['tools/list', undefined, 'ListToolsResult'],
  ['resources/list', {}, 'ListResourcesResult'],
  ['resources/templates/list', {}, 'ListResourceTemplatesResult'],
  ['prompts/list', {}, 'ListPromptsResult'],
  ...[
    'test_simple_text',
    'test_image_content',
    'test_audio_content',
    'test_embedded_resource',
    'test_multiple_content_types',
    'test_tool_with_logging',
    'test_error_handling',
    'test_reconnection',
    'conformance_whoami',
  ].map((name): [string, object, string] => ['tools/call', { name }, 'CallToolResult']),
  ['tools/call', { name: 'test_tool_with_progress', _meta: { progressToken: 'p' } }, 'CallToolResult'],
  ['tools/call', { name: 'test_sampling', arguments: { prompt: 'p' } }, 'CallToolResult'],
  ['tools/call', { name: 'test_elicitation', arguments: { message: 'm' } }, 'CallToolResult'],
  ['tools/call', { name: 'test_elicitation_sep1034_defaults' }, 'CallToolResult'],
  ['tools/call', { name: 'test_elicitation_sep1330_enums' }, 'CallToolResult'],
  ['tools/call', { name: 'json_schema_2020_12_tool', arguments: { email: 'e' } }, 'CallToolResult'],
  ['tools/call', { name: 'json_schema_2020_12_tool', arguments: {} }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_echo', arguments: { text: 't' } }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_repeat', arguments: { size: 3 } }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_release', arguments: { key: 'k' } }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_state', arguments: { key: 'k' } }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_events', arguments: { count: 2, size: 3 } }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_events', arguments: { count: 1, on: 'live' } }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_levels', arguments: {} }, 'CallToolResult'],
  ['tools/call', { name: 'conformance_levels', arguments: { on: 'live' } }, 'CallToolResult'],
  ['resources/subscribe', { uri }, 'EmptyResult'],
  ['tools/call', { name: 'conformance_touch', arguments: { uri } }, 'CallToolResult'],
  ['resources/unsubscribe', { uri }, 'EmptyResult'],
  ...['test://static-text', 'test://static-binary', uri, 'test://template/a%20b/data'].map(
    (each): [string, object, string] => ['resources/read', { uri: each }, 'ReadResourceResult'],
  ),
  ['prompts/get', { name: 'test_simple_prompt' }, 'GetPromptResult'],
  [
    'prompts/get',
    { name: 'test_prompt_with_arguments', arguments: { arg1: '1', arg2: '2' } },
    'GetPromptResult',
  ],
  [
    'prompts/get',
    { name: 'test_prompt_with_embedded_resource', arguments: { resourceUri: uri } },
    'GetPromptResult',
  ],
  ['prompts/get', { name: 'test_prompt_with_image' }, 'GetPromptResult'],
  ['completion/complete', arg1, 'CompleteResult'],
  ['completion/complete', id, 'CompleteResult'],
  ['tools/call', { name: 'none' }, 'JSONRPCErrorResponse'],
  ['resources/read', { uri: 'test://none' }, 'JSONRPCErrorResponse'],
  ['no/such', {}, 'JSONRPCErrorResponse'],
];

const answers: Record<string, object> = {
  'sampling/createMessage': { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' },
  'elicitation/create': { action: 'accept', content: {} },
};

let harness: Harness;
let sessionId: string;
beforeAll(async () => {
  harness = await Harness.start();
  sessionId = await harness.session({ sampling: {}, elicitation: {} });
});
afterAll(() => harness[Symbol.asyncDispose]());

/** Sends a request on a new stream, answers the server's requests, and returns the messages of the stream. */
async function converse(method: string, params: object | undefined) {
  const stream = harness.stream({ sessionId, method: 'POST', json: rpc('r', method, params) });
  const events = () => eventsOf(stream.text);
  let answered = 0;
  for (;;) {
    const next = await Promise.race([
      stream.ended.then(() => undefined),
      stream.until(({ messages }) => messages[answered]),
    ]);
    const message = next ?? stream.messages[answered];
    if (message === undefined) break;
    answered += 1;
    const parsed = JSON.parse(message.data);
    const answer = answers[parsed.method];
    if (answer) await harness.invoke({ jsonrpc: '2.0', id: parsed.id, result: answer }, { sessionId });
  }
  const last = events().at(-1);
  if (last?.data === '') {
    const resumed = harness.stream({ sessionId, headers: { 'last-event-id': last.id ?? '' } });
    await resumed.ended;
    return resumed.messages.map(({ data }) => JSON.parse(data));
  }
  return stream.messages.map(({ data }) => JSON.parse(data));
}

const notificationDefinitions: Record<string, string> = {
  'notifications/message': 'LoggingMessageNotification',
  'notifications/progress': 'ProgressNotification',
  'notifications/resources/updated': 'ResourceUpdatedNotification',
  'sampling/createMessage': 'CreateMessageRequest',
  'elicitation/create': 'ElicitRequest',
};

describe.skipIf(schemaFolder === undefined)(
  `all messages match the schema of the specification${schemaFolder === undefined ? ' (skipped: MCP_SCHEMA_DIR must name a folder with the schemas of the MCP specification)' : ''}`,
  () => {
    let schema: MessageSchema;
    beforeAll(async () => {
      schema = await readMessageSchema(schemaFolder ?? '', '2025-11-25');
    });

    it('responses to initialize', async () => {
      const message = jsonOf(await harness.invoke(initialize()));
      expect(schema.misfit('JSONRPCResultResponse', message)).toBeUndefined();
      expect(schema.misfit('InitializeResult', message.result)).toBeUndefined();
    });

    it('responses to refused requests', async () => {
      const refused = [
        await harness.unary('invoke', { body: Buffer.from('{') }),
        await harness.invoke(rpc(1, 'ping')),
        await harness.invoke(rpc(1, 'ping'), { sessionId: 'x' }),
        await harness.invoke(rpc(1, 'ping'), { path: '/x' }),
      ];
      for (const response of refused) {
        const { id: requestId, ...message } = jsonOf(response);
        const checked = requestId === null ? message : { id: requestId, ...message };
        expect(schema.misfit('JSONRPCErrorResponse', checked)).toBeUndefined();
      }
    });

    it.each(sweep)('%s with %j', async (method, params, definition) => {
      const messages = await converse(method, params);
      const response = messages.pop();
      if (definition === 'JSONRPCErrorResponse') {
        expect(schema.misfit(definition, response)).toBeUndefined();
      } else {
        expect(schema.misfit('JSONRPCResultResponse', response)).toBeUndefined();
        expect(schema.misfit(definition, response.result)).toBeUndefined();
      }
      for (const message of messages) {
        expect(schema.misfit(notificationDefinitions[message.method] ?? 'none', message)).toBeUndefined();
      }
    });

    it('notifications on the live stream', async () => {
      const live = harness.stream({ sessionId });
      await live.until(({ chunks }) => chunks.length > 0);
      await harness.invoke(rpc(1, 'resources/subscribe', { uri }), { sessionId });
      await harness.callTool(sessionId, 'conformance_touch', { uri });
      await harness.callTool(sessionId, 'conformance_events', { count: 1, on: 'live' });
      for (const message of await live.received(2)) {
        expect(schema.misfit(notificationDefinitions[message.method] ?? 'none', message)).toBeUndefined();
      }
      live.call.cancel();
    });
  },
);

describe('the conformance catalog', () => {
  it('lists each name once, with unchanged schemas', async () => {
    const { tools } = jsonOf(await harness.invoke(rpc(1, 'tools/list'), { sessionId })).result;
    const names = tools.map(({ name }: { name: string }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(24);
    const { inputSchema } = tools.find(({ name }: { name: string }) => name === 'json_schema_2020_12_tool');
    expect(inputSchema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { address: { $anchor: 'addressDef' } },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      else: { required: ['email'] },
      additionalProperties: false,
    });
  });

  it.each(sweep.filter(([, , definition]) => definition !== 'JSONRPCErrorResponse'))(
    'answers %s for %j',
    async (method, params) => {
      expect((await converse(method, params)).at(-1)).toMatchObject({ id: 'r', result: {} });
    },
  );

  it('declares the capabilities that it serves', async () => {
    expect(jsonOf(await harness.invoke(initialize())).result.capabilities).toEqual({
      logging: {},
      tools: {},
      resources: { subscribe: true },
      prompts: {},
      completions: {},
    });
  });

  it('refuses invalid arguments with its own message', async () => {
    const cases: [string, object][] = [
      ['test_simple_text', { x: 1 }],
      ['conformance_echo', {}],
      ['conformance_echo', { text: 1 }],
      ['conformance_repeat', { size: -1 }],
      ['conformance_repeat', { size: 64 * 1024 * 1024 + 1 }],
      ['conformance_events', { count: 1, on: 'else' }],
      ['json_schema_2020_12_tool', { contactMethod: 'phone', email: 'e' }],
    ];
    for (const [name, args] of cases) {
      const { result } = jsonOf(await harness.invoke(toolCall(1, name, args), { sessionId }));
      expect(result).toMatchObject({ isError: true });
      expect(result.content[0].text).toMatch(new RegExp(`^Invalid arguments for ${name}: `));
      expect(result.content[0].text).not.toMatch(/must|keyword|ajv/i);
    }
  });

  it('decodes the parameter of the template', async () => {
    const read = rpc(1, 'resources/read', { uri: 'test://template/a%20b/data' });
    expect(jsonOf(await harness.invoke(read, { sessionId })).result.contents).toEqual([
      {
        uri: 'test://template/a%20b/data',
        mimeType: 'application/json',
        text: '{"id":"a b","templateTest":true,"data":"Data for ID: a b"}',
      },
    ]);
  });

  it('answers with -32002 for a resource that does not exist', async () => {
    for (const method of ['resources/read', 'resources/subscribe']) {
      const { error } = jsonOf(await harness.invoke(rpc(1, method, { uri: 'test://none' }), { sessionId }));
      expect(error).toMatchObject({
        code: -32002,
        data: { category: 'NOT_FOUND', code: 'resource_not_found' },
      });
    }
  });

  it('completes an argument value', async () => {
    const complete = async (params: object) =>
      jsonOf(await harness.invoke(rpc(1, 'completion/complete', params), { sessionId })).result.completion;
    expect(await complete(arg1)).toEqual({ values: ['alpha'], total: 1, hasMore: false });
    expect(await complete(id)).toEqual({ values: ['12', '123'], total: 2, hasMore: false });
  });

  it('separates waiting calls by owner', async () => {
    const key = 'same';
    const wait = harness.invoke(toolCall(1, 'conformance_wait', { key }), { sessionId });
    const state = () => harness.callTool(sessionId, 'conformance_state', { key });
    await expect.poll(state).toBe('running');
    const fields = { authContext: undefined };
    const other = await harness.session({}, fields);
    expect(await harness.callTool(other, 'conformance_release', { key }, fields)).toBe('released 0');
    expect(await harness.callTool(other, 'conformance_state', { key }, fields)).toBe('unknown');
    const sameOwner = await harness.session();
    expect(await harness.callTool(sameOwner, 'conformance_release', { key })).toBe('released 1');
    expect(textOf(await wait)).toContain('released');
  });
});
