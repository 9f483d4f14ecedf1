import type * as mcp from '@modelcontextprotocol/server';
import type { Caller } from '../identity/caller.ts';

/** The call that a catalog entry works for (AUTH-9). */
export interface CallScope {
  readonly caller: Caller;
  /** The virtual server of the call, "" where there is none. */
  readonly serverId: string;
  /** Names what is kept for this caller and for no other: equal for all sessions of one owner (AUTH-10). */
  readonly owner: string;
}

/** What a tool may do besides returning. Promises resolve when the reader has room for more (STREAM-11). */
export interface ToolContext extends CallScope {
  /** Aborts when the request is cancelled or its session ends. */
  readonly signal: AbortSignal;
  /** Sends a log message, to the request's stream or to the session's live stream, if the level allows it. */
  log(on: 'request' | 'live', message: LogMessage): Promise<void>;
  /** Sends a progress notification, where the caller gave a token for it (MCP-7). */
  progress(progress: number, total: number, message: string): Promise<void>;
  /** The progress token of the caller as text, undefined where there is none. */
  readonly progressToken: string | undefined;
  /** Asks the caller's model. @throws ToolFailure where the caller cannot be asked (MCP-9). */
  sample(params: mcp.CreateMessageRequest['params']): Promise<mcp.CreateMessageResult>;
  /** Asks the caller's user. @throws ToolFailure where the caller cannot be asked (MCP-9). */
  elicit(params: Omit<mcp.ElicitRequestFormParams, 'mode'>): Promise<mcp.ElicitResult>;
  /** Closes the request's stream while the request goes on; a reader may come back after `retryMs`. */
  suspendStream(retryMs: number): void;
  /** Tells every session that subscribed to a resource that it changed (MCP-10). */
  resourceUpdated(uri: string): void;
}

/** A log message of a tool. */
export interface LogMessage {
  readonly level: mcp.LoggingLevel;
  readonly data: unknown;
  readonly logger?: string;
}

/** A tool: what `tools/list` says of it, and what it does with arguments that fit its input schema. */
export interface ToolEntry {
  readonly tool: mcp.Tool;
  call(args: Readonly<Record<string, unknown>>, context: ToolContext): Promise<mcp.CallToolResult>;
}

/** The resources of a catalog. */
export interface ResourceShelf {
  readonly resources: readonly mcp.Resource[];
  readonly templates: readonly mcp.ResourceTemplateType[];
  /** The contents under a URI, undefined where there are none. */
  read(uri: string): mcp.ReadResourceResult['contents'] | undefined;
}

/** A prompt: what `prompts/list` says of it, and its messages. */
export interface PromptEntry {
  readonly prompt: mcp.Prompt;
  render(args: Readonly<Record<string, string>>): mcp.GetPromptResult['messages'];
}

/** What can be completed: a prompt's or a resource template's argument. */
export interface CompletionSubject {
  readonly kind: 'prompt' | 'resource';
  /** The name of the prompt, or the URI template. */
  readonly name: string;
  readonly argument: string;
}

/** What a runtime serves. What is absent is not declared by `initialize` (MCP-2). */
export interface Catalog {
  readonly tools?: readonly ToolEntry[];
  readonly resources?: ResourceShelf;
  readonly prompts?: readonly PromptEntry[];
  /** Completes a value; undefined where the subject does not exist. At most 100 values (MCP-11). */
  readonly complete?: (
    subject: CompletionSubject,
    value: string,
  ) => mcp.CompleteResult['completion'] | undefined;
}

/** The names of the catalogs that come with the runtime; the first one is the default. */
export const catalogNames = ['conformance', 'empty'] as const;

/** The name of a catalog that comes with the runtime. */
export type CatalogName = (typeof catalogNames)[number];

/** A tool failed in a way that its caller may read about: becomes a result with `isError` (MCP-4). */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly code = 'tool_failure';
}
