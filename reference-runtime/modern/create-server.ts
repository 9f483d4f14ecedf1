import type {
  ClientCapabilities,
  McpServer,
  ServerCapabilities,
  ServerContext,
} from '@modelcontextprotocol/server';
import { argumentMisfit } from '../catalog/arguments.ts';
import {
  type CallScope,
  type Catalog,
  type ModernRound,
  type ToolContext,
  ToolFailure,
} from '../catalog/catalog.ts';
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

/** The catalog does not depend on the caller and changes only with the program, so any cache may keep it. */
const sharedHint = { ttlMs: 60_000, cacheScope: 'public' } as const;

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

/** Creates the server of one request. It keeps nothing for later requests. */
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
  const serve = servedBy(mcp, environment);
  if (catalog.tools) serveTools(serve, catalog.tools, { environment, request });
  if (catalog.resources) serveResources(serve, catalog.resources);
  if (catalog.prompts) servePrompts(serve, catalog.prompts, { environment, request });
  if (catalog.complete) serveCompletion(serve, catalog.complete);
  return mcp;
}

type Serve = McpServer['server']['setRequestHandler'];
interface Bound {
  readonly environment: ModernEnvironment;
  readonly request: ModernRequest;
}

/** Registers handlers whose unexpected failures reveal nothing (ERROR-3). */
function servedBy({ server }: McpServer, { sdk, onError }: ModernEnvironment): Serve {
  const register = (method: never, handler: (request: never, ctx: ServerContext) => unknown) => {
    server.setRequestHandler(method, (async (request: never, ctx: ServerContext) => {
      try {
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

/** Returns the only page of a list. @throws RpcFailure for any cursor */
function onePage<T>(params: { readonly cursor?: string } | undefined, page: T): T {
  if (params?.cursor === undefined) return page;
  throw new RpcFailure(invalidParams('cursor: not issued by this server'));
}

function serveTools(
  serve: Serve,
  tools: NonNullable<Catalog['tools']>,
  { environment, request }: Bound,
): void {
  const byName = new Map(tools.map((entry) => [entry.tool.name, entry]));
  serve('tools/list', ({ params }) => onePage(params, { tools: tools.map(({ tool }) => tool) }));
  serve('tools/call', async ({ params }, ctx) => {
    const entry = byName.get(params.name);
    if (entry === undefined) throw new RpcFailure(invalidParams('name: no such tool'));
    const args = params.arguments ?? {};
    const misfit = await argumentMisfit(entry.tool, args);
    if (misfit !== undefined) return failed(misfit);
    try {
      return await entry.call(args, toolContext(ctx, environment, request));
    } catch (error) {
      if (error instanceof ToolFailure) return failed(error.message);
      if (error instanceof environment.sdk.ProtocolError) throw error;
      if (!ctx.mcpReq.signal.aborted) environment.onError(params.name, error);
      return failed('The tool failed');
    }
  });
}

function failed(text: string): { content: { type: 'text'; text: string }[]; isError: true } {
  return { content: [{ type: 'text', text }], isError: true };
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
    ask: async (inputRequests, payload) =>
      sdk.inputRequired({
        inputRequests,
        ...(payload !== undefined && { requestState: await state.seal(payload) }),
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

function serveResources(serve: Serve, shelf: NonNullable<Catalog['resources']>): void {
  serve('resources/list', ({ params }) => onePage(params, { resources: [...shelf.resources] }));
  serve('resources/templates/list', ({ params }) =>
    onePage(params, { resourceTemplates: [...shelf.templates] }),
  );
  serve('resources/read', ({ params: { uri } }) => {
    const contents = shelf.read(uri);
    if (contents !== undefined) return { contents };
    const error = rpcError(
      'NOT_FOUND',
      'resource_not_found',
      rpcErrorCodes.invalidParams,
      'uri: no such resource',
    );
    throw new RpcFailure({ ...error, data: { ...Object(error.data), uri } });
  });
}

function servePrompts(
  serve: Serve,
  prompts: NonNullable<Catalog['prompts']>,
  { environment, request }: Bound,
): void {
  const byName = new Map(prompts.map((entry) => [entry.prompt.name, entry]));
  serve('prompts/list', ({ params }) => onePage(params, { prompts: prompts.map(({ prompt }) => prompt) }));
  serve('prompts/get', async ({ params }, ctx) => {
    const entry = byName.get(params.name);
    if (entry === undefined) throw new RpcFailure(invalidParams('name: no such prompt'));
    const { prompt, ask, render } = entry;
    const args = params.arguments ?? {};
    const missing = prompt.arguments?.find(({ required, name }) => required && !Object.hasOwn(args, name));
    if (missing) throw new RpcFailure(invalidParams(`arguments.${missing.name}: missing`));
    const question = await ask?.(roundOf(ctx, environment, request));
    return question ?? { description: prompt.description, messages: render(args) };
  });
}

function serveCompletion(serve: Serve, complete: NonNullable<Catalog['complete']>): void {
  serve('completion/complete', ({ params: { ref, argument } }) => {
    const [kind, name] =
      ref.type === 'ref/prompt' ? (['prompt', ref.name] as const) : (['resource', ref.uri] as const);
    const completion = complete({ kind, name, argument: argument.name }, argument.value);
    if (completion !== undefined) return { completion };
    throw new RpcFailure(invalidParams('ref: no such prompt or resource template, or argument'));
  });
}
