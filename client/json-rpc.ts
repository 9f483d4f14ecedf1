import { mediaTypeOf } from '../base/http-fields.ts';
import { isObject } from '../base/is-object.ts';
import { ContractViolationError, type JsonRpcErrorObject } from './errors.ts';
import type { RuntimeResponse } from './messages.ts';
import { SseParser } from './sse-parser.ts';

/** The id of a JSON-RPC request. MCP does not allow null. */
export type JsonRpcId = string | number;

/** A request, which expects a response with the same id. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params?: unknown;
}

/** A notification, which expects no response. */
export type JsonRpcNotification = Omit<JsonRpcRequest, 'id'>;

/** A response with a result. */
export interface JsonRpcResult {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId;
  readonly result: unknown;
}

/** A response with an error. Its id is null if the id of the request could not be read. */
export interface JsonRpcFailure {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId | null;
  readonly error: JsonRpcErrorObject;
}

/** Any JSON-RPC message. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResult | JsonRpcFailure;

/** Returns whether a message is a response, with a result or an error. */
export function isJsonRpcResponse(message: JsonRpcMessage): message is JsonRpcResult | JsonRpcFailure {
  return !('method' in message);
}

/** Returns whether a message is a request. */
export function isJsonRpcRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return 'method' in message && 'id' in message;
}

function isFailureObject(value: unknown): boolean {
  return isObject(value) && Number.isInteger(value['code']) && typeof value['message'] === 'string';
}

function isJsonRpcMessage(value: unknown): value is JsonRpcMessage & Record<string, unknown> {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return false;
  if ('method' in value) return typeof value['method'] === 'string';
  return 'id' in value && ('result' in value || isFailureObject(value['error']));
}

/**
 * Parses one JSON-RPC message. Numbers become JavaScript numbers, so an id over 2^53 loses digits. If large ids matter,
 * parse the text of the body or of `RuntimeStream.events()` yourself.
 * @throws ContractViolationError for invalid JSON, or JSON that is not a message
 */
export function parseJsonRpcMessage(text: string): JsonRpcMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ContractViolationError('the runtime sent a message that is not JSON');
  }
  if (!isJsonRpcMessage(value))
    throw new ContractViolationError('the runtime sent JSON that is not a JSON-RPC message');
  return value;
}

/**
 * Returns the JSON-RPC messages in the body of a response: one message from a JSON body, the messages of all `message`
 * events from an SSE body (JSONRPC-10), and no messages from an empty body or a body of another type.
 * @throws ContractViolationError if the body does not match its `content-type`
 */
export function jsonRpcMessagesOf(response: RuntimeResponse): JsonRpcMessage[] {
  if (response.body.byteLength === 0) return [];
  switch (mediaTypeOf(response.headers)) {
    case 'application/json':
      return [parseJsonRpcMessage(new TextDecoder().decode(response.body))];
    case 'text/event-stream':
      return new SseParser()
        .push(response.body)
        .filter(({ type, data }) => type === 'message' && data !== '')
        .map(({ data }) => parseJsonRpcMessage(data));
    default:
      return [];
  }
}
