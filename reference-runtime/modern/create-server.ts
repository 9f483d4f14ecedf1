import type {
  ClientCapabilities,
  McpServer,
  ServerCapabilities,
  ServerContext,
} from '@modelcontextprotocol/server';
import { isObject } from '../../base/is-object.ts';
import {
  type CallScope,
  type Catalog,
  type ModernRound,
  type ToolContext,
  ToolFailure,
} from '../catalog/catalog.ts';
import {
  type Serve,
  serveCompletion,
  servePrompts,
  serveResourceLists,
  serveTools,
} from '../mcp/catalog-handlers.ts';
import { invalidParams, RpcFailure, rpcError, rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import type { Sdk } from '../mcp/sdk.ts';
import type { RequestState } from './request-state.ts';

/** A change that open subscriptions may ask for. */
export type ListChange = Parameters<ModernRound['announce']>[0];

/** The parts of one request that its handlers need. */
export interface ModernRequest {
  readonly scope: CallScope;
  /** The caller's progress token as text. */
  readonly progressToken: string | undefined;
  readonly state: RequestState;
  /** The caller's answers as they arrived. The SDK drops malformed ones. */
  readonly answers: unknown;
}

/** Dependencies of all servers of a runtime. */
export interface ModernEnvironment {
  readonly sdk: Sdk;
  readonly catalog: Catalog;
  readonly version: string;
  resourceUpdated(uri: string): void;
  announce(change: ListChange): void;
  /** Called when a handler fails unexpectedly. */
  onError(subject: string, error: unknown): void;
}

/** Lists and shared resources depend on the program alone, so any cache may keep them. */
const sharedHint = { ttlMs: 60_000, cacheScope: 'public' } as const;

/** The hint for a resource that depends on the caller. */
const callerHint = { ttlMs: 0, cacheScope: 'private' } as const;

const cacheHints = {
  'server/discover': sharedHint,
  'tools/list': sharedHint,
  'prompts/list': sharedHint,
  'resources/list': sharedHint,
  'resources/templates/list': sharedHint,
  'resources/read': { ttlMs: 0, cacheScope: 'public' },
} as const;

/** Returns the capabilities that `server/discover` declares for a catalog. */
export function modernCapabilities(catalog: Catalog): ServerCapabilities {
  return {
    logging: {},
    ...(catalog.tools && { tools: { listChanged: true } }),
    ...(catalog.resources && { resources: { subscribe: true, listChanged: true } }),
    ...(catalog.prompts && { prompts: { listChanged: true } }),
    ...(catalog.complete && { completions: {} }),
  };
}

/** Creates the server of one request. It keeps no state for later requests. */
export function createModernServer(environment: ModernEnvironment, request: ModernRequest): McpServer {
  const { sdk, catalog, version } = environment;
  const mcp = new sdk.McpServer(
    { name: 'mcp-runtime-conformance', version },
    {
      capabilities: modernCapabilities(catalog),
      cacheHints,
      requestState: { verify: (state) => request.state.open(state) },
    },
  );
  // The SDK compares the fields `mcp-param-*` with the arguments that this schema annotates.
  mcp.toolInputSchemaJson = (name) => catalog.tools?.find(({ tool }) => tool.name === name)?.tool.inputSchema;
  const serve = servedBy(mcp, environment, request);
  if (catalog.tools) {
    serveTools(serve, catalog.tools, {
      contextOf: (ctx) => toolContext(ctx, environment, request),
      isAnswer: (error) => error instanceof sdk.ProtocolError,
      onToolError: environment.onError,
    });
  }
  if (catalog.resources) {
    const { resources, callerResources = [] } = catalog;
    const listed = [...resources.resources, ...callerResources.map(({ resource }) => resource)];
    serveResourceLists(serve, { ...resources, resources: listed });
    serve('resources/read', async ({ params: { uri } }, ctx) => {
      const entry = callerResources.find(({ resource }) => resource.uri === uri);
      if (entry === undefined) return contentsOf(resources, uri);
      const answer = await entry.read(request.scope, roundOf(ctx, environment, request));
      if (typeof answer !== 'string') return answer;
      const { mimeType } = entry.resource;
      return { contents: [{ uri, text: answer, ...(mimeType && { mimeType }) }], ...callerHint };
    });
  }
  if (catalog.prompts) {
    servePrompts(serve, catalog.prompts, async ({ ask }, ctx) => ask?.(roundOf(ctx, environment, request)));
  }
  if (catalog.complete) serveCompletion(serve, catalog.complete);
  return mcp;
}

/** Registers handlers that do not reveal the cause of an unexpected failure (ERROR-3). */
function servedBy(
  { server }: McpServer,
  { sdk, onError }: ModernEnvironment,
  { answers }: ModernRequest,
): Serve {
  const register = (method: never, handler: (request: never, ctx: ServerContext) => unknown) => {
    server.setRequestHandler(method, (async (request: never, ctx: ServerContext) => {
      try {
        checkAnswers(answers);
        return await handler(request, ctx);
      } catch (error) {
        if (error instanceof ToolFailure) throw new RpcFailure(invalidParams(error.message));
        if (error instanceof RpcFailure || error instanceof sdk.ProtocolError) throw error;
        if (!ctx.mcpReq.signal.aborted) onError(method, error);
        throw new RpcFailure(
          rpcError('INTERNAL', 'internal_error', rpcErrorCodes.internalError, 'Internal error'),
        );
      }
    }) as never);
  };
  return register as unknown as Serve;
}

/** Refuses malformed answers, which the SDK treats as missing. @throws RpcFailure -32602 */
function checkAnswers(answers: unknown): void {
  if (answers === undefined) return;
  if (isObject(answers) && Object.values(answers).every(isObject)) return;
  throw new RpcFailure(invalidParams('inputResponses: not an object of objects'));
}

function toolContext(
  ctx: ServerContext,
  environment: ModernEnvironment,
  request: ModernRequest,
): ToolContext {
  const { signal } = ctx.mcpReq;
  const { progressToken } = request;
  return {
    ...request.scope,
    signal,
    progressToken,
    log: async (on, { level, data, logger }) => {
      signal.throwIfAborted();
      if (on === 'live') throw new ToolFailure('This MCP revision has no live stream');
      await ctx.mcpReq.log(level, data, logger);
    },
    progress: async (progress, total, message) => {
      const token = ctx.mcpReq._meta?.progressToken;
      if (token === undefined) return;
      const params = { progressToken: token, progress, total, message };
      await ctx.mcpReq.notify({ method: 'notifications/progress', params });
    },
    sample: async () => refuseServerRequest('sampling'),
    elicit: async () => refuseServerRequest('elicitation'),
    suspendStream: () => undefined,
    resourceUpdated: (uri) => environment.resourceUpdated(uri),
    round: roundOf(ctx, environment, request),
  };
}

function refuseServerRequest(what: string): never {
  throw new ToolFailure(`This MCP revision has no ${what} requests from the server`);
}

function roundOf(
  ctx: ServerContext,
  { sdk, announce }: ModernEnvironment,
  { state }: ModernRequest,
): ModernRound {
  const { inputResponses, envelope } = ctx.mcpReq;
  const declared = { ...envelope } as Readonly<Record<string, ClientCapabilities>>;
  const capabilities = declared[sdk.CLIENT_CAPABILITIES_META_KEY] ?? {};
  return {
    capabilities,
    state: ctx.mcpReq.requestState(),
    response: (key) => sdk.inputResponse(inputResponses, key),
    ask: async (inputRequests, payload, ttlMs) =>
      sdk.inputRequired({
        inputRequests,
        ...(payload !== undefined && { requestState: await state.seal(payload, ttlMs) }),
      }),
    require: (required) => {
      const missing = Object.entries(required).filter(([name]) => !Object.hasOwn(capabilities, name));
      if (missing.length === 0) return;
      throw new sdk.MissingRequiredClientCapabilityError({
        requiredCapabilities: Object.fromEntries(missing),
      });
    },
    announce,
  };
}

/** @throws RpcFailure for an unknown URI */
function contentsOf(shelf: NonNullable<Catalog['resources']>, uri: string) {
  const contents = shelf.read(uri);
  if (contents !== undefined) return { contents };
  const error = rpcError(
    'NOT_FOUND',
    'resource_not_found',
    rpcErrorCodes.invalidParams,
    'uri: no such resource',
  );
  throw new RpcFailure({ ...error, data: { ...Object(error.data), uri } });
}
