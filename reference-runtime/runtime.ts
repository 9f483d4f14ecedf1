import { Server, ServerCredentials } from '@grpc/grpc-js';
import { withDefaults } from '../base/with-defaults.ts';
import { type Catalog, catalogOf } from './catalog/catalog.ts';
import { catalogs } from './catalog/index.ts';
import { answerUnaryDirectly } from './grpc/fast-unary.ts';
import { createHandlers, grpcHooks } from './grpc/handlers.ts';
import { defaultHooks, type RuntimeHooks } from './hooks.ts';
import { hostedSource } from './hosting/hosted-server.ts';
import { HttpSocketServer } from './http-socket/http-socket-server.ts';
import type { Caller } from './identity/caller.ts';
import { InFlight } from './in-flight.ts';
import { FairWork } from './large-json/fair-work.ts';
import { type CatalogSourceOptions, catalogSource } from './mcp/catalog-source.ts';
import type { ServerSource } from './mcp/server-link.ts';
import { ModernService } from './modern/modern-service.ts';
import { defaultLimits, type Logger } from './options.ts';
import { type HeldSocket, holdSocket, type SocketClaim } from './process/socket-claim.ts';
import {
  type CloseOptions,
  modernCapability,
  type RuntimeOptions,
  runtimeCapabilities,
} from './runtime-options.ts';
import { McpService } from './service/service.ts';
import type { Serving } from './service/serving.ts';
import { CallerQuota } from './session/caller-quota.ts';
import { SessionStore } from './session/session-store.ts';

const nothing = () => undefined;

/** The default logger, which writes nothing. */
const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Returns the catalog to serve, or undefined for a hosted server. @throws TypeError if the options choose both */
function entriesOf({ catalog, server }: RuntimeOptions): Catalog | undefined {
  if (server === undefined) {
    const chosen = catalog ?? 'conformance';
    return typeof chosen === 'string' ? catalogs[chosen]() : chosen;
  }
  if (catalog !== undefined) throw new TypeError('Choose either the option server or the option catalog');
  return undefined;
}

/** Returns the source of the MCP servers of sessions. */
function serversOf(
  { server }: RuntimeOptions,
  entries: Catalog = {},
  shared: Omit<CatalogSourceOptions, 'catalog'>,
): ServerSource {
  if (server === undefined) return catalogSource({ ...shared, catalog: catalogOf(entries, 'legacy') });
  const { hooks, logger } = shared;
  return typeof server === 'function'
    ? hostedSource({ factory: server, hooks, logger })
    : server.source(shared);
}

