import { isObject } from '../../base/is-object.ts';
import { type RequestRefused, refused } from '../failures/request-refused.ts';
import type { Steps } from '../large-json/fair-work.ts';
import { parseInSteps, tokenInSteps } from '../large-json/large-json.ts';
import { type LargeContainer, outlineOf } from '../large-json/scan.ts';
import { rpcErrorCodes } from './json-rpc-error.ts';
import { isNestedDeeper, jsonToken } from './json-token.ts';
import { hasWiderObject } from './widest-object.ts';

/** A JSON-RPC request. Its id is the original JSON token (JSONRPC-2). */
export interface RequestMessage {
  readonly kind: 'request';
  /** The whole message, as it arrived. */
  readonly text: string;
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
  /** The JSON token of `params._meta.progressToken` (MCP-7). */
  readonly progressToken: string | undefined;
}

/** A JSON-RPC notification. */
export interface NotificationMessage {
  readonly kind: 'notification';
  /** The whole message, as it arrived. */
  readonly text: string;
  readonly method: string;
  readonly params: unknown;
  /** The JSON token of `params.requestId` in `notifications/cancelled` (DEADLINE-3). */
  readonly requestId: string | undefined;
}

/** A JSON-RPC response to a request from the server. */
export interface ResponseMessage {
  readonly kind: 'response';
  /** The whole message, as it arrived. */
  readonly text: string;
  readonly id: string | number;
  readonly outcome: { readonly result: unknown } | { readonly error: unknown };
}

/** A JSON-RPC message from a caller. */
export type IncomingMessage = RequestMessage | NotificationMessage | ResponseMessage;

/** The maximum number of members of one object (LIMIT-5). A member costs the parser much more than its bytes. */
const maxMembers = 10_000;

/** The maximum nesting of a message. Recursive code would overflow the stack on a deeper message. */
const maxNesting = 500;

/** The size of the pieces of a large message that are parsed in one step. Nested arrays take a millisecond or two. */
const pieceBytes = 8 * 1024;

/** Bodies with more bytes are parsed in steps. */
export const largeBodyBytes = 32 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseError(message: string): RequestRefused {
  return refused('INVALID_ARGUMENT', 'parse_error', message, { rpcCode: rpcErrorCodes.parseError });
}

function invalidRequest(message: string, id?: string): RequestRefused {
  const { invalidRequest: rpcCode } = rpcErrorCodes;
  return refused('INVALID_ARGUMENT', 'invalid_request', message, { rpcCode, id });
}

/** A parsed body. */
interface JsonBody {
  readonly text: string;
  readonly value: unknown;
  /** Returns the token of a member, of the paths in `tokenPaths`. */
  readonly token: (path: keyof typeof tokenPaths) => string | undefined;
  readonly isTooDeep: boolean;
}

/** The members whose tokens are kept in their original form. */
const tokenPaths = {
  id: ['id'],
  progressToken: ['params', '_meta', 'progressToken'],
  requestId: ['params', 'requestId'],
} as const;

function tooDeep(id?: string): RequestRefused {
  return invalidRequest(`Nested deeper than ${maxNesting} levels`, id);
}

function parseJson(body: Uint8Array): JsonBody {
  if (body.length === 0) throw parseError('The body is empty: a JSON-RPC message is expected');
  if (hasWiderObject(body, maxMembers)) throw tooWide();
  const text = decode(body);
  try {
    const value: unknown = JSON.parse(text);
    const isTooDeep = isNestedDeeper(text, maxNesting);
    return { text, value, isTooDeep, token: (path) => jsonToken(text, tokenPaths[path]) };
  } catch {
    throw notJson();
  }
}

function decode(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    throw parseError('The body is not UTF-8');
  }
}

function tooWide(): RequestRefused {
  return invalidRequest(`An object has more than ${maxMembers} members`);
}

function notJson(): RequestRefused {
  return parseError('The body is not JSON');
}

function* parseLargeJson(body: Uint8Array): Steps<JsonBody> {
  const json = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const outline = yield* outlineOf(json, { members: maxMembers, nesting: maxNesting, pieceBytes });
  if (outline.kind === 'too-wide') throw tooWide();
  const text = decode(body);
  if (outline.kind === 'malformed') throw notJson();
  // Before the text is parsed, because that is expensive.
  if (outline.kind === 'too-deep') throw tooDeep(yield* idOfDeep(json, outline.root));
  // The outermost value is a long text.
  if (outline.root === undefined) return parseJson(body);
  const value = yield* parseRoot(json, outline.root);
  const tokens = new Map<string, string | undefined>();
  for (const [name, path] of Object.entries(tokenPaths)) {
    tokens.set(name, yield* tokenInSteps(json, outline.root, path));
  }
  return { text, value, isTooDeep: false, token: (path) => tokens.get(path) };
}

