import { refused } from '../failures/request-refused.ts';

/** The module of the official SDK. */
export type Sdk = typeof import('@modelcontextprotocol/server');

let loading: Promise<Sdk> | undefined;

/**
 * Loads the SDK on first use, so that the process is ready sooner.
 * @throws RequestRefused 503 if the SDK cannot be loaded
 */
export async function loadSdk(): Promise<Sdk> {
  loading ??= import('@modelcontextprotocol/server');
  try {
    return await loading;
  } catch {
    loading = undefined;
    throw refused('UNAVAILABLE', 'mcp_unavailable', 'MCP is not available');
  }
}

/** The supported MCP revisions, latest first. All of them have a handshake and sessions. */
export const servedRevisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Returns whether this runtime serves a revision. */
export function isServedRevision(revision: unknown): boolean {
  return servedRevisions.some((served) => served === revision);
}

/** Returns whether streams of a revision begin with an event that has an id but no data. */
export function hasPrimingEvents(revision: string): boolean {
  return revision >= '2025-11-25';
}

const requestTypes = {
  initialize: 'InitializeRequest',
  ping: 'PingRequest',
  'tools/list': 'ListToolsRequest',
  'tools/call': 'CallToolRequest',
  'resources/list': 'ListResourcesRequest',
  'resources/templates/list': 'ListResourceTemplatesRequest',
  'resources/read': 'ReadResourceRequest',
  'resources/subscribe': 'SubscribeRequest',
  'resources/unsubscribe': 'UnsubscribeRequest',
  'prompts/list': 'ListPromptsRequest',
  'prompts/get': 'GetPromptRequest',
  'logging/setLevel': 'SetLevelRequest',
  'completion/complete': 'CompleteRequest',
} as const;

/** The request methods that this runtime can serve. */
export type ServedMethod = keyof typeof requestTypes;

/** Returns whether this runtime can serve a method. */
export function isServedMethod(method: string): method is ServedMethod {
  return Object.hasOwn(requestTypes, method);
}

/**
 * Validates the params of a request. Returns one line with the path of the first mismatch, or undefined (JSONRPC-9).
 */
export function misfitOf(sdk: Sdk, method: ServedMethod, params: unknown): string | undefined {
  if (Array.isArray(params)) return `The params of ${method} are not an object`;
  const request = params === undefined ? { method } : { method, params };
  const result = sdk.specTypeSchemas[requestTypes[method]]['~standard'].validate(request);
  if (!('issues' in result) || result.issues === undefined) return undefined;
  const path = result.issues[0]?.path ?? [];
  const place = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
  return `Invalid params of ${method}: ${place || 'params'}`;
}
