import { mediaTypeOf } from '../base/http-fields.ts';
import { isObject } from '../base/is-object.ts';
import { ContractViolationError, type JsonRpcErrorObject } from './errors.ts';
import type { RuntimeResponse } from './messages.ts';
import { SseParser } from './sse-parser.ts';

/** The id of a JSON-RPC request, as MCP has it. */
export type JsonRpcId = string | number;

/** A request: it wants a response with the same id. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params?: unknown;
}

/** A notification: it wants no response. */
export type JsonRpcNotification = Omit<JsonRpcRequest, 'id'>;

/** A response that carries a result. */
export interface JsonRpcResult {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId;
  readonly result: unknown;
}

/** A response that carries an error; its id is null where the request's could not be read. */
export interface JsonRpcFailure {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId | null;
  readonly error: JsonRpcErrorObject;
}

/** Any message of JSON-RPC. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResult | JsonRpcFailure;

/** Whether a message is a response, with a result or an error. */
export function isJsonRpcResponse(message: JsonRpcMessage): message is JsonRpcResult | JsonRpcFailure {
  return !('method' in message);
}

/** Whether a message is a request, to be answered. */
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
 * Reads one JSON-RPC message. Numbers become JavaScript numbers: an id beyond 2^53 loses digits here; where that
 * matters, read the text from the body or from `RuntimeStream.events()`.
 * @throws ContractViolationError if the text is no JSON or the JSON no message
 */
export function parseJsonRpcMessage(text: string): JsonRpcMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ContractViolationError('the runtime sent a message that is not JSON');
  }
  if (!isJsonRpcMessage(value))
    throw new ContractViolationError('the runtime sent JSON that is no JSON-RPC message');
  return value;
}

/**
 * The JSON-RPC messages in a response's body: one where it is JSON, those of the `message` events where it is SSE
 * (JSONRPC-10), none where it is empty or of another type.
 * @throws ContractViolationError if the body is not what its `content-type` says
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
