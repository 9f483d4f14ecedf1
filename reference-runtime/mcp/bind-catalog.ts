import type { Server, ServerCapabilities, ServerContext } from '@modelcontextprotocol/server';
import { type Catalog, type ToolContext, ToolFailure } from '../catalog/catalog.ts';
import {
  type Serve,
  serveCompletion,
  servePrompts,
  serveResourceLists,
  serveTools,
} from './catalog-handlers.ts';
import type { Exchange } from './exchange.ts';
import { invalidParams, RpcFailure, rpcError, rpcErrorCodes } from './json-rpc-error.ts';
import { NoOpenStream } from './message-route.ts';
import type { SessionSubscriptions } from './session-subscriptions.ts';

/** The connection, as the handlers of a catalog use it. */
export interface CatalogHost {
  exchange(internalId: string | number): Exchange | undefined;
  readonly subscriptions: SessionSubscriptions;
  /** Maximum length of the URI of a subscription, in bytes. */
  readonly maxSubscribedUriBytes: number;
  /** Notifies every subscribed session that a resource has changed. */
  resourceUpdated(uri: string): void;
  /** Called when a tool fails unexpectedly. */
  onToolError(tool: string, error: unknown): void;
}

/** Returns the capabilities that `initialize` declares for a catalog (MCP-2). */
export function capabilitiesOf(catalog: Catalog): ServerCapabilities {
  return {
    logging: {},
    ...(catalog.tools && { tools: {} }),
    ...(catalog.resources && { resources: { subscribe: true } }),
    ...(catalog.prompts && { prompts: {} }),
    ...(catalog.complete && { completions: {} }),
  };
}

/** Registers the handlers of a catalog. Returns the methods that the server serves. */
export function bindCatalog(server: Server, catalog: Catalog, host: CatalogHost): ReadonlySet<string> {
  const methods = new Set(['initialize', 'ping', 'logging/setLevel']);
  const serve = ((method: string, handler: never) => {
    methods.add(method);
    server.setRequestHandler(method as never, handler);
  }) as Serve;
  if (catalog.tools) {
    const { onToolError } = host;
    serveTools(serve, catalog.tools, { contextOf: (ctx) => toolContext(server, ctx, host), onToolError });
  }
  if (catalog.resources) bindResources(serve, catalog.resources, host);
  if (catalog.prompts) servePrompts(serve, catalog.prompts);
  if (catalog.complete) serveCompletion(serve, catalog.complete);
  return methods;
}

function toolContext(server: Server, ctx: ServerContext, host: CatalogHost): ToolContext {
  const { id, signal } = ctx.mcpReq;
  const exchange = host.exchange(id);
  if (exchange === undefined) throw new ToolFailure('The request has ended');
  const { progressToken } = exchange.request;
  const capabilities = server.getClientCapabilities();
  return {
    ...exchange.scope,
    signal,
    progressToken: progressToken?.startsWith('"') ? String(JSON.parse(progressToken)) : progressToken,
    log: async (on, { level, data, logger }) => {
      signal.throwIfAborted();
      if (on === 'request') await ctx.mcpReq.log(level, data, logger);
      // The server keeps the level of each session by its id.
      else
        await server.sendLoggingMessage(
          { level, data, ...(logger !== undefined && { logger }) },
          ctx.sessionId,
        );
    },
    progress: async (progress, total, message) => {
      if (progressToken === undefined) return;
      const params = { progressToken: 0, progress, total, message };
      await ctx.mcpReq.notify({ method: 'notifications/progress', params });
    },
    sample: async (params) => {
      if (capabilities?.sampling === undefined) throw new ToolFailure('The caller does not support sampling');
      return ask('sampling', ctx, () => ctx.mcpReq.requestSampling(params, { relatedRequestId: id, signal }));
    },
    elicit: async (params) => {
      const { elicitation } = capabilities ?? {};
      if (elicitation === undefined) throw new ToolFailure('The caller does not support elicitation');
      if (elicitation.url !== undefined && elicitation.form === undefined) {
        throw new ToolFailure('The caller does not support form elicitation');
      }
      return ask('elicitation', ctx, () =>
        ctx.mcpReq.send({ method: 'elicitation/create', params: { mode: 'form', ...params } }, { signal }),
      );
    },
    suspendStream: (retryMs) => exchange.path.suspend(retryMs),
    resourceUpdated: (uri) => host.resourceUpdated(uri),
  };
}

async function ask<T>(what: string, ctx: ServerContext, send: () => Promise<unknown>): Promise<T> {
  try {
    return (await send()) as T;
  } catch (error) {
    if (ctx.mcpReq.signal.aborted) throw error;
    if (error instanceof NoOpenStream) {
      throw new ToolFailure(`The caller has no open stream for the ${what} request`);
    }
    throw new ToolFailure(`The caller did not give a valid answer to the ${what} request`);
  }
}

function bindResources(
  serve: Serve,
  shelf: NonNullable<Catalog['resources']>,
  { subscriptions, maxSubscribedUriBytes }: CatalogHost,
): void {
  const existing = (uri: string) => {
    const contents = shelf.read(uri);
    if (contents !== undefined) return contents;
    const code = rpcErrorCodes.resourceNotFound;
    throw new RpcFailure(rpcError('NOT_FOUND', 'resource_not_found', code, 'uri: no such resource'));
  };
  serveResourceLists(serve, shelf);
  serve('resources/read', ({ params }) => ({ contents: existing(params.uri) }));
  serve('resources/subscribe', ({ params }) => {
    existing(params.uri);
    if (Buffer.byteLength(params.uri) > maxSubscribedUriBytes) {
      throw new RpcFailure(invalidParams('uri: is too long for a subscription'));
    }
    if (!subscriptions.add(params.uri)) {
      const message = 'uri: the session or its caller has too many subscriptions';
      const code = rpcErrorCodes.serverError;
      throw new RpcFailure(rpcError('RATE_LIMITED', 'too_many_subscriptions', code, message));
    }
    return {};
  });
  serve('resources/unsubscribe', ({ params }) => {
    subscriptions.remove(params.uri);
    return {};
  });
}
