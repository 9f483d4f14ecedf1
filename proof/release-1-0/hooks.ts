import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { isObject } from '../../base/is-object.ts';
import { type McpRequest, McpRequestSchema, type McpResponse } from '../../proto/index.ts';
import type { Handlers } from '../../reference-runtime/grpc/handlers.ts';
import { defaultHooks } from '../../reference-runtime/hooks.ts';
import { likeRelease10 } from '../faults/changes/release-1-0.ts';
import type { Hooks } from '../harness/fault.ts';

type Invoke = Handlers['invoke'];
type Callback = Parameters<Invoke>[1];

/** Methods whose errors have an HTTP status in place of 200. */
const methodsWithStatus = /\/(?:list|read|get|complete|setLevel)$|^resources\/(?:un)?subscribe$/;

const handshake = Buffer.from(
  JSON.stringify({
    jsonrpc: '2.0',
    id: 'hidden',
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'release-1-0', version: '1' },
    },
  }),
);

/**
 * Hooks that turn the reference runtime into one of contract release 1.0: it has no sessions, no capabilities and no
 * stream heads, and it sends errors as an HTTP status or a gRPC status.
 */
export const release10Hooks: Hooks = {
  ...likeRelease10,
  addService: (server, handlers) =>
    defaultHooks.addService(server, { ...handlers, invoke: withoutSessions(handlers.invoke) }),
};

/** Wraps `Invoke` so that each request runs in a hidden session of its own, whose id callers never see. */
function withoutSessions(invoke: Invoke): Invoke {
  return (call, callback) => {
    const request = decoded(call.request);
    if (request === undefined) return invoke(call, callback);
    const message = messageIn(request.body);
    const forward = (changes: Partial<McpRequest>, answered: Callback): void => {
      call.request = toBinary(McpRequestSchema, create(McpRequestSchema, { ...request, ...changes }));
      invoke(call, answered);
    };
    const answered: Callback = (error, answer) => {
      if (error != null || answer == null) return callback(error);
      const whole = translated(answer, message);
      if ('code' in whole) callback(whole);
      else callback(null, whole);
    };
    const isRequest = message?.['id'] !== undefined && typeof message['method'] === 'string';
    if (!isRequest || message['method'] === 'initialize') return forward({ sessionId: '' }, answered);
    forward({ body: handshake, sessionId: '' }, (_, opened) => {
      forward({ sessionId: opened?.headers['mcp-session-id'] ?? '' }, answered);
    });
  };
}

/**
 * Translates an answer of the reference runtime to release 1.0. A gRPC status replaces the error of an unknown method.
 */
function translated(
  answer: McpResponse,
  message: Members | undefined,
): McpResponse | { readonly code: status; readonly details: string } {
  const { 'mcp-session-id': _, ...headers } = answer.headers;
  const body = messageIn(answer.body);
  const error = isObject(body?.['error']) ? body['error'] : undefined;
  if (isObject(error?.['data']) && error['data']['code'] === 'session_required') {
    // Without sessions, every notification and every response is accepted.
    return { ...answer, status: 202, headers: {}, body: new Uint8Array() };
  }
  if (answer.status !== 200 || error === undefined) return { ...answer, headers };
  if (error['code'] === -32601) return { code: status.UNIMPLEMENTED, details: 'unknown method' };
  const hasStatus = methodsWithStatus.test(String(message?.['method']));
  return { ...answer, headers, status: hasStatus ? (error['code'] === -32002 ? 404 : 400) : 200 };
}

type Members = Readonly<Record<string, unknown>>;

function decoded(bytes: Uint8Array): McpRequest | undefined {
  try {
    return fromBinary(McpRequestSchema, bytes);
  } catch {
    return undefined;
  }
}

/** Returns the JSON object in a body, or undefined for any other body. */
function messageIn(body: Uint8Array): Members | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
