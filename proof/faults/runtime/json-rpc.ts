import type { McpResponse } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { errorResponse } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { onModernRequest } from '../changes/modern.ts';
import {
  isOk,
  isRefusal,
  type Members,
  onAnswerIf,
  onEveryResult,
  onJson,
  onMessage,
  onResponse,
  onResult,
  onText,
  refuse,
  withText,
} from '../changes/runtime.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const rpcCodeOf = (json: Members) => (json['error'] as Members | undefined)?.['code'];

/** Replaces one code of JSON-RPC errors in the legacy revisions with another. */
function errorCode(status: number, from: number, to: number): Hooks {
  return onLegacyError(status, from, (response) => ({
    ...response,
    body: encoder.encode(decoder.decode(response.body).replace(`"code":${from}`, `"code":${to}`)),
  }));
}

/** Changes the answers of the legacy revisions with a JSON-RPC error. @param when selects requests by their body */
function onLegacyError(
  status: number,
  code: number,
  change: (response: McpResponse) => McpResponse,
  when: (body: string) => boolean = () => true,
): Hooks {
  return onResponse((response, { headers, body }) => {
    const isModern = headers['mcp-protocol-version'] === '2026-07-28';
    const isWanted = response.status === status && decoder.decode(response.body).includes(`"code":${code}`);
    return isWanted && !isModern && when(decoder.decode(body)) ? change(response) : response;
  });
}

/** Changes the body of a request before the runtime parses it. */
function onBody(change: (text: string) => string): Hooks {
  return {
    parseMessage(body) {
      const text = decoder.decode(body);
      const changed = change(text);
      return defaultHooks.parseMessage(changed === text ? body : encoder.encode(changed));
    },
  };
}

/** Refuses matching bodies. @param answer throws the refusal */
function bodyAnswered(when: (text: string, body: Uint8Array) => boolean, answer: () => never): Hooks {
  return {
    parseMessage(body) {
      if (when(decoder.decode(body), body)) answer();
      return defaultHooks.parseMessage(body);
    },
  };
}

const isArray = (text: string) => text.trimStart().startsWith('[');
const emptyNotification = {
  kind: 'notification',
  text: '{"jsonrpc":"2.0","method":"x"}',
  method: 'x',
  params: {},
  requestId: undefined,
} as const;

const usedIds = new Set<string>();

