import { isObject } from '../../../base/is-object.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { IncomingMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { onEveryMessage } from '../changes/json-text.ts';
import { changedJson } from '../changes/lossless-json.ts';
import { catalogWith, type Members, onJson, onMessage, onResult, toolWith } from '../changes/runtime.ts';

type Blocks = Members[];

const blocksOf = (result: Members) => (result['content'] ?? []) as Blocks;

/** Changes the content blocks of one type in the results of tools. */
function onBlock(type: string, change: (block: Members) => Members): Hooks {
  return onResult('tools/call', (result) => ({
    ...result,
    content: blocksOf(result).map((block) => (block['type'] === type ? change(block) : block)),
  }));
}

/** Changes the items of a list. */
function onList(method: string, key: string, change: (items: Blocks) => Blocks): Hooks {
  return onResult(method, (result) => ({ ...result, [key]: change(result[key] as Blocks) }));
}

function declared(change: (capabilities: Members) => Members): Hooks {
  return onResult('initialize', (result) => ({
    ...result,
    capabilities: change(result['capabilities'] as Members),
  }));
}

/** Replaces matching JSON-RPC errors with a result. */
function errorsToResult(result: Members, when: RegExp): Hooks {
  return onJson(
    ({ body }) => when.test(Buffer.from(body).toString()),
    ({ id }) => ({ jsonrpc: '2.0', id, result }),
  );
}

function errorCodeWhen(when: RegExp, code: number): Hooks {
  return onEveryMessage((text) =>
    when.test(text)
      ? changedJson(text, (json) => ({ ...json, error: { ...Object(json['error']), code } }))
      : text,
  );
}

/** Changes progress notifications. */
function onProgress(change: (params: Members) => Members): Hooks {
  return {
    writeMessage(message, request) {
      const text = defaultHooks.writeMessage(message, request);
      if (!text.includes('notifications/progress')) return text;
      const json = JSON.parse(text) as Members;
      return JSON.stringify({ ...json, params: change(json['params'] as Members) });
    },
  };
}

function declaredByCaller(capabilities: Members): Hooks {
  return onMessage((message) => {
    if (message.kind !== 'request' || message.method !== 'initialize') return message;
    const { capabilities: declared } = Object(message.params) as Members;
    if (!isObject(declared)) return message;
    const params = { ...(message.params as Members), capabilities: { ...declared, ...capabilities } };
    return { ...message, params };
  });
}

/** Returns whether params name the revision of their request, as in MCP 2026-07-28. */
const isModern = (params: unknown) =>
  JSON.stringify(params ?? {}).includes('"io.modelcontextprotocol/protocolVersion"');
const everSubscribed = new Map<string, Set<string>>();
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Replaces the action of a response to an elicitation. */
function answered(message: IncomingMessage, actions: Readonly<Record<string, string>>): IncomingMessage {
  if (message.kind !== 'response' || !('result' in message.outcome)) return message;
  const { action, ...others } = Object(message.outcome.result);
  const replaced = actions[String(action)];
  return replaced === undefined
    ? message
    : { ...message, outcome: { result: { ...others, action: replaced } } };
}

