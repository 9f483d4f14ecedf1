import type * as mcp from '@modelcontextprotocol/server';
import type { Caller } from '../identity/caller.ts';

/** The scope of the call that runs a catalog entry (AUTH-9). */
export interface CallScope {
  readonly caller: Caller;
  /** The virtual server of the call, or "" if the call has none. */
  readonly serverId: string;
  /** The key for data of this caller only. It is the same in all sessions of one owner (AUTH-10). */
  readonly owner: string;
}

/** Operations for a running tool. Their promises resolve when the reader has room for more (STREAM-11). */
export interface ToolContext extends CallScope {
  /** Aborts when the request is cancelled or its session ends. */
  readonly signal: AbortSignal;
  /** Sends a log message to the stream of the request or to the live stream, if the log level allows it. */
  log(on: 'request' | 'live', message: LogMessage): Promise<void>;
  /** Sends a progress notification if the caller gave a progress token (MCP-7). */
  progress(progress: number, total: number, message: string): Promise<void>;
  /** The caller's progress token as text, or undefined if the call has none. */
  readonly progressToken: string | undefined;
  /** Sends a sampling request to the caller. @throws ToolFailure if the request cannot be sent (MCP-9). */
  sample(params: mcp.CreateMessageRequest['params']): Promise<mcp.CreateMessageResult>;
  /** Sends an elicitation request to the caller. @throws ToolFailure if the request cannot be sent (MCP-9). */
  elicit(params: Omit<mcp.ElicitRequestFormParams, 'mode'>): Promise<mcp.ElicitResult>;
  /** Closes the stream of the request while the request continues. A reader may resume it after `retryMs`. */
  suspendStream(retryMs: number): void;
  /** Notifies every subscriber that a resource has changed (MCP-10). */
  resourceUpdated(uri: string): void;
  /** The round of a request of the sessionless era, or undefined in a session. */
  readonly round?: ModernRound;
}

/** The revisions that serve an entry of a catalog: those with sessions, or the sessionless ones. */
export type Era = 'legacy' | 'modern';

/** One round of a request of the sessionless era. Instead of a result, it may return a question to the caller. */
export interface ModernRound {
  /** The capabilities that this request declares. */
  readonly capabilities: mcp.ClientCapabilities;
  /** The payload of `ask` in the previous round, which the caller returned unchanged. Undefined in the first round. */
  readonly state: unknown;
  /** Returns the caller's answer to the question with this key. */
  response(key: string): mcp.InputResponseView;
  /**
   * Returns the result that asks the caller for input.
   * @param payload sealed state for the next round, readable by the caller
   * @param ttlMs the lifetime of the state, in whole seconds. Default: that of the runtime
   */
  ask(requests: mcp.InputRequests, payload?: unknown, ttlMs?: number): Promise<mcp.InputRequiredResult>;
  /** @throws ProtocolError -32021 for a required capability that the request does not declare */
  require(required: mcp.ClientCapabilities): void;
  /** Tells every open subscription that asked for it that a list has changed. */
  announce(change: 'tools' | 'prompts' | 'resources'): void;
}

/** A log message of a tool. */
export interface LogMessage {
  readonly level: mcp.LoggingLevel;
  readonly data: unknown;
  readonly logger?: string;
}

/** A tool: its entry in `tools/list`, and its function, which receives valid arguments. */
export interface ToolEntry {
  readonly tool: mcp.Tool;
  /** The era that serves the tool. Default: both. */
  readonly era?: Era;
  call(
    args: Readonly<Record<string, unknown>>,
    context: ToolContext,
  ): Promise<mcp.CallToolResult | mcp.InputRequiredResult>;
}

/** The resources of a catalog. */
export interface ResourceShelf {
  readonly resources: readonly mcp.Resource[];
  readonly templates: readonly mcp.ResourceTemplateType[];
  /** Returns the contents of a resource, or undefined for an unknown URI. */
  read(uri: string): mcp.ReadResourceResult['contents'] | undefined;
}

/** A resource of the sessionless era that depends on the caller, so that no cache may share it. */
export interface CallerResource {
  readonly resource: mcp.Resource;
  /** Returns the text of the resource, or a question to the caller. */
  read(scope: CallScope, round: ModernRound): Promise<string | mcp.InputRequiredResult>;
}

/** A prompt: its entry in `prompts/list`, and its messages. */
export interface PromptEntry {
  readonly prompt: mcp.Prompt;
  /** The era that serves the prompt. Default: both. */
  readonly era?: Era;
  /** Returns a question to the caller, or undefined if the prompt can be rendered. Only in the sessionless era. */
  ask?(round: ModernRound): Promise<mcp.InputRequiredResult | undefined>;
  render(args: Readonly<Record<string, string>>): mcp.GetPromptResult['messages'];
}

/** A completable argument of a prompt or a resource template. */
export interface CompletionSubject {
  readonly kind: 'prompt' | 'resource';
  /** The name of the prompt, or the URI template. */
  readonly name: string;
  readonly argument: string;
}

/** The tools, prompts and resources of a runtime. `initialize` declares only the defined members (MCP-2). */
export interface Catalog {
  readonly tools?: readonly ToolEntry[];
  readonly resources?: ResourceShelf;
  /** Resources that only the sessionless era serves, in addition to `resources`. */
  readonly callerResources?: readonly CallerResource[];
  readonly prompts?: readonly PromptEntry[];
  /** Completes a value with at most 100 candidates (MCP-11). Returns undefined for an unknown subject. */
  readonly complete?: (
    subject: CompletionSubject,
    value: string,
  ) => mcp.CompleteResult['completion'] | undefined;
}

/** Returns the part of a catalog that an era serves. */
export function catalogOf(catalog: Catalog, era: Era): Catalog {
  const isServed = (entry: { readonly era?: Era }) => (entry.era ?? era) === era;
  return {
    ...catalog,
    ...(catalog.tools && { tools: catalog.tools.filter(isServed) }),
    ...(catalog.prompts && { prompts: catalog.prompts.filter(isServed) }),
  };
}

/** The names of the built-in catalogs. The first name is the default. */
export const catalogNames = ['conformance', 'empty'] as const;

/** The name of a built-in catalog. */
export type CatalogName = (typeof catalogNames)[number];

/** A tool failure whose message is safe to send. It becomes a result with `isError` (MCP-4). */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly code = 'tool_failure';
}
