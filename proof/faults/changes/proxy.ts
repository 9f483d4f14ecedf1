import { toBinary } from '@bufbuild/protobuf';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import {
  type McpRequest,
  McpRequestSchema,
  type McpResponse,
  type RequestRpc,
} from '../../../proto/index.ts';
import type { Handlers } from '../../../reference-runtime/grpc/handlers.ts';
import type { Hooks } from '../../harness/fault.ts';
import { requestIn } from './request-in.ts';
import { onHandlers } from './runtime.ts';

/** The reasons for which a runtime refuses a call, as `reasonOf` finds them. */
export type Reason =
  | 'another-owner'
  | 'nobody'
  | 'not-authenticated'
  | 'another-scope'
  | 'expired'
  | 'unreadable'
  | 'another-path'
  | 'another-method'
  | 'control-character'
  | 'bad-fields'
  | 'unserved-revision';

/** The caller and the scope of a session, taken from the first call in it. */
type Owner = Pick<McpRequest, 'authContext' | 'serverId'>;

const decoder = new TextDecoder();

/** Returns the members of the JSON-RPC message in a request, or nothing for any other body. */
export function messageIn({ body }: McpRequest): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(decoder.decode(body)));
  } catch {
    return {};
  }
}

/** Returns the method of the message in a request: `response` for a response. */
export function methodIn(request: McpRequest): string {
  const { method, id } = messageIn(request);
  return typeof method === 'string' ? method : id === undefined ? '' : 'response';
}

function claimsIn(request: Owner): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(Buffer.from(request.authContext?.encoded ?? '', 'base64url').toString()));
  } catch {
    return undefined;
  }
}

function hasBadFields(headers: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return (
    new Set(names).size < names.length ||
    Object.values(headers).some((value) => /[^\t\x20-\x7e]/.test(value)) ||
    names.some((name) => !/^[\w-]+$/.test(name))
  );
}

/** Returns the reason that a call in a session must be refused, or undefined for a valid call. */
function reasonOf(request: McpRequest, owner: Owner): Reason | undefined {
  const { authContext, headers, method, path, query, serverId } = request;
  const claims = claimsIn(request);
  if (hasBadFields(headers)) return 'bad-fields';
  if (/[^\x20-\x7e]/.test(query)) return 'control-character';
  if (!['', 'POST', 'GET', 'DELETE'].includes(method)) return 'another-method';
  if (path !== '/mcp') return 'another-path';
  if (headers['mcp-protocol-version'] === '1999-12-31') return 'unserved-revision';
  if (authContext === undefined) return owner.authContext === undefined ? undefined : 'nobody';
  const { expiresAtEpochMs } = authContext;
  if (expiresAtEpochMs > 0n && expiresAtEpochMs < BigInt(Date.now())) return 'expired';
  if (claims === undefined || typeof claims['email'] !== 'string') return 'unreadable';
  if (claims['is_authenticated'] !== true) return 'not-authenticated';
  if (claims['email'] !== claimsIn(owner)?.['email']) return 'another-owner';
  return serverId === owner.serverId ? undefined : 'another-scope';
}

/** Makes a call through a handler. The answer goes only to the code that makes the call. */
export function makeCall(
  handler: Handlers['invoke'],
  call: { readonly request: Uint8Array },
  request: McpRequest,
): Promise<McpResponse | undefined> {
  const bytes = toBinary(McpRequestSchema, request);
  const again = Object.create(call, { request: { value: bytes } }) as ServerUnaryCall<
    Uint8Array,
    McpResponse
  >;
  return new Promise((resolve) => {
    const callback: sendUnaryData<McpResponse> = (_error, response) => resolve(response ?? undefined);
    handler(again, callback);
  });
}

/**
 * Carries out matching calls that the runtime refuses, as the owner of their session would make them, and then refuses
 * them as before.
 */
export function refusedButDone(
  when: (reason: Reason, request: McpRequest, rpc: RequestRpc) => boolean,
): Hooks {
  const owners = new Map<string, Owner>();
  const perform = async (handlers: Handlers, call: { readonly request: Uint8Array }, rpc: RequestRpc) => {
    const request = requestIn(call.request);
    if (request === undefined) return;
    const { sessionId, authContext, serverId } = request;
    const isModern = request.headers['mcp-protocol-version'] === '2026-07-28';
    if (sessionId === '' && !isModern) return;
    const owner = owners.get(sessionId) ?? { authContext, serverId };
    owners.set(sessionId, owner);
    const reason = reasonOf(request, owner);
    if (reason === undefined || !when(reason, request, rpc)) return;
    const routing = Object.entries(request.headers).filter(([name]) => isModern && name.startsWith('mcp-'));
    const headers = { 'content-type': 'application/json', ...Object.fromEntries(routing) };
    const repaired = { ...request, ...owner, headers, method: '', path: '/mcp', query: '' };
    await makeCall(rpc === 'CloseSession' ? handlers.closeSession : handlers.invoke, call, repaired);
  };
  return onHandlers((handlers) => ({
    invoke: (call, callback) =>
      void perform(handlers, call, 'Invoke').then(() => handlers.invoke(call, callback)),
    closeSession: (call, callback) =>
      void perform(handlers, call, 'CloseSession').then(() => handlers.closeSession(call, callback)),
    invokeStream: (call) =>
      void perform(handlers, call, 'InvokeStream').then(() => handlers.invokeStream(call)),
  }));
}
