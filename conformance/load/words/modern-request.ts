import { isObject } from '../../../base/is-object.ts';
import { modernCall } from '../../case/modern-call.ts';
import type { Place } from './place.ts';

/**
 * `modern: { method: server/discover }` in a request: a JSON-RPC request of MCP 2026-07-28, and the header fields that
 * repeat its revision, its method and its name. Header fields of the request replace these.
 */
export function modernRequest(
  written: Readonly<Record<string, unknown>>,
  place: Place,
): Record<string, unknown> {
  const { modern, headers: own, ...request } = written;
  place.moved(['message', 'params'], ['modern', 'params']);
  place.moved(['message', 'id'], ['modern', 'id']);
  const { headers, message } = modernCall(Object(modern));
  return { ...request, headers: { ...headers, ...(isObject(own) && own) }, message };
}
