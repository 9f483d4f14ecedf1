import { isObject } from '../../../base/is-object.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { asks, type Message, modernStatus, onModern, onModernResult } from '../changes/modern.ts';
import { onResponse } from '../changes/runtime.ts';
import { decoder, encoder, heads, streamText } from '../changes/streams.ts';

/** The URIs of the catalog. */
const served = /^test:\/\/(?:static-(?:text|binary)|watched-resource|whoami|template\/.*)$|input/;
const reserved = 'io.modelcontextprotocol/';
const infoKey = `${reserved}serverInfo`;

/** Returns whether an error is about the item of a request, and not about its metadata or its input. */
const isOfItem = ({ code }: Message, { params }: RequestMessage): boolean => {
  const { _meta, requestState, inputResponses } = Object(params);
  const meta = Object(_meta);
  const isComplete =
    isObject(meta[`${reserved}clientCapabilities`]) && typeof meta[`${reserved}protocolVersion`] === 'string';
  return code === -32602 && isComplete && requestState === undefined && inputResponses === undefined;
};

/** Changes the errors of a method about the items of its requests. @param when selects the errors */
const onErrorOf = (method: string, change: (error: Message) => object, when = isOfItem): Hooks =>
  onModern((message, { message: request }) =>
    request.kind === 'request' &&
    request.method === method &&
    'error' in message &&
    when(message.error, request)
      ? { ...message, error: change(message.error) }
      : message,
  );

const recoded = (method: string, code: number, when = isOfItem): Hooks =>
  onErrorOf(method, (error) => ({ ...error, code }), when);

/** Answers the errors of a method about the items of its requests with a result. */
const resultInstead = (method: string, result: (params: Message) => object): Hooks =>
  onModern((message, { message: request }) => {
    if (request.kind !== 'request' || request.method !== method || !('error' in message)) return message;
    if (!isOfItem(message.error, request)) return message;
    const { error: _, ...others } = message;
    return { ...others, result: { resultType: 'complete', ...result(request.params) } };
  });

/** Replaces the code with which the runtime refuses a modern request whose body is a number. */
function onNumber(rpcCode: number): Hooks {
  return onResponse((response, { headers, body }) => {
    if (headers['mcp-protocol-version'] !== '2026-07-28' || !/^\d+$/.test(decoder.decode(body)))
      return response;
    const text = decoder.decode(response.body).replace(/"code":-\d+/, `"code":${rpcCode}`);
    return { ...response, body: encoder.encode(text) };
  });
}

