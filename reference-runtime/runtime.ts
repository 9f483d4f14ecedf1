import { Server, ServerCredentials } from '@grpc/grpc-js';
import { withDefaults } from '../base/with-defaults.ts';
import { catalogs } from './catalog/index.ts';
import { createHandlers } from './grpc/handlers.ts';
import { defaultHooks, type RuntimeHooks } from './hooks.ts';
import { HttpSocketServer } from './http-socket/http-socket-server.ts';
import { InFlight } from './in-flight.ts';
import {
  type CloseOptions,
  defaultLimits,
  type Logger,
  type RuntimeOptions,
  runtimeCapabilities,
} from './options.ts';
import { type HeldSocket, holdSocket, type SocketClaim } from './process/socket-claim.ts';
import { McpService } from './service/service.ts';
import type { Serving } from './service/serving.ts';
import { SessionStore } from './session/session-store.ts';

const nothing = () => undefined;

/** A logger that writes nothing: the default of a runtime that is used as a library. */
const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A runtime with the hooks that it is composed of: the proof plants its faults here. */
class ComposedRuntime implements AsyncDisposable {
  readonly #server: Server;
  readonly #sessions: SessionStore;
  readonly #connections = new InFlight();
  readonly #serving: Serving<RuntimeHooks>;
  #claim: SocketClaim | undefined;
  #http: { readonly server: HttpSocketServer; readonly claim: SocketClaim } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RuntimeOptions, hooks: RuntimeHooks) {
    const { catalog = 'conformance', mode = 'full', version = '0.0.0', anonymous = 'isolate' } = options;
    const { logger = silentLogger } = options;
    const limits = withDefaults(defaultLimits, options.limits);
    this.#sessions = new SessionStore(limits);
    const service = new McpService({
      hooks,
      limits,
      catalog: typeof catalog === 'string' ? catalogs[catalog]() : catalog,
      version,
      logger,
      sessions: this.#sessions,
      anonymous,
      resourceUpdated: (uri) => this.#resourceUpdated(uri),
    });
    this.#server = new Server({
      ...hooks.messageLimits(limits),
      interceptors: [...hooks.interceptors],
      // Nobody reads the statistics that grpc-js keeps of its calls.
      'grpc.enable_channelz': 0,
    });
    const about = { mode, version, capabilities: runtimeCapabilities };
    const health = () => ({ status: this.#closing === undefined ? 'ok' : 'stopping', ...about }) as const;
    this.#serving = { service, hooks, limits, logger, calls: new InFlight(), health };
    hooks.addService(this.#server, createHandlers(this.#serving));
  }

  /** How many sessions there are. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Begins to serve on a socket (LIFE-1, LIFE-3).
   * @param socketPath the path of the socket file, at most 107 bytes
   * @throws SocketUnavailable where the path cannot be had (LIFE-4 to -7).
   */
  async listen(socketPath: string): Promise<void> {
    this.#checkNew(this.#claim, 'listens');
    this.serve(await holdSocket(socketPath, this.#serving.hooks.claimSocket));
  }

  /** Begins to serve on a socket that already listens; closing the runtime releases it. */
  serve({ claim, handTo }: HeldSocket): void {
    this.#checkNew(this.#claim, 'listens');
    this.#claim = claim;
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    handTo((connection) => {
      connection.once('close', this.#connections.begin());
      injector.injectConnection(connection);
    });
    const { status: _, ...about } = this.#serving.health();
    this.#serving.logger.info({ path: claim.path, ...about }, 'listening');
  }

  /**
   * Begins to serve the same by HTTP/1.1 on a second socket.
   * @param socketPath the path of the socket file, at most 107 bytes
   * @throws SocketUnavailable where the path cannot be had (LIFE-4 to -7).
   */
  async listenHttp(socketPath: string): Promise<void> {
    this.#checkNew(this.#http, 'serves HTTP');
    this.serveHttp(await holdSocket(socketPath, this.#serving.hooks.claimSocket));
  }

  /** Begins to serve HTTP on a socket that already listens; closing the runtime releases it. */
  serveHttp({ claim, handTo }: HeldSocket): void {
    this.#checkNew(this.#http, 'serves HTTP');
    const server = new HttpSocketServer(this.#serving);
    this.#http = { server, claim };
    handTo((connection) => server.accept(connection));
    this.#serving.logger.info({ path: claim.path }, 'serving HTTP');
  }

  /**
   * Stops: accepts no more work, removes the socket file, lets unary calls end within the drain limit, ends all streams
   * in the regular way (LIFE-8, LIFE-9). Closing twice is closing once.
   */
  close({ drainMs = this.#serving.limits.drainMs }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkNew(served: object | undefined, does: string): void {
    if (served === undefined && this.#closing === undefined) return;
    throw new Error(`The runtime ${does} already or is closed: make another one`);
  }

  async #close(drainMs: number): Promise<void> {
    this.#serving.logger.info({ drainMs }, 'stopping');
    if (this.#claim !== undefined) await this.#serving.hooks.releaseSocket(this.#claim);
    if (this.#http !== undefined) await this.#serving.hooks.releaseSocket(this.#http.claim);
    for (const session of this.#sessions.all()) session.streams.live.end();
    await this.#serving.calls.idle(drainMs);
    await this.#sessions.close();
    // Its callback does not mean that everything was sent: since Node 24 the connections count as closed by then.
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
  }
}

/** A runtime that serves the contract on a Unix domain socket. */
export class Runtime extends ComposedRuntime {
  constructor(options: RuntimeOptions = {}) {
    super(options, defaultHooks);
  }
}

/** Makes a runtime; `listen` lets it begin. */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new Runtime(options);
}

/** Makes a runtime with some behaviours replaced. Internal: nothing of the hooks is part of the package's API. */
export function composeRuntime(options: RuntimeOptions, hooks: Partial<RuntimeHooks>): Runtime {
  return new ComposedRuntime(options, withDefaults(defaultHooks, hooks));
}
