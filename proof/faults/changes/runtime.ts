import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerOptions,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { McpChunk, McpRequest, McpResponse, RequestRpc } from '../../../proto/index.ts';
import type { CallScope, Catalog, ToolEntry } from '../../../reference-runtime/catalog/catalog.ts';
import { catalogs } from '../../../reference-runtime/catalog/index.ts';
import type { FailureCategory } from '../../../reference-runtime/failures/call-refused.ts';
import { RequestRefused } from '../../../reference-runtime/failures/request-refused.ts';
import type { Handlers } from '../../../reference-runtime/grpc/handlers.ts';
import { addService } from '../../../reference-runtime/grpc/handlers.ts';
import { defaultHooks, type RuntimeHooks } from '../../../reference-runtime/hooks.ts';
import { type Answer, eventsAnswer } from '../../../reference-runtime/http/answer.ts';
import type { Call } from '../../../reference-runtime/http/call.ts';

import type { Caller } from '../../../reference-runtime/identity/caller.ts';
import type { IncomingMessage, RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { resultResponse } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import type { Hooks } from '../../harness/fault.ts';
import { changedJson } from './lossless-json.ts';
import { requestIn } from './request-in.ts';

export type Members = Record<string, unknown>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Changes every request before the runtime reads it. */
export function onRequest(change: (request: McpRequest) => void): Hooks {
  return {
    decodeRequest(bytes) {
      const request = defaultHooks.decodeRequest(bytes);
      change(request);
      return request;
    },
  };
}

/** Changes every JSON-RPC message from a caller. */
export function onMessage(change: (message: IncomingMessage) => IncomingMessage): Hooks {
  return { parseMessage: (body) => change(defaultHooks.parseMessage(body)) };
}

/** Changes every answer from `Invoke` and `CloseSession`. */
export function onAnswer(change: (answer: Answer) => Answer): Hooks {
  return { responseOf: (answer) => defaultHooks.responseOf(change(answer)) };
}

/** Changes matching answers. */
export function onAnswerIf(when: (answer: Answer) => boolean, change: (answer: Answer) => Answer): Hooks {
  return onAnswer((answer) => (when(answer) ? change(answer) : answer));
}

export const isRefusal = ({ status }: Answer): boolean => status >= 400;
export const isOk = ({ status }: Answer): boolean => status === 200;

/** Returns the body of an answer as text. */
export function textOf({ body }: Answer): string {
  return decoder.decode(body);
}

/** Replaces the body of an answer. */
export function withText(answer: Answer, text: string): Answer {
  return { ...answer, body: encoder.encode(text) };
}

/** Changes the text of matching bodies. */
export function onText(when: (answer: Answer) => boolean, change: (text: string) => string): Hooks {
  return onAnswerIf(when, (answer) => withText(answer, change(textOf(answer))));
}

/** Changes the JSON of matching bodies. */
export function onJson(when: (answer: Answer) => boolean, change: (json: Members) => unknown): Hooks {
  return onText(
    (answer) => when(answer) && answer.headers['content-type'] === 'application/json',
    (text) => changedJson(text, change),
  );
}

/** Changes JSON bodies whose text matches `when`. */
export function onErrors(when: RegExp, change: (json: Members) => Members): Hooks {
  return onJson((answer) => when.test(textOf(answer)), change);
}

/** Adds header fields to an answer. */
export function withFields(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** Sends every response as an SSE body. @param frame writes the event with the response */
export function asEvents(frame: (data: string) => string): Hooks {
  return onAnswerIf(
    (answer) => isOk(answer) && answer.headers['content-type'] === 'application/json',
    (answer) => {
      const id = answer.headers['mcp-session-id'];
      return withFields(
        eventsAnswer(frame(textOf(answer))),
        id === undefined ? {} : { 'mcp-session-id': id },
      );
    },
  );
}

/** Changes the results of one MCP method. */
export function onResult(method: string, change: (result: Members) => unknown): Hooks {
  return onEveryResult((result, request) => (request.method === method ? change(result) : result));
}

/** Changes the results of every method. */
export function onEveryResult(change: (result: Members, request: RequestMessage) => unknown): Hooks {
  return {
    writeResult: (id, result, request) =>
      resultResponse(id, change(structuredClone(result) as Members, request)),
  };
}

/** Refuses a call on the HTTP layer. */
export function refuse(category: FailureCategory, httpStatus?: number, rpcCode?: number): never {
  throw new RequestRefused(category, {
    code: 'fault',
    message: 'Refused',
    ...(httpStatus !== undefined && { httpStatus }),
    ...(rpcCode !== undefined && { rpcCode }),
  });
}

/** Replaces one HTTP status of refusals with another, on every RPC. */
export function refusalStatus(from: number, to: number): Hooks {
  return {
    ...onAnswerIf(
      ({ status }) => status === from,
      (answer) => ({ ...answer, status: to }),
    ),
    onlyChunks: (head) => defaultHooks.onlyChunks(head.status === from ? { ...head, status: to } : head),
    answerChunks: (answer, chunkBytes) =>
      defaultHooks.answerChunks(answer.status === from ? { ...answer, status: to } : answer, chunkBytes),
  };
}

/** Skips the owner check for matching calls. */
export function ownerUncheckedWhen(
  when: (call: Call, session: Session, caller: Caller) => boolean,
): Pick<RuntimeHooks, 'checkOwner'> {
  return {
    checkOwner(session, caller, call) {
      if (!when(call, session, caller)) defaultHooks.checkOwner(session, caller, call);
    },
  };
}

/** The reason why a fault in the comparison of scopes breaks the clauses about scopes and about texts. */
export const inexactScope = 'A scope that is compared inexactly admits callers with another scope.';

/** Skips the scope check for matching calls. */
export function scopeUncheckedWhen(
  when: (call: Call, session: Session) => boolean,
): Pick<RuntimeHooks, 'checkScope'> {
  return {
    checkScope(session, serverId, call) {
      if (!when(call, session)) defaultHooks.checkScope(session, serverId, call);
    },
  };
}

/** Changes the call scope that a tool receives. */
export function onScope(change: (scope: CallScope) => CallScope): Hooks {
  return { scopeOfCall: (...call) => change(defaultHooks.scopeOfCall(...call)) };
}

/** Changes the request header fields before the runtime reads them. */
export function onFields(
  change: (fields: Readonly<Record<string, string>>) => Record<string, string>,
): Hooks {
  return { readHeaders: (fields) => defaultHooks.readHeaders(change(fields)) };
}

/** Returns the value of a header field. The case of its name is ignored. @param name in lower case */
export function fieldOf(request: McpRequest, name: string): string | undefined {
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Header field that marks a call for later hooks. The runtime itself ignores it. */
export const markName = 'x-fault-mark';

/** Returns whether `mark` has marked a call. */
export const isMarked = ({ headers }: Call): boolean => headers.has(markName);

/** Marks matching requests. */
export function mark(when: (request: McpRequest) => boolean): Hooks {
  return onRequest((request) => {
    if (when(request)) request.headers[markName] = '1';
  });
}

/** Wraps the handlers of the RPCs. */
export function onHandlers(wrap: (handlers: Handlers) => Partial<Handlers>): Hooks {
  return { addService: (server, handlers) => addService(server, { ...handlers, ...wrap(handlers) }) };
}

type UnaryHandler = handleUnaryCall<Uint8Array, McpResponse>;

/** Wraps `Invoke` and `CloseSession`. */
export function onUnary(wrap: (handler: UnaryHandler, rpc: RequestRpc) => UnaryHandler): Hooks {
  return onHandlers(({ invoke, closeSession }) => ({
    invoke: wrap(invoke, 'Invoke'),
    closeSession: wrap(closeSession, 'CloseSession'),
  }));
}

/** Changes the responses from `Invoke` and `CloseSession`. */
export function onResponse(change: (response: McpResponse, request: McpRequest) => McpResponse): Hooks {
  return onUnary((handler) => (call, callback) => {
    const { request } = call;
    handler(call, (error, response, ...rest) => {
      const read = requestIn(request);
      callback(error, response && read ? change(response, read) : response, ...rest);
    });
  });
}

/** Sets options of the gRPC server. */
export function channelOptions(options: ServerOptions): Hooks {
  return { messageLimits: (limits) => ({ ...defaultHooks.messageLimits(limits), ...options }) };
}

type StreamCall = ServerWritableStream<Uint8Array, McpChunk>;

/** Prepares every call of `InvokeStream` before its handler runs. */
export function onStream(prepare: (call: StreamCall) => void): Hooks {
  return onHandlers(({ invokeStream }) => {
    const handler: handleServerStreamingCall<Uint8Array, McpChunk> = (call) => {
      prepare(call);
      invokeStream(call);
    };
    return { invokeStream: handler };
  });
}

/** Returns the conformance catalog with some parts replaced. */
export function catalogWith(change: (catalog: Catalog) => Partial<Catalog>): { readonly catalog: Catalog } {
  const catalog = catalogs.conformance();
  return { catalog: { ...catalog, ...change(catalog) } };
}

/** Returns the conformance catalog with one tool replaced. */
export function toolWith(name: string, call: ToolEntry['call']): { readonly catalog: Catalog } {
  return catalogWith(({ tools = [] }) => ({
    tools: tools.map((entry) => (entry.tool.name === name ? { ...entry, call } : entry)),
  }));
}