/** Returns the token of the id in a text that need not be valid. */
function* idOfDeep(json: Buffer, root: LargeContainer | undefined): Steps<string | undefined> {
  try {
    const token = root && (yield* tokenInSteps(json, root, tokenPaths.id));
    const value: unknown = token === undefined ? undefined : JSON.parse(token);
    return typeof value === 'string' || typeof value === 'number' ? token : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function* parseRoot(json: Buffer, root: LargeContainer): Steps<unknown> {
  try {
    return yield* parseInSteps(json, root);
  } catch (error) {
    throw error instanceof SyntaxError ? notJson() : error;
  }
}

/** Returns the JSON token of an id, or undefined if the id is neither a string nor a number. */
function idToken({ text, token }: JsonBody, id: unknown): string | undefined {
  // A string without escapes has a unique JSON form, so the search is unnecessary.
  if (typeof id === 'string' && !text.includes('\\')) return JSON.stringify(id);
  return typeof id === 'string' || typeof id === 'number' ? token('id') : undefined;
}

function readCallOf(
  { text, token }: JsonBody,
  { method, params }: Record<string, unknown>,
  id: string | undefined,
): IncomingMessage {
  if (typeof method !== 'string') throw invalidRequest('The member method is not a string', id);
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    throw invalidRequest('The member params is neither an object nor an array', id);
  }
  if (id !== undefined) {
    const progressToken = token('progressToken');
    return { kind: 'request', text, id, method, params: withTextToken(params, progressToken), progressToken };
  }
  const requestId = method === 'notifications/cancelled' ? token('requestId') : undefined;
  return { kind: 'notification', text, method, params, requestId };
}

/**
 * Turns a progress token beyond 2^53 into text, because the SDK refuses such a number. Notifications carry the original
 * token (JSONRPC-13).
 */
function withTextToken(params: unknown, token: string | undefined): unknown {
  const meta = token !== undefined && isObject(params) ? params['_meta'] : undefined;
  if (!isObject(params) || !isObject(meta)) return params;
  const { progressToken } = meta;
  if (!Number.isInteger(progressToken) || Number.isSafeInteger(progressToken)) return params;
  return { ...params, _meta: { ...meta, progressToken: token } };
}

function readResponseOf(
  text: string,
  value: Record<string, unknown>,
  token: string | undefined,
): ResponseMessage {
  const { id, result, error } = value;
  if (typeof id !== 'string' && typeof id !== 'number') throw invalidRequest('A response needs an id');
  const hasResult = Object.hasOwn(value, 'result');
  if (hasResult === Object.hasOwn(value, 'error')) {
    throw invalidRequest('A response has either the member result or the member error', token);
  }
  return { kind: 'response', text, id, outcome: hasResult ? { result } : { error } };
}

/**
 * Parses the body of a POST, which is one JSON-RPC 2.0 message.
 * @throws RequestRefused 400 with -32700 for a body that is empty, not UTF-8 or not JSON (JSONRPC-4, -5), and with
 *   -32600 for a batch (JSONRPC-6) or JSON that is not a JSON-RPC message (JSONRPC-7)
 */
export function parseMessage(body: Uint8Array): IncomingMessage {
  return messageOf(parseJson(body));
}

/**
 * Parses the body of a POST as `parseMessage` does, but in short steps, because a large message may be expensive to parse.
 * A message that is nested too deep is refused even if it is not JSON.
 */
export function* parseLargeMessage(body: Uint8Array): Steps<IncomingMessage> {
  return messageOf(yield* parseLargeJson(body));
}

function messageOf(body: JsonBody): IncomingMessage {
  const { text, value } = body;
  if (Array.isArray(value)) throw invalidRequest('Batches are not supported: send one message per request');
  if (!isObject(value)) throw invalidRequest('The body is not a JSON object');
  const hasId = Object.hasOwn(value, 'id');
  const id = hasId ? idToken(body, value['id']) : undefined;
  if (value['jsonrpc'] !== '2.0') throw invalidRequest('The member jsonrpc is not "2.0"', id);
  if (hasId && id === undefined) throw invalidRequest('The member id is neither a string nor a number');
  if (body.isTooDeep) throw tooDeep(id);
  const isResponse = Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error');
  if (isResponse && Object.hasOwn(value, 'method')) {
    throw invalidRequest('A message is either a request or a response', id);
  }
  return isResponse ? readResponseOf(text, value, id) : readCallOf(body, value, id);
}