/** Faults in MCP itself. */
export const mcpFaults = runtimeFaults([
  {
    name: 'ping-with-a-result',
    clause: 'MCP-1',
    about: 'The runtime returns a non-empty result for ping',
    hooks: onResult('ping', () => ({ pong: true })),
  },
  {
    name: 'tools-not-declared',
    clause: 'MCP-2',
    about: 'The runtime serves tools that it does not declare',
    hooks: declared(({ tools: _left, ...rest }) => rest),
  },
  {
    name: 'completions-not-declared',
    clause: 'MCP-2',
    about: 'The runtime serves completions that it does not declare',
    hooks: declared(({ completions: _left, ...rest }) => rest),
  },
  {
    name: 'declared-but-not-served',
    clause: 'MCP-2',
    about: 'The runtime declares completions that it does not serve',
    hooks: declared((capabilities) => ({ ...capabilities, completions: {} })),
    options: catalogWith(
      ({ tools, resources, prompts }) => ({ tools, resources, prompts, complete: undefined }) as object,
    ),
  },
  {
    name: 'prompts-declared-but-not-served',
    clause: 'MCP-2',
    about: 'The runtime declares prompts that it does not serve',
    hooks: declared((capabilities) => ({ ...capabilities, prompts: {} })),
    options: catalogWith(() => ({ prompts: undefined }) as object),
  },
  {
    name: 'tool-listed-twice',
    clause: 'MCP-3',
    about: 'The runtime lists a tool twice',
    hooks: onList('tools/list', 'tools', (tools) => [...tools, ...tools.slice(0, 1)]),
  },
  {
    name: 'resource-listed-twice',
    clause: 'MCP-3',
    about: 'The runtime lists a resource twice',
    hooks: onList('resources/list', 'resources', (resources) => [
      ...resources,
      { ...resources[0], name: 'another-name' },
    ]),
  },
  {
    name: 'prompt-listed-twice',
    clause: 'MCP-3',
    about: 'The runtime lists a prompt twice',
    hooks: onList('prompts/list', 'prompts', (prompts) => [...prompts, ...prompts.slice(0, 1)]),
  },
  {
    name: 'template-listed-twice',
    clause: 'MCP-3',
    about: 'The runtime lists a resource template twice',
    hooks: onList('resources/templates/list', 'resourceTemplates', (all) => [...all, ...all.slice(0, 1)]),
  },
  {
    name: 'tools-without-schema',
    clause: 'MCP-3',
    about: 'The runtime lists tools without an input schema',
    hooks: onList('tools/list', 'tools', (tools) => tools.map(({ inputSchema: _left, ...rest }) => rest)),
  },
  {
    name: 'resources-without-name',
    clause: 'MCP-3',
    about: 'The runtime lists resources without a name',
    hooks: onList('resources/list', 'resources', (all) => all.map(({ name: _left, ...rest }) => rest)),
  },
  {
    name: 'image-without-base64',
    clause: 'MCP-4',
    about: 'The runtime returns image data that is not base64',
    alsoBreaks: [{ clause: 'MCP-17', reason: 'The data is not what the tool returned.' }],
    hooks: onBlock('image', (block) => ({ ...block, data: `data:image/png,${block['data']}` })),
  },
  {
    name: 'image-without-type',
    clause: 'MCP-4',
    about: 'The runtime returns an image without a media type',
    hooks: onBlock('image', ({ mimeType: _left, ...rest }) => rest),
  },
  {
    name: 'audio-without-type',
    clause: 'MCP-4',
    about: 'The runtime returns audio without a media type',
    hooks: onBlock('audio', ({ mimeType: _left, ...rest }) => rest),
  },
  {
    name: 'embedded-resource-without-uri',
    clause: 'MCP-4',
    about: 'The runtime returns an embedded resource without a URI',
    hooks: onBlock('resource', ({ resource, ...rest }) => {
      const { uri: _left, ...others } = resource as Members;
      return { ...rest, resource: others };
    }),
  },
  {
    name: 'tool-content-as-text',
    clause: 'MCP-4',
    about: 'The runtime returns tool content as text instead of blocks',
    hooks: onResult('tools/call', (result) => ({ ...result, content: 'text' })),
  },
  {
    name: 'tool-failure-as-success',
    clause: 'MCP-4',
    about: 'The runtime omits isError from the result of a failed tool',
    hooks: onResult('tools/call', ({ isError: _left, ...rest }) => rest),
  },
  {
    name: 'unknown-tool-does-nothing',
    clause: 'MCP-4',
    about: 'The runtime returns an empty result for an unknown tool',
    hooks: errorsToResult({ content: [] }, /no such tool/),
  },
  {
    name: 'resource-under-another-uri',
    clause: 'MCP-5',
    about: 'The runtime returns resource contents under a rewritten URI',
    hooks: onResult('resources/read', (result) => ({
      contents: (result['contents'] as Blocks).map((each) => ({ ...each, uri: `${each['uri']}/` })),
    })),
  },
  {
    name: 'blob-without-base64',
    clause: 'MCP-5',
    about: 'The runtime returns a blob that is not base64',
    alsoBreaks: [{ clause: 'MCP-17', reason: 'The data is not what the resource has.' }],
    hooks: onResult('resources/read', (result) => ({
      contents: (result['contents'] as Blocks).map((each) =>
        'blob' in each ? { ...each, blob: `${each['blob']}!` } : each,
      ),
    })),
  },
  {
    name: 'unknown-resource-is-empty',
    clause: 'MCP-5',
    about: 'The runtime returns empty contents for an unknown resource',
    hooks: errorsToResult({ contents: [] }, /"code":-32002/),
  },
  {
    name: 'prompt-of-the-system',
    clause: 'MCP-6',
    about: 'The runtime returns prompt messages with an undefined role',
    hooks: onResult('prompts/get', (result) => ({
      messages: (result['messages'] as Blocks).map((each) => ({ ...each, role: 'system' })),
    })),
  },
  {
    name: 'prompt-with-arrays',
    clause: 'MCP-6',
    about: 'The runtime returns prompt messages with arrays of blocks',
    hooks: onResult('prompts/get', (result) => ({
      messages: (result['messages'] as Blocks).map((each) => ({ ...each, content: [each['content']] })),
    })),
  },
  {
    name: 'prompt-image-without-base64',
    clause: 'MCP-6',
    about: 'The runtime returns a prompt image that is not base64',
    hooks: onResult('prompts/get', (result) => ({
      messages: (result['messages'] as Blocks).map((each) => {
        const content = each['content'] as Members;
        return content['type'] === 'image' ? { ...each, content: { ...content, data: '%%%' } } : each;
      }),
    })),
  },
  {
    name: 'unknown-prompt-is-empty',
    clause: 'MCP-6',
    about: 'The runtime returns empty messages for an unknown prompt',
    hooks: errorsToResult({ messages: [] }, /no such prompt"/),
  },
  {
    name: 'progress-stands-still',
    clause: 'MCP-7',
    about: 'The runtime repeats the same progress value',
    hooks: onProgress((params) => ({ ...params, progress: 50 })),
  },
  {
    name: 'progress-falls',
    clause: 'MCP-7',
    about: 'The runtime sends decreasing progress values',
    hooks: onProgress((params) => ({ ...params, progress: 100 - Number(params['progress']) })),
  },
  {
    name: 'progress-with-another-token',
    clause: 'MCP-7',
    about: 'The runtime sends progress notifications with a wrong progress token',
    hooks: onProgress((params) => ({ ...params, progressToken: 0 })),
  },
  {
    name: 'progress-token-as-a-string',
    clause: 'MCP-7',
    about: 'The runtime converts a numeric progress token to a string',
    hooks: onProgress((params) => ({ ...params, progressToken: `${params['progressToken']}` })),
  },
  {
    name: 'progress-without-being-asked',
    clause: 'MCP-7',
    about: 'The runtime sends progress notifications for requests without a progress token',
    hooks: onMessage((message) =>
      message.kind === 'request' && message.progressToken === undefined && !isModern(message.params)
        ? { ...message, progressToken: '0' }
        : message,
    ),
  },
  {
    name: 'no-progress',
    clause: 'MCP-7',
    about: 'The runtime drops all progress notifications',
    hooks: onMessage((message) =>
      message.kind === 'request' && !isModern(message.params)
        ? { ...message, progressToken: undefined }
        : message,
    ),
  },
  {
    name: 'log-level-of-other-libraries',
    clause: 'MCP-8',
    about: 'The runtime sends log messages with the level "trace"',
    hooks: {
      writeMessage: (message, request) =>
        defaultHooks.writeMessage(message, request).replace('"level":"info"', '"level":"trace"'),
    },
  },
  {
    name: 'log-level-ignored',
    clause: 'MCP-8',
    about: 'The runtime ignores the log level that a caller sets',
    hooks: onMessage((message) =>
      message.kind === 'request' && message.method === 'logging/setLevel'
        ? { ...message, params: withDebug(message.params) }
        : message,
    ),
  },
  {
    name: 'unknown-log-level-accepted',
    clause: 'MCP-8',
    about: 'The runtime accepts an unknown log level',
    hooks: onMessage((message) =>
      message.kind === 'request' && message.method === 'logging/setLevel'
        ? { ...message, params: withKnownLevel(message.params) }
        : message,
    ),
  },
  {
    name: 'sampling-without-being-declared',
    clause: 'MCP-9',
    about: 'The runtime requests sampling from callers that did not declare it',
    hooks: declaredByCaller({ sampling: {} }),
  },
  {
    name: 'elicitation-without-being-declared',
    clause: 'MCP-9',
    about: 'The runtime requests elicitation from callers that did not declare it',
    hooks: declaredByCaller({ elicitation: {} }),
  },
  {
    name: 'answers-of-callers-lost',
    clause: 'MCP-9',
    about: "The runtime drops the caller's response to a tool's request",
    hooks: onMessage((message) =>
      message.kind === 'response' ? { ...message, id: `lost ${message.id}` } : message,
    ),
  },
  {
    name: 'answers-of-callers-replaced',
    clause: 'MCP-9',
    about: "The runtime replaces the caller's response to a tool's request",
    hooks: onMessage((message) =>
      message.kind === 'response' && 'result' in message.outcome
        ? { ...message, outcome: { error: { code: -1, message: 'no' } } }
        : message,
    ),
  },
  {
    name: 'declined-is-accepted',
    clause: 'MCP-9',
    about: 'The runtime treats a declined elicitation as accepted',
    hooks: onMessage((message) => answered(message, { decline: 'accept' })),
  },
  {
    name: 'cancelled-is-declined',
    clause: 'MCP-9',
    about: 'The runtime treats a cancelled elicitation as declined',
    hooks: onMessage((message) => answered(message, { cancel: 'decline' })),
  },
  {
    name: 'changes-told-to-everybody',
    clause: 'MCP-10',
    about: 'The runtime notifies every session about a resource change',
    hooks: { subscribersOf: (sessions) => sessions },
  },
  {
    name: 'changes-told-to-nobody',
    clause: 'MCP-10',
    about: 'The runtime drops the notification about a resource change',
    hooks: { subscribersOf: () => [] },
  },
  {
    name: 'changes-of-any-resource-told',
    clause: 'MCP-10',
    about: 'The runtime notifies a subscriber about changes to every resource',
    hooks: {
      subscribersOf: (sessions) => [...sessions].filter(({ subscriptions }) => subscriptions.size > 0),
    },
  },
  {
    name: 'unsubscribing-has-no-effect',
    clause: 'MCP-10',
    about: 'The runtime notifies a session that has unsubscribed',
    hooks: {
      findSession(sessions, id) {
        const session = sessions.find(id);
        const ever = everSubscribed.get(id) ?? new Set();
        everSubscribed.set(id, ever);
        for (const uri of session.subscriptions) ever.add(uri);
        return session;
      },
      subscribersOf: (sessions, uri) =>
        [...sessions].filter(
          ({ id, subscriptions }) => subscriptions.has(uri) || everSubscribed.get(id)?.has(uri),
        ),
    },
  },
  {
    name: 'touch-does-nothing',
    clause: 'MCP-10',
    about: 'The runtime runs conformance_touch without changing the resource',
    options: toolWith('conformance_touch', async () => ({ content: [{ type: 'text', text: 'touched' }] })),
  },
  {
    name: 'completion-without-bound',
    clause: 'MCP-11',
    about: 'The runtime returns more than 100 completion values',
    hooks: onResult('completion/complete', () => ({
      completion: { values: Array.from({ length: 101 }, (_, n) => `value-${n}`) },
    })),
  },
  {
    name: 'completion-as-objects',
    clause: 'MCP-11',
    about: 'The runtime returns completion values as objects',
    hooks: onResult('completion/complete', () => ({ completion: { values: [{ value: 'x' }] } })),
  },
  {
    name: 'any-cursor',
    clause: 'MCP-12',
    about: 'The runtime returns the first page for an unknown cursor',
    alsoBreaks: [{ clause: 'JSONRPC-9', reason: 'An unknown cursor is an invalid parameter.' }],
    hooks: onMessage((message) => {
      if (message.kind !== 'request' || !message.method.endsWith('/list')) return message;
      const { cursor: _left, ...params } = (message.params ?? {}) as Members;
      return { ...message, params };
    }),
  },
  {
    name: 'bad-cursor-is-internal',
    clause: 'MCP-12',
    about: 'The runtime answers an unknown cursor with -32603',
    hooks: errorCodeWhen(/"message":"cursor/, -32603),
  },
  {
    name: 'unknown-resource-is-internal',
    clause: 'MCP-13',
    about: 'The runtime answers an unknown resource with -32603',
    hooks: errorCodeWhen(/"code":-32002/, -32603),
  },
  {
    name: 'unknown-prompt-is-not-found',
    clause: 'MCP-13',
    about: 'The runtime answers an unknown prompt with -32601',
    hooks: errorCodeWhen(/no such prompt"/, -32601),
  },
]);

function withDebug(params: unknown): unknown {
  const level = (params as Members | undefined)?.['level'];
  return levels.includes(String(level)) ? { level: 'debug' } : params;
}

function withKnownLevel(params: unknown): unknown {
  const level = (params as Members | undefined)?.['level'];
  return typeof level === 'string' && !levels.includes(level) ? { level: 'info' } : params;
}
