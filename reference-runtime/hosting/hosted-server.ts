import { withTimeLimit } from '../../base/deadline.ts';
import { isObject } from '../../base/is-object.ts';
import { RequestRefused, refused } from '../failures/request-refused.ts';
import { anonymousCaller, type Caller } from '../identity/caller.ts';
import type { RequestMessage } from '../mcp/envelope.ts';
import type { Exchange } from '../mcp/exchange.ts';
import { rpcErrorCodes, shieldHostedError } from '../mcp/json-rpc-error.ts';
import { isServedRevision, loadSdk, servedRevisions } from '../mcp/sdk.ts';
import { type ConnectableServer, type SdkHooks, SdkLink } from '../mcp/sdk-link.ts';
import type { ServerSource, SessionContext } from '../mcp/server-link.ts';
import type { Logger } from '../options.ts';

/**
 * Creates the MCP server of a session: an `McpServer` or a `Server` of the official SDK, version 1 or 2, that is not
 * connected yet. Called once for each `initialize`. The runtime closes the server at the end of the session. To refuse
 * a session, throw `RequestRefused`. The caller of any other error gets status 500, and the error is logged.
 */
export type ServerFactory = (session: SessionContext) => ConnectableServer | Promise<ConnectableServer>;

/**
 * What handlers of the SDK learn about the caller, as `extra.authInfo` (version 1) or `ctx.http.authInfo` (version 2).
 */
export interface HostedAuthInfo {
  /** Always empty: the gateway keeps the caller's token. */
  readonly token: '';
  /** The email of the caller. */
  readonly clientId: string;
  /** The permissions of the caller (`scoped_permissions`). */
  readonly scopes: string[];
  readonly extra: { readonly caller: Caller };
}

/** Milliseconds that a server may take to close. */
const closeMs = 5000;

/** Milliseconds after which a reader may resume the stream that a handler closed. */
const retryMs = 1000;

/** Dependencies of hosted servers. */
export interface HostedSourceOptions {
  readonly factory: ServerFactory;
  readonly hooks: SdkHooks;
  readonly logger: Logger;
}

/** Provides each session with the server that a factory creates. */
export function hostedSource({ factory, hooks, logger }: HostedSourceOptions): ServerSource {
  const shieldError: SdkHooks['shieldError'] = (error) => {
    const { code, message } = error;
    if (code === rpcErrorCodes.internalError)
      logger.error({ error: message }, 'a request failed unexpectedly');
    return shieldHostedError(error);
  };
  return {
    async open(context, port) {
      const sdk = await loadSdk();
      const server = await create(factory, context, logger);
      const onClosed = () =>
        port.lose(refused('UPSTREAM_ERROR', 'server_closed', 'The MCP server ended the session'));
      const link = await SdkLink.connect(
        {
          sdk,
          server: closingQuietly(server, logger),
          hooks: { ...hooks, shieldError },
          sessionId: context.sessionId,
          prepare: withServedRevision,
          extraOf,
          onClosed,
        },
        port,
      ).catch((error: unknown) => {
        throw notCreated(error, logger);
      });
      return link;
    },
  };
}

/**
 * Returns the caller of a request. Use it in the handlers of a hosted server: `callerOf(extra.authInfo)`.
 * @param authInfo `extra.authInfo` (SDK version 1) or `ctx.http?.authInfo` (SDK version 2). It is undefined for an
 *   anonymous caller.
 */
export function callerOf(authInfo: { readonly extra?: Record<string, unknown> } | undefined): Caller {
  return (authInfo as HostedAuthInfo | undefined)?.extra?.caller ?? anonymousCaller;
}

async function create(factory: ServerFactory, context: SessionContext, logger: Logger) {
  let server: ConnectableServer;
  try {
    server = await factory(context);
  } catch (error) {
    throw notCreated(error, logger);
  }
  if (typeof server?.connect === 'function' && typeof server.close === 'function') return server;
  throw notCreated(new TypeError('The factory did not return an McpServer or a Server'), logger);
}

/** Logs why a session has no server, and returns the refusal for the caller. */
function notCreated(error: unknown, logger: Logger): RequestRefused {
  if (error instanceof RequestRefused) return error;
  logger.error(
    { error: error instanceof Error ? error.stack : String(error) },
    'no MCP server for a session',
  );
  return refused('INTERNAL', 'server_not_created', 'The MCP server of the session could not be created');
}

/** A server that fails or hangs while it closes does not keep the session open. */
function closingQuietly(server: ConnectableServer, logger: Logger): ConnectableServer {
  return {
    connect: (transport) => server.connect(transport),
    async close() {
      try {
        await withTimeLimit(server.close(), closeMs);
      } catch (error) {
        logger.error(
          { error: error instanceof Error ? error.stack : String(error) },
          'an MCP server failed to close',
        );
      }
    },
  };
}

function extraOf({ scope: { caller }, path }: Exchange) {
  return {
    closeSSEStream: () => path.suspend(retryMs),
    ...(caller.kind === 'known' && { authInfo: authInfoOf(caller) }),
  };
}

function authInfoOf(caller: Extract<Caller, { kind: 'known' }>): HostedAuthInfo {
  const { email, claims } = caller;
  return { token: '', clientId: email, scopes: [...claims.scopedPermissions], extra: { caller } };
}

/** Replaces a revision that the runtime does not serve, because the server might accept it (INIT-3). */
export function withServedRevision({ method, params }: RequestMessage): unknown {
  if (method !== 'initialize' || !isObject(params) || isServedRevision(params['protocolVersion']))
    return params;
  return { ...params, protocolVersion: servedRevisions[0] };
}
