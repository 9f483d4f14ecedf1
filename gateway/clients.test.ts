import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentTransport,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, test } from 'vitest';
import { deferred } from '../client/testing/deferred.ts';
import { type ReferenceGateway, startReferenceGateway, type Transport } from './testing/reference-gateway.ts';

/** The caller's handlers for requests of a tool. */
interface CallerAnswers {
  readonly sampled: (prompt: unknown) => {
    role: 'assistant';
    content: { type: 'text'; text: string };
    model: string;
  };
  readonly elicited: (message: string) => { action: 'accept'; content: Record<string, string> };
  readonly logged: (data: unknown) => void;
  readonly updated: (uri: string) => void;
}

/** The API that both major versions of the SDK share. */
interface AnyClient {
  readonly listToolNames: () => Promise<string[]>;
  readonly callTool: (
    name: string,
    args?: Record<string, unknown>,
    options?: { onprogress?: (progress: { progress: number }) => void; signal?: AbortSignal },
  ) => Promise<string>;
  readonly readResource: (uri: string) => Promise<unknown>;
  readonly getPrompt: (name: string) => Promise<unknown>;
  readonly subscribe: (uri: string) => Promise<unknown>;
  readonly sessionId: () => string | undefined;
  readonly terminate: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const about = { name: 'test', version: '1' };
const capabilities = { sampling: {}, elicitation: {} };

function textOf(result: unknown): string {
  const { content } = result as { content: { text: string }[] };
  return content.map(({ text }) => text).join('');
}

/** Connects a client of the current SDK. */
async function connectCurrent(url: string, caller: CallerAnswers): Promise<AnyClient> {
  const client = new CurrentClient(about, { capabilities });
  client.setRequestHandler('sampling/createMessage', async ({ params }) =>
    caller.sampled(params.messages[0]?.content),
  );
  client.setRequestHandler('elicitation/create', async ({ params }) => caller.elicited(params.message));
  client.setNotificationHandler('notifications/message', ({ params }) => caller.logged(params.data));
  client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
    caller.updated(params.uri),
  );
  const transport = new CurrentTransport(new URL(url));
  await client.connect(transport);
  return {
    listToolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args = {}, options = {}) =>
      textOf(await client.callTool({ name, arguments: args }, options)),
    readResource: (uri) => client.readResource({ uri }),
    getPrompt: (name) => client.getPrompt({ name }),
    subscribe: (uri) => client.subscribeResource({ uri }),
    sessionId: () => transport.sessionId,
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
  };
}

/** Connects a client of the older SDK, which most existing clients use. */
async function connectOlder(url: string, caller: CallerAnswers): Promise<AnyClient> {
  const client = new OlderClient(about, { capabilities });
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) =>
    caller.sampled(params.messages[0]?.content),
  );
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => caller.elicited(params.message));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => caller.logged(params.data));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
    caller.updated(params.uri),
  );
  const transport = new OlderTransport(new URL(url));
  // The types of the SDK conflict under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    listToolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args = {}, options = {}) =>
      textOf(await client.callTool({ name, arguments: args }, undefined, options)),
    readResource: (uri) => client.readResource({ uri }),
    getPrompt: (name) => client.getPrompt({ name }),
    subscribe: (uri) => client.subscribeResource({ uri }),
    sessionId: () => transport.sessionId,
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
  };
}

const lines = [
  ['the current client', connectCurrent],
  ['a client of the older SDK', connectOlder],
] as const;
const transports: readonly Transport[] = ['grpc', 'http'];

describe.each(
  lines.flatMap(([name, connect]) => transports.map((transport) => ({ name, connect, transport }))),
)('$name over $transport', ({ connect, transport }) => {
  let gateway: ReferenceGateway;
  const clients: AnyClient[] = [];
  const logged: unknown[] = [];
  const sampled: unknown[] = [];

  async function start(updated: (uri: string) => void = () => {}): Promise<AnyClient> {
    logged.length = 0;
    sampled.length = 0;
    gateway = await startReferenceGateway({ transport });
    return connectTo(updated);
  }

  async function connectTo(updated: (uri: string) => void = () => {}): Promise<AnyClient> {
    const client = await connect(gateway.url, {
      sampled: (prompt) => {
        sampled.push(prompt);
        return { role: 'assistant', content: { type: 'text', text: 'sampled' }, model: 'none' };
      },
      elicited: (message) => ({ action: 'accept', content: { response: `to ${message}` } }),
      logged: (data) => logged.push(data),
      updated,
    });
    clients.push(client);
    return client;
  }

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await gateway[Symbol.asyncDispose]();
  });

  test('uses tools, resources and prompts', async () => {
    const client = await start();
    expect(await client.listToolNames()).toContain('test_simple_text');
    expect(await client.callTool('conformance_echo', { text: 'caf\u00e9 \u{1f389}' })).toBe(
      'caf\u00e9 \u{1f389}',
    );
    expect(await client.readResource('test://static-text')).toMatchObject({
      contents: [{ uri: 'test://static-text' }],
    });
    expect(await client.getPrompt('test_simple_prompt')).toMatchObject({ messages: [{ role: 'user' }] });
  });

  test('receives progress and log messages while the tool runs', async () => {
    const client = await start();
    const progress: number[] = [];
    await client.callTool(
      'test_tool_with_progress',
      {},
      { onprogress: (step) => progress.push(step.progress) },
    );
    expect(progress).toEqual([0, 50, 100]);
    await client.callTool('test_tool_with_logging');
    expect(logged).toEqual(['Tool execution started', 'Tool processing data', 'Tool execution completed']);
  });

  test('answers sampling and elicitation requests', async () => {
    const client = await start();
    expect(await client.callTool('test_sampling', { prompt: 'say' })).toBe('LLM response: sampled');
    expect(sampled).toEqual([{ type: 'text', text: 'say' }]);
    expect(await client.callTool('test_elicitation', { message: 'what' })).toBe(
      'User response: action=accept, content={"response":"to what"}',
    );
  });

  test('cancels the work of a call', async () => {
    const client = await start();
    const leaving = new AbortController();
    const call = client.callTool('conformance_wait', { key: 'k' }, { signal: leaving.signal });
    const state = () => client.callTool('conformance_state', { key: 'k' });
    await expect.poll(state).toBe('running');
    leaving.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(state).toBe('cancelled');
  });

  test('resumes a stream that is closed early, without loss', async () => {
    const client = await start();
    expect(await client.callTool('test_reconnection')).toBe('Reconnection test completed successfully.');
  });

  test('receives updates of a subscribed resource', async () => {
    const updated = deferred<string>();
    const client = await start(updated.resolve);
    await client.subscribe('test://watched-resource');
    const other = await connectTo();
    // The client opens the live stream itself after the handshake.
    const touch = () => other.callTool('conformance_touch', { uri: 'test://watched-resource' });
    expect(await touch()).toBe('touched');
    await expect(updated.promise).resolves.toBe('test://watched-resource');
  });

  test('has a separate session and can close it', async () => {
    const first = await start();
    const second = await connectTo();
    expect(first.sessionId()).not.toBe(second.sessionId());
    expect(gateway.sessionCount()).toBe(2);
    await first.terminate();
    expect(gateway.sessionCount()).toBe(1);
    await expect(second.listToolNames()).resolves.toContain('test_simple_text');
  });
});