/** A runtime with replaceable hooks. The faults in proof/ replace them. */
class ComposedRuntime implements AsyncDisposable {
  readonly #server: Server;
  readonly #sessions: SessionStore;
  readonly #servers: ServerSource;
  readonly #modern: ModernService | undefined;
  readonly #connections = new InFlight();
  readonly #serving: Serving<RuntimeHooks>;
  #claim: SocketClaim | undefined;
  #http: { readonly server: HttpSocketServer; readonly claim: SocketClaim } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RuntimeOptions, hooks: RuntimeHooks) {
    const { mode = 'full', version = '0.0.0', anonymous = 'isolate', logger = silentLogger } = options;
    const limits = withDefaults(defaultLimits, options.limits);
    this.#sessions = new SessionStore(limits);
    const resourceUpdated = (uri: string) => this.#resourceUpdated(uri);
    const subscriptions = new CallerQuota({
      max: limits.maxSubscriptionsInTotal,
      maxPerCaller: limits.maxSubscriptionsPerCaller,
    });
    const beginSubscription = (caller: Caller) => subscriptions.begin(hooks.quotaOwnerOf(caller));
    const environment = { limits, version, hooks, logger, resourceUpdated, beginSubscription };
    const entries = entriesOf(options);
    this.#servers = serversOf(options, entries, environment);
    // A hosted server has the sessions of the earlier revisions.
    this.#modern =
      entries &&
      new ModernService({
        ...environment,
        catalog: catalogOf(entries, 'modern'),
        stateKey: options.requestStateKey,
      });
    const service = new McpService({
      hooks,
      limits,
      servers: this.#servers,
      sessions: this.#sessions,
      anonymous,
      modern: this.#modern,
      parsing: new FairWork(),
    });
    const messageLimits = hooks.messageLimits(limits);
    this.#server = new Server({
      ...messageLimits,
      interceptors: [...hooks.interceptors],
      // The runtime does not use the call statistics of grpc-js.
      'grpc.enable_channelz': 0,
    });
    // Interceptors of a fault must see every call.
    if (hooks.interceptors === grpcHooks.interceptors) answerUnaryDirectly(this.#server, messageLimits);
    const about = {
      mode,
      version,
      capabilities:
        this.#modern === undefined ? runtimeCapabilities : [...runtimeCapabilities, modernCapability],
    };
    const health = () => ({ status: this.#closing === undefined ? 'ok' : 'stopping', ...about }) as const;
    this.#serving = { service, hooks, limits, logger, calls: new InFlight(), health };
    hooks.addService(this.#server, createHandlers(this.#serving));
  }

  /** The number of sessions. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Claims a socket and serves on it (LIFE-1, LIFE-3).
   * @param socketPath the path of the socket file, at most 107 bytes
   * @throws SocketUnavailable if the path cannot be claimed (LIFE-4 to -7)
   */
  async listen(socketPath: string): Promise<void> {
    this.#checkNew(this.#claim, 'listening');
    this.serve(await holdSocket(socketPath, this.#serving.hooks.claimSocket));
  }

  /** Serves on a held socket. Closing the runtime releases it. */
  serve({ claim, handTo }: HeldSocket): void {
    this.#checkNew(this.#claim, 'listening');
    this.#claim = claim;
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    handTo((connection) => {
      connection.once('close', this.#connections.begin());
      injector.injectConnection(this.#serving.hooks.acceptConnection(connection));
    });
    const { status: _, ...about } = this.#serving.health();
    this.#serving.logger.info({ path: claim.path, ...about }, 'listening');
  }

  /**
   * Claims a second socket and serves HTTP/1.1 on it.
   * @param socketPath the path of the socket file, at most 107 bytes
   * @throws SocketUnavailable if the path cannot be claimed (LIFE-4 to -7)
   */
  async listenHttp(socketPath: string): Promise<void> {
    this.#checkNew(this.#http, 'serving HTTP');
    this.serveHttp(await holdSocket(socketPath, this.#serving.hooks.claimSocket));
  }

  /** Serves HTTP on a held socket. Closing the runtime releases it. */
  serveHttp({ claim, handTo }: HeldSocket): void {
    this.#checkNew(this.#http, 'serving HTTP');
    const server = new HttpSocketServer(this.#serving);
    this.#http = { server, claim };
    handTo((connection) => server.accept(connection));
    this.#serving.logger.info({ path: claim.path }, 'serving HTTP');
  }

  /**
   * Shuts down: refuses new calls, removes the socket file, waits for unary calls up to the drain limit, and ends all
   * streams normally (LIFE-8, LIFE-9). Further calls return the same promise.
   */
  close({ drainMs = this.#serving.limits.drainMs }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkNew(served: object | undefined, state: string): void {
    if (served === undefined && this.#closing === undefined) return;
    throw new Error(`The runtime is already ${state} or closed: create another one`);
  }

  async #close(drainMs: number): Promise<void> {
    this.#serving.logger.info({ drainMs }, 'stopping');
    if (this.#claim !== undefined) await this.#serving.hooks.releaseSocket(this.#claim);
    if (this.#http !== undefined) await this.#serving.hooks.releaseSocket(this.#http.claim);
    for (const session of this.#sessions.all()) session.streams.live.end();
    await this.#modern?.endSubscriptions();
    await this.#serving.calls.idle(drainMs);
    await this.#sessions.close();
    await this.#servers.close?.();
    await this.#modern?.close();
    // Since Node 24, the callback may run before everything has been sent, so the connections are awaited separately.
    this.#server.tryShutdown(() => {});
    await this.#connections.idle(500);
    this.#server.forceShutdown();
    this.#http?.server.close();
    this.#serving.logger.info({}, 'stopped');
  }

  #resourceUpdated(uri: string): void {
    const method = 'notifications/resources/updated';
    const message = JSON.stringify({ jsonrpc: '2.0', method, params: { uri } });
    for (const session of this.#serving.hooks.subscribersOf(this.#sessions.all(), uri)) {
      void session.streams.live.push(message);
    }
    this.#modern?.resourceUpdated(uri);
  }
}

/** A runtime that serves the contract on a Unix domain socket. */
export class Runtime extends ComposedRuntime {
  constructor(options: RuntimeOptions = {}) {
    super(options, defaultHooks);
  }
}

/** Creates a runtime. Call `listen` to start it. */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new Runtime(options);
}

/** Creates a runtime with some hooks replaced. The hooks are internal and not part of the package's API. */
export function composeRuntime(options: RuntimeOptions, hooks: Partial<RuntimeHooks>): Runtime {
  return new ComposedRuntime(options, withDefaults(defaultHooks, hooks));
}
