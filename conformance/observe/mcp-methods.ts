import { isObject } from '../../base/is-object.ts';

/** The notifications of all MCP revisions. */
const notificationMethods: ReadonlySet<string> = new Set([
  'notifications/cancelled',
  'notifications/elicitation/complete',
  'notifications/initialized',
  'notifications/message',
  'notifications/progress',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
  'notifications/roots/list_changed',
  'notifications/subscriptions/acknowledged',
  'notifications/tasks/status',
  'notifications/tools/list_changed',
]);

/** The requests that an MCP server sends, in any revision of MCP. */
export const serverRequests: ReadonlySet<string> = new Set([
  'ping',
  'roots/list',
  'sampling/createMessage',
  'elicitation/create',
]);

/**
 * Returns whether a message is a notification whose method MCP does not define. A runtime may send such a notification
 * wherever it may send notifications, and receivers ignore it (JSONRPC-12).
 */
export function isUnknownNotification(message: unknown): boolean {
  if (!isObject(message) || 'id' in message || 'result' in message || 'error' in message) return false;
  const { method } = message;
  return typeof method === 'string' && !notificationMethods.has(method) && !serverRequests.has(method);
}
