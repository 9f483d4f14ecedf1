import { isObject } from '../../../base/is-object.ts';
import { isLosslessNumber, rawToken } from '../../match/json.ts';
import { codeProblem } from '../json-rpc-codes.ts';
import { serverRequests } from '../mcp-methods.ts';
import { type Exchange, memberOf } from './exchange.ts';
import type { Violation } from './field-rules.ts';

const levels = new Set(['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']);

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || isLosslessNumber(value);
}

/** Checks the shape of a JSON-RPC message from the runtime (JSONRPC-12, MCP-7, MCP-8, MCP-10). */
export function* messageViolations(message: unknown, isModern: boolean): Iterable<Violation> {
  if (!isObject(message)) return yield ['JSONRPC-12', 'a message is not an object'];
  const { jsonrpc, id, method, params, error } = message;
  const has = (name: string) => Object.hasOwn(message, name);
  if (jsonrpc !== '2.0') yield ['JSONRPC-12', 'a message lacks jsonrpc "2.0"'];
  const kinds = ['method', 'result', 'error'].filter(has);
  if (kinds.length !== 1)
    yield ['JSONRPC-12', `a message has ${kinds.join(' and ') || 'no method, result or error'}`];
  if (has('method')) {
    if (typeof method !== 'string') yield ['JSONRPC-12', 'the method of a message is not a string'];
    if (has('params') && !isObject(params))
      yield ['JSONRPC-12', `the params of ${String(method)} are not an object`];
    if (has('id') && typeof id !== 'string' && !isNumber(id))
      yield ['JSONRPC-12', 'the id of a request is invalid'];
    if (!isModern) yield* notificationViolations(String(method), params, has('id'));
    return;
  }
  const isId = typeof id === 'string' || isNumber(id);
  const mayLackId = has('error') && (id === null || (isModern && !has('id')));
  if (!isId && !mayLackId) yield ['JSONRPC-12', 'a response has no valid id'];
  if (has('result') && !isObject(message['result'])) yield ['JSONRPC-12', 'a result is not an object'];
  if (has('error')) yield* errorViolations(error);
}

function* errorViolations(error: unknown): Iterable<Violation> {
  const code = memberOf(error, 'code');
  const number = isNumber(code) ? Number(rawToken(code)) : Number.NaN;
  const problem = codeProblem(number);
  if (problem !== undefined) yield ['JSONRPC-12', problem];
  if (typeof memberOf(error, 'message') !== 'string') yield ['JSONRPC-12', 'an error has no message'];
}

function* notificationViolations(method: string, params: unknown, hasId: boolean): Iterable<Violation> {
  // Another method may be that of a request or of a notification.
  if (method.startsWith('notifications/') && hasId) yield ['JSONRPC-12', `${method} has an id`];
  if (serverRequests.has(method) && !hasId) yield ['JSONRPC-12', `${method} has no id`];
  if (method === 'notifications/message') {
    const level = memberOf(params, 'level');
    if (!levels.has(String(level))) yield ['MCP-8', `a log message has the level ${JSON.stringify(level)}`];
    if (memberOf(params, 'data') === undefined) yield ['MCP-8', 'a log message has no data'];
  }
  if (method === 'notifications/progress' && !isNumber(memberOf(params, 'progress'))) {
    yield ['MCP-7', 'a progress notification has no number as its progress'];
  }
  if (method === 'notifications/resources/updated' && typeof memberOf(params, 'uri') !== 'string') {
    yield ['MCP-10', 'notifications/resources/updated has no URI'];
  }
}

/** Checks a message on the stream, or in the SSE body, of a request (JSONRPC-2, MCP-7). */
export function* routeViolations(message: unknown, exchange: Exchange): Iterable<Violation> {
  const { idToken } = exchange;
  if (!isObject(message) || idToken === undefined) return;
  if (!Object.hasOwn(message, 'method')) {
    const id = message['id'];
    const seen = typeof id === 'object' && !isLosslessNumber(id) ? JSON.stringify(id) : rawToken(id);
    if (!isSameToken(seen, idToken)) {
      yield ['JSONRPC-2', `the response has the id ${seen}, but the request has ${idToken}`];
    }
    return;
  }
  if (message['method'] !== 'notifications/progress') return;
  const metadata = memberOf(memberOf(exchange.message, 'params'), '_meta');
  const wanted = memberOf(metadata, 'progressToken');
  const token = memberOf(message['params'], 'progressToken');
  if (wanted === undefined) yield ['MCP-7', 'progress arrives without a progress token in the request'];
  else if (rawToken(token) !== rawToken(wanted)) {
    yield ['MCP-7', `progress has the token ${rawToken(token)}, but the request has ${rawToken(wanted)}`];
  }
}

/** Returns whether two JSON tokens are the same id. Strings may be escaped differently. */
function isSameToken(one: string, other: string): boolean {
  return (
    one === other || (one.startsWith('"') && other.startsWith('"') && JSON.parse(one) === JSON.parse(other))
  );
}
