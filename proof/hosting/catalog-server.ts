import { Server, type Transport } from '@modelcontextprotocol/server';
import { isObject } from '../../base/is-object.ts';
import type { CallScope, Catalog } from '../../reference-runtime/index.ts';
import { bindCatalog, capabilitiesOf } from '../../reference-runtime/mcp/bind-catalog.ts';
import type { Exchange } from '../../reference-runtime/mcp/exchange.ts';
import { SessionSubscriptions } from '../../reference-runtime/mcp/session-subscriptions.ts';

/** What the transport tells the server about a request, in addition to its message. */
type Extra = Parameters<NonNullable<Transport['onmessage']>>[1];

/** Options of a catalog server. */
export interface CatalogServerOptions {
  /** The catalog, which all sessions of a process share. */
  readonly catalog: Catalog;
  /** Returns the scope in which a request runs. */
  scopeOf(extra: Extra): CallScope;
  /** Ends the stream of a request. */
  suspend(extra: Extra): void;
  /** Called when a tool has changed a resource. */
  resourceUpdated(uri: string): void;
}

/**
 * A server of the SDK with the conformance catalog that knows nothing of the runtime: it gets messages from any
 * transport. The suite can therefore check how the runtime hosts a server.
 */
export class CatalogServer {
  readonly #server: Server;
  readonly #options: CatalogServerOptions;
  readonly #exchanges = new Map<string | number, Exchange>();
  readonly #subscriptions = new SessionSubscriptions(256, () => () => undefined);

  constructor(options: CatalogServerOptions) {
    const { catalog } = options;
    this.#options = options;
    this.#server = new Server(
      { name: 'hosted-catalog', version: '1.0.0' },
      { capabilities: capabilitiesOf(catalog) },
    );
    bindCatalog(this.#server, catalog, {
      exchange: (id) => this.#exchanges.get(id),
      subscriptions: this.#subscriptions,
      maxSubscribedUriBytes: 8192,
      resourceUpdated: options.resourceUpdated,
      onToolError: (tool, error) => process.stderr.write(`${tool} failed: ${String(error)}\n`),
    });
  }

  /** Connects to a transport, and records each request before the server gets it. */
  async connect(transport: Transport): Promise<void> {
    await this.#server.connect(transport);
    const receive = transport.onmessage;
    transport.onmessage = (message, extra) => {
      if ('method' in message && 'id' in message) this.#record(message.id, message.params, extra);
      receive?.(message, extra);
    };
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** The progress token of a request as a JSON token. */
  progressToken(id: string | number): string | undefined {
    return this.#exchanges.get(id)?.request.progressToken;
  }

  /** Notifies the caller of a changed resource if it has subscribed to it. */
  async notifyUpdated(uri: string): Promise<void> {
    if (!this.#subscriptions.uris.has(uri)) return;
    await this.#server.notification({ method: 'notifications/resources/updated', params: { uri } });
  }

  #record(id: string | number, params: unknown, extra: Extra): void {
    const { scopeOf, suspend } = this.#options;
    const meta = isObject(params) ? params['_meta'] : undefined;
    const token = isObject(meta) ? meta['progressToken'] : undefined;
    const progressToken = token === undefined ? undefined : JSON.stringify(token);
    this.#exchanges.set(id, {
      request: { kind: 'request', text: '', id: String(id), method: '', params, progressToken },
      scope: scopeOf(extra),
      path: {
        interactive: true,
        message: async () => {},
        suspend: () => suspend(extra),
        finish: () => {},
      },
    });
  }
}