/** Faults in the results and errors of MCP 2026-07-28. */
export const modernResultFaults = runtimeFaults([
  {
    name: 'modern-completion-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from completions',
    hooks: onModernResult(({ resultType: _, ...result }) => result, 'completion/complete'),
  },
  {
    name: 'modern-failed-tool-of-another-type',
    clause: 'MODERN-9',
    about: 'The runtime gives the result of a failed tool the type error',
    hooks: onModernResult((result) =>
      result.isError === true ? { ...result, resultType: 'error' } : result,
    ),
  },
  {
    name: 'modern-discovery-alone-names-the-server',
    clause: 'MODERN-42',
    about: 'The runtime names the server only in server/discover',
    hooks: onModernResult((result, { method }) =>
      method === 'server/discover' ? result : { ...result, _meta: {} },
    ),
  },
  {
    name: 'modern-server-without-a-version',
    clause: 'MODERN-42',
    about: 'The runtime names the server without its version',
    hooks: onModernResult((result) => ({
      ...result,
      _meta: { ...result._meta, [infoKey]: { name: 'mcp-runtime-conformance' } },
    })),
  },
  {
    name: 'modern-questions-without-the-server',
    clause: 'MODERN-42',
    about: 'The runtime does not name the server in questions',
    hooks: onModernResult((result) =>
      result.resultType === 'input_required' ? { ...result, _meta: {} } : result,
    ),
  },
  {
    name: 'modern-unknown-resource-is-empty',
    clause: 'MODERN-45',
    about: 'The runtime answers empty contents for an unknown resource',
    hooks: resultInstead('resources/read', () => ({ contents: [], ttlMs: 0, cacheScope: 'private' })),
  },
  {
    name: 'modern-unknown-resource-with-the-old-code',
    clause: 'MODERN-45',
    about: 'The runtime answers -32002 to an unknown resource',
    alsoBreaks: [{ clause: 'MODERN-43', reason: 'MODERN-43 also forbids the code -32002.' }],
    hooks: recoded('resources/read', -32002),
  },
  {
    name: 'modern-unknown-resource-is-not-found',
    clause: 'MODERN-45',
    about: 'The runtime answers an unknown resource with status 404',
    hooks: modernStatus(
      200,
      404,
      ({ message }) => asks(message, 'resources/read') && !served.test(String(Object(message.params)['uri'])),
    ),
  },
  {
    name: 'modern-unknown-resource-without-its-uri',
    clause: 'MODERN-46',
    about: 'The runtime does not repeat the URI of an unknown resource',
    hooks: onErrorOf('resources/read', ({ data: _, ...error }) => error),
  },
  {
    name: 'modern-uri-decoded-in-the-error',
    clause: 'MODERN-46',
    about: 'The runtime decodes the URI that it repeats in an error',
    hooks: onErrorOf('resources/read', (error) => ({
      ...error,
      data: { ...error.data, uri: decodeURIComponent(error.data?.uri ?? '') },
    })),
  },
  {
    name: 'modern-unknown-tool-is-a-result',
    clause: 'MODERN-46',
    about: 'The runtime answers an unknown tool with a result',
    hooks: resultInstead('tools/call', () => ({
      content: [{ type: 'text', text: 'Unknown' }],
      isError: true,
    })),
  },
  {
    name: 'modern-unknown-prompt-is-unknown-method',
    clause: 'MODERN-46',
    about: 'The runtime answers -32601 to an unknown prompt',
    hooks: recoded('prompts/get', -32601),
  },
  {
    name: 'modern-cursors-ignored',
    clause: 'MODERN-46',
    about: 'The runtime returns no templates for a cursor that it never issued',
    hooks: resultInstead('resources/templates/list', () => ({
      resourceTemplates: [],
      ttlMs: 0,
      cacheScope: 'public',
    })),
  },
  {
    name: 'modern-invalid-params-are-internal',
    clause: 'MODERN-46',
    about: 'The runtime answers -32603 to params that do not fit',
    // With data, the runtime takes the error for its own.
    hooks: onModern((message) =>
      message.error !== undefined && message.error.data === undefined && message.error.code === -32602
        ? { ...message, error: { code: -32603, message: 'Failed', data: {} } }
        : message,
    ),
  },
  {
    name: 'modern-unknown-tool-with-a-reserved-code',
    clause: 'MODERN-43',
    about: 'The runtime answers an unknown tool with -32023, which MCP reserves',
    hooks: recoded('tools/call', -32023),
  },
  {
    name: 'modern-unknown-uri-with-the-old-code',
    clause: 'MODERN-43',
    about: 'The runtime answers -32002 to a URI that is not valid',
    hooks: onErrorOf('resources/read', (error) =>
      error.data?.uri === 'not a uri' ? { ...error, code: -32002 } : error,
    ),
  },
  {
    name: 'modern-unknown-method-with-a-reserved-code',
    clause: 'MODERN-43',
    about: 'The runtime answers -32022 to an unknown method',
    hooks: recoded('no/such', -32022, ({ code }) => code === -32601),
  },
  {
    name: 'modern-cursor-with-an-old-code',
    clause: 'MODERN-44',
    about: 'The runtime answers an unknown cursor with -32001',
    hooks: recoded('tools/list', -32001),
  },
  {
    name: 'modern-unreadable-body-with-an-old-code',
    clause: 'MODERN-44',
    about: 'The runtime answers a body that is a number with -32000',
    hooks: onNumber(-32000),
  },
  {
    name: 'modern-question-is-a-request',
    clause: 'MODERN-47',
    about: 'The runtime sends a request to the client before a result that asks for input',
    hooks: streamText((text) =>
      text.includes('"resultType":"input_required"')
        ? `data: {"jsonrpc":"2.0","id":"ask","method":"elicitation/create","params":{}}\n\n${text}`
        : text,
    ),
  },
  {
    name: 'modern-roots-are-asked-by-a-request',
    clause: 'MODERN-47',
    about: 'The runtime asks for roots by a request',
    hooks: streamText((text) =>
      text.includes('"roots/list"')
        ? `data: {"jsonrpc":"2.0","id":1,"method":"roots/list"}\n\n${text}`
        : text,
    ),
  },
  {
    name: 'modern-streams-buffered',
    clause: 'MODERN-48',
    about: 'The runtime omits x-accel-buffering',
    hooks: heads(({ status, headers: { 'x-accel-buffering': _, ...headers } }) => ({ status, headers })),
  },
]);