/** Faults in JSON-RPC. */
export const jsonRpcFaults = runtimeFaults([
  {
    name: 'finished-ids-refused',
    clause: 'JSONRPC-14',
    about: 'The runtime refuses an id that a finished request of the session had',
    hooks: {
      beginRequest(session, call, exchange) {
        const { request, path } = exchange;
        const key = `${session.id} ${request.id}`;
        if (request.method !== 'ping' || !usedIds.has(key)) {
          usedIds.add(key);
          return defaultHooks.beginRequest(session, call, exchange);
        }
        const error = { code: -32600, message: 'The id was used before' };
        path.finish({ kind: 'response', json: errorResponse(request.id, error) });
        return { cancel: () => undefined, release: () => undefined };
      },
    },
  },
  {
    name: 'finished-ids-answered-again',
    clause: 'JSONRPC-14',
    about: 'The runtime answers a request on InvokeStream whose id it has seen with the error of a duplicate',
    hooks: {
      beginRequest(session, call, exchange) {
        const { request, path } = exchange;
        const key = `${session.id} ${request.id} again`;
        if (call.rpc !== 'InvokeStream' || !usedIds.has(key)) {
          usedIds.add(key);
          return defaultHooks.beginRequest(session, call, exchange);
        }
        const error = { code: -32600, message: 'Duplicate' };
        path.finish({ kind: 'response', json: errorResponse(request.id, error) });
        return { cancel: () => undefined, release: () => undefined };
      },
    },
  },
  {
    name: 'arrays-side-by-side-refused',
    clause: 'JSONRPC-1',
    about: 'The runtime counts arrays side by side as nesting, and refuses many of them',
    hooks: bodyAnswered(
      (text) => text.split('[').length > 500 && text.trimEnd().endsWith('}'),
      () => refuse('INVALID_ARGUMENT', 400, -32600),
    ),
  },
  {
    name: 'result-beside-an-error',
    clause: 'JSONRPC-1',
    about: 'The runtime sends both a result and an error',
    hooks: onJson(isOk, (json) => ({ ...json, error: { code: 0, message: '' } })),
  },
  {
    name: 'response-in-an-array',
    clause: 'JSONRPC-1',
    about: 'The runtime wraps the response in an array',
    hooks: onText(isOk, (text) => `[${text}]`),
  },
  {
    name: 'response-twice',
    clause: 'JSONRPC-1',
    about: 'The runtime sends the response twice',
    hooks: onAnswerIf(isOk, (answer) => {
      const text = decoder.decode(answer.body);
      const isJson = answer.headers['content-type'] === 'application/json';
      const response = isJson ? `data: ${text}` : (text.trimEnd().split('\n\n').at(-1) ?? '');
      const before = isJson ? '' : text;
      return {
        ...withText(answer, `${before}${response}\n\n${isJson ? `${response}\n\n` : ''}`),
        headers: { ...answer.headers, 'content-type': 'text/event-stream' },
      };
    }),
  },
  {
    name: 'response-left-out',
    clause: 'JSONRPC-1',
    about: 'The runtime sends an empty body with status 200',
    hooks: onText(isOk, () => ''),
  },
  {
    name: 'response-with-status-201',
    clause: 'JSONRPC-1',
    about: 'The runtime sends a response with status 201',
    hooks: onAnswerIf(isOk, (answer) => ({ ...answer, status: 201 })),
  },
  {
    name: 'response-without-version',
    clause: 'JSONRPC-1',
    about: 'The runtime omits the jsonrpc member of a response',
    hooks: onText(isOk, (text) => text.replace('"jsonrpc":"2.0",', '')),
  },
  {
    name: 'empty-results-are-null',
    clause: 'JSONRPC-1',
    about: 'The runtime sends null for an empty result',
    alsoBreaks: [{ clause: 'MCP-1', reason: 'The result of ping is empty, and must be an object.' }],
    hooks: onEveryResult((result) => (Object.keys(result).length === 0 ? null : result)),
  },
  {
    name: 'ping-with-null',
    clause: 'JSONRPC-1',
    about: 'The runtime returns null for ping',
    alsoBreaks: [{ clause: 'MCP-1', reason: 'The result of ping is empty, and must be an object.' }],
    hooks: onResult('ping', () => null),
  },
  {
    name: 'id-as-a-string',
    clause: 'JSONRPC-2',
    about: 'The runtime returns a numeric id as a string',
    hooks: { responseId: (token) => (token.startsWith('"') ? token : `"${token}"`) },
  },
  {
    name: 'id-as-a-number',
    clause: 'JSONRPC-2',
    about: 'The runtime returns an id of digits in a string as a number',
    hooks: { responseId: (token) => (/^"\d+"$/.test(token) ? token.slice(1, -1) : token) },
  },
  {
    name: 'id-as-a-double',
    clause: 'JSONRPC-2',
    about: 'The runtime rounds a numeric id to a double',
    hooks: { responseId: (token) => (/^"/.test(token) ? token : JSON.stringify(Number(token))) },
  },
  {
    name: 'id-as-a-double-if-its-name-has-escapes',
    clause: 'JSONRPC-2',
    about: 'The runtime rounds a numeric id to a double if escapes spell the name of its member',
    hooks: onBody((text) => (text.includes('"\\u0069d":') ? JSON.stringify(JSON.parse(text)) : text)),
  },
  {
    name: 'id-as-a-signed-64-bit-integer',
    clause: 'JSONRPC-2',
    about: 'The runtime truncates an integer id to 64 bits',
    hooks: {
      responseId: (token) => (/^-?\d+$/.test(token) ? `${BigInt.asIntN(64, BigInt(token))}` : token),
    },
  },
  {
    name: 'id-without-fraction',
    clause: 'JSONRPC-2',
    about: 'The runtime drops the fraction of a numeric id',
    hooks: { responseId: (token) => token.replace(/^(-?\d+)\.\d+$/, '$1') },
  },
  {
    name: 'id-trimmed',
    clause: 'JSONRPC-2',
    about: 'The runtime trims white space from a string id',
    hooks: {
      responseId: (token) =>
        token.startsWith('"') ? JSON.stringify(String(JSON.parse(token)).trim()) : token,
    },
  },
  {
    name: 'notification-answered-200',
    clause: 'JSONRPC-3',
    about: 'The runtime answers a notification with 200',
    hooks: onAnswerIf(
      ({ status }) => status === 202,
      (answer) => ({ ...answer, status: 200 }),
    ),
  },
  {
    name: 'notification-answered-204',
    clause: 'JSONRPC-3',
    about: 'The runtime answers a notification with 204',
    hooks: onAnswerIf(
      ({ status }) => status === 202,
      (answer) => ({ ...answer, status: 204 }),
    ),
  },
  {
    name: 'notification-answered-with-a-body',
    clause: 'JSONRPC-3',
    about: 'The runtime sends a body in the answer to a notification',
    hooks: onAnswerIf(
      ({ status }) => status === 202,
      (answer) => ({ ...withText(answer, '{}'), headers: { 'content-type': 'application/json' } }),
    ),
  },
  {
    name: 'stray-response-refused',
    clause: 'JSONRPC-3',
    about: 'The runtime refuses a response to an unknown server request',
    hooks: onMessage((message) =>
      message.kind === 'response' ? refuse('INVALID_ARGUMENT', 400, -32600) : message,
    ),
  },
  {
    name: 'empty-body-accepted',
    clause: 'JSONRPC-4',
    about: 'The runtime treats an empty body as a notification',
    hooks: {
      parseMessage: (body) => (body.length === 0 ? emptyNotification : defaultHooks.parseMessage(body)),
    },
  },
  {
    name: 'empty-body-is-invalid',
    clause: 'JSONRPC-4',
    about: 'The runtime answers an empty body with -32600',
    hooks: bodyAnswered(
      (_text, { length }) => length === 0,
      () => refuse('INVALID_ARGUMENT', 400, -32600),
    ),
  },
  {
    name: 'no-json-is-invalid',
    clause: 'JSONRPC-5',
    about: 'The runtime answers invalid JSON with -32600',
    hooks: errorCode(400, -32700, -32600),
  },
  {
    name: 'no-json-with-status-200',
    clause: 'JSONRPC-5',
    about: 'The runtime sends a parse error with status 200',
    hooks: onLegacyError(400, -32700, (response) => ({ ...response, status: 200 })),
  },
  {
    name: 'utf-8-repaired',
    clause: 'JSONRPC-5',
    about: 'The runtime replaces invalid UTF-8 in a body',
    hooks: { parseMessage: (body) => defaultHooks.parseMessage(encoder.encode(decoder.decode(body))) },
  },
  {
    name: 'commas-too-many',
    clause: 'JSONRPC-5',
    about: 'The runtime accepts a trailing comma in JSON',
    hooks: onBody((text) => text.replace(/,\s*\}/g, '}')),
  },
  {
    name: 'long-no-json-is-invalid',
    clause: 'JSONRPC-5',
    about: 'The runtime answers a long body that is not JSON with -32600',
    hooks: onLegacyError(
      400,
      -32700,
      (response) => ({
        ...response,
        body: encoder.encode(decoder.decode(response.body).replace('"code":-32700', '"code":-32600')),
      }),
      (body) => body.length > 65_536,
    ),
  },
  {
    name: 'comments-in-json',
    clause: 'JSONRPC-5',
    about: 'The runtime accepts comments in JSON',
    hooks: onBody((text) => text.replace(/\/\*.*?\*\//gs, '')),
  },
  {
    name: 'any-white-space',
    clause: 'JSONRPC-5',
    about: 'The runtime accepts Unicode white space between JSON tokens',
    hooks: onBody((text) => text.replace(/("(?:[^"\\]|\\.)*")|[\u00a0\u2003\ufeff]/gs, '$1 ')),
  },
  {
    name: 'parse-error-with-an-id',
    clause: 'JSONRPC-5',
    about: 'The runtime sends id 0 in a parse error',
    hooks: onJson(isRefusal, (json) => (rpcCodeOf(json) === -32700 ? { ...json, id: 0 } : json)),
  },
  {
    name: 'batch-carried-out',
    clause: 'JSONRPC-6',
    about: 'The runtime executes the first message of a batch',
    hooks: onBody((text) => (isArray(text) ? firstOf(text) : text)),
  },
  {
    name: 'batch-of-one-carried-out',
    clause: 'JSONRPC-6',
    about: 'The runtime executes a batch with one message',
    hooks: onBody((text) => (isArray(text) && lengthOf(text) === 1 ? firstOf(text) : text)),
  },
  {
    name: 'batch-is-a-parse-error',
    clause: 'JSONRPC-6',
    about: 'The runtime answers a batch with -32700',
    hooks: bodyAnswered(isArray, () => refuse('INVALID_ARGUMENT', 400, -32700)),
  },
  {
    name: 'batch-of-notifications-accepted',
    clause: 'JSONRPC-6',
    about: 'The runtime answers a batch with 202',
    hooks: {
      parseMessage: (body) =>
        isArray(decoder.decode(body)) ? emptyNotification : defaultHooks.parseMessage(body),
    },
  },
  {
    name: 'any-version',
    clause: 'JSONRPC-7',
    about: 'The runtime ignores the jsonrpc member',
    hooks: onBody((text) => withMember(text, (json) => ({ ...json, jsonrpc: '2.0' }))),
  },
  {
    name: 'any-version-of-notifications',
    clause: 'JSONRPC-7',
    about: 'The runtime ignores the jsonrpc member of a notification',
    hooks: onBody((text) =>
      withMember(text, (json) => (Object.hasOwn(json, 'id') ? json : { ...json, jsonrpc: '2.0' })),
    ),
  },
  {
    name: 'results-beside-errors',
    clause: 'JSONRPC-7',
    about: 'The runtime accepts a response with both a result and an error',
    hooks: onBody((text) =>
      withMember(text, ({ error, ...rest }) =>
        error === undefined || Object.hasOwn(rest, 'result') ? rest : { error, ...rest },
      ),
    ),
  },
  {
    name: 'id-null-is-a-notification',
    clause: 'JSONRPC-7',
    about: 'The runtime treats a request with the id null as a notification',
    hooks: onBody((text) =>
      withMember(text, ({ id, ...rest }) => (id === null || id === undefined ? rest : { id, ...rest })),
    ),
  },
  {
    name: 'no-message-with-status-200',
    clause: 'JSONRPC-7',
    about: 'The runtime sends the error for an invalid message with status 200',
    hooks: onLegacyError(
      400,
      -32600,
      (response) => ({ ...response, status: 200 }),
      (body) => !isArray(body) && !body.includes('"initialize"'),
    ),
  },
  {
    name: 'method-not-found-is-invalid',
    clause: 'JSONRPC-8',
    about: 'The runtime answers an unknown method with -32600',
    hooks: errorCode(200, -32601, -32600),
  },
  {
    name: 'method-not-found-is-404',
    clause: 'JSONRPC-8',
    about: 'The runtime answers an unknown method with 404',
    hooks: onAnswerIf(
      (answer) => isOk(answer) && decoder.decode(answer.body).includes('"code":-32601'),
      (answer) => ({ ...answer, status: 404 }),
    ),
  },
  {
    name: 'bad-params-are-internal',
    clause: 'JSONRPC-9',
    about: 'The runtime answers invalid params with -32603',
    hooks: errorCode(200, -32602, -32603),
  },
  {
    name: 'bad-params-are-400',
    clause: 'JSONRPC-9',
    about: 'The runtime answers invalid params with 400',
    hooks: onLegacyError(200, -32602, (response) => ({ ...response, status: 400 })),
  },
  {
    name: 'params-not-checked',
    clause: 'JSONRPC-9',
    about: 'The runtime does not validate params',
    hooks: { misfitOf: () => undefined, shieldError: (error) => ({ ...error, code: -32603 }) },
  },
  {
    name: 'json-labelled-as-sse',
    clause: 'JSONRPC-10',
    about: 'The runtime labels a JSON body text/event-stream',
    hooks: onAnswerIf(isOk, (answer) => ({
      ...answer,
      headers: { ...answer.headers, 'content-type': 'text/event-stream' },
    })),
  },
  {
    name: 'sse-labelled-as-json',
    clause: 'JSONRPC-10',
    about: 'The runtime labels an SSE body application/json',
    hooks: onAnswerIf(isOk, (answer) => ({
      ...answer,
      headers: { ...answer.headers, 'content-type': 'application/json' },
    })),
  },
  {
    name: 'response-before-its-messages',
    clause: 'JSONRPC-10',
    about: 'The runtime puts the response first in an SSE body',
    hooks: onText(
      ({ headers }) => headers['content-type'] === 'text/event-stream',
      (text) => `${text.trimEnd().split('\n\n').reverse().join('\n\n')}\n\n`,
    ),
  },
  {
    name: 'astral-characters-lost',
    clause: 'JSONRPC-11',
    about: 'The runtime replaces characters beyond U+FFFF in responses',
    hooks: onText(isOk, (text) => text.replace(/[\u{10000}-\u{10FFFF}]/gu, '?')),
  },
  {
    name: 'strings-normalised',
    clause: 'JSONRPC-11',
    about: 'The runtime normalises strings in requests',
    hooks: onBody((text) => text.normalize('NFC')),
  },
  {
    name: 'control-characters-lost',
    clause: 'JSONRPC-11',
    about: 'The runtime drops U+007F to U+009F from responses',
    hooks: onText(isOk, (text) => text.replace(/[\u007f-\u009f]/g, '')),
  },
  {
    name: 'line-separators-lost',
    clause: 'JSONRPC-11',
    about: 'The runtime drops U+2028 and U+2029 from responses',
    hooks: onText(isOk, (text) => text.replace(/[\u2028\u2029]/g, '')),
  },
  {
    name: 'null-characters-lost',
    clause: 'JSONRPC-11',
    about: 'The runtime drops U+0000 from responses',
    hooks: onText(isOk, (text) => text.replaceAll('\\u0000', '')),
  },
  {
    name: 'modern-ids-lose-digits',
    clause: 'JSONRPC-2',
    about: 'The runtime reads the ids of modern requests as floating-point numbers',
    hooks: onModernRequest(({ id }) => (id.startsWith('"') ? {} : { id: JSON.stringify(Number(id)) })),
  },
  {
    name: 'modern-ids-lose-characters',
    clause: 'JSONRPC-2',
    about: 'The runtime drops null characters from the ids of modern requests',
    hooks: onModernRequest(({ id }) => ({ id: id.replace('\\u0000', '') })),
  },
  {
    name: 'modern-empty-id-is-a-number',
    clause: 'JSONRPC-2',
    about: 'The runtime answers the empty id of a modern request with the id 0',
    hooks: onModernRequest(({ id }) => (id === '""' ? { id: '0' } : {})),
  },
  {
    name: 'modern-notifications-with-a-body',
    clause: 'JSONRPC-3',
    about: 'The runtime answers modern notifications with a body',
    hooks: {
      modernResponse: (response, { message }) =>
        message.kind === 'notification'
          ? new Response('{}', { status: 202, headers: { 'content-type': 'application/json' } })
          : response,
    },
  },
  {
    name: 'modern-unknown-notifications-refused',
    clause: 'JSONRPC-3',
    about: 'The runtime answers 404 to modern notifications that it does not know',
    hooks: {
      modernResponse: (response, { message }) =>
        message.kind === 'notification' && message.method.endsWith('/unknown')
          ? new Response(null, { status: 404 })
          : response,
    },
  },
]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstOf(text: string): string {
  const value = parsed(text);
  return Array.isArray(value) && value.length > 0 ? JSON.stringify(value[0]) : text;
}

function lengthOf(text: string): number {
  const value = parsed(text);
  return Array.isArray(value) ? value.length : 0;
}

/** Changes the members of an object. Other texts stay as they are, because writing JSON again loses digits. */
function withMember(text: string, change: (json: Members) => Members): string {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return text;
  const [before, after] = [value as Members, change({ ...value })];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const isChanged = [...names].some((name) => before[name] !== after[name]);
  return isChanged ? JSON.stringify(after) : text;
}
