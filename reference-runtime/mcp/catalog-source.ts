import type { Catalog } from '../catalog/catalog.ts';
import type { Logger, RuntimeLimits } from '../options.ts';
import { bindCatalog, capabilitiesOf } from './bind-catalog.ts';
import { loadSdk, servedRevisions } from './sdk.ts';
import { type SdkHooks, SdkLink } from './sdk-link.ts';
import type { ServerSource, SessionContext } from './server-link.ts';
import { type BeginSubscription, SessionSubscriptions } from './session-subscriptions.ts';

/** The hooks of a catalog. */
export const catalogHooks = { capabilitiesOf };
export type CatalogHooks = typeof catalogHooks;

/** Options of the servers of a catalog. */
export interface CatalogSourceOptions {
  readonly catalog: Catalog;
  /** The version that `initialize` reports. */
  readonly version: string;
  readonly hooks: SdkHooks & CatalogHooks;
  readonly limits: RuntimeLimits;
  /** Counts a subscription of a session's caller (MCP-18). */
  beginSubscription(caller: SessionContext['caller']): ReturnType<BeginSubscription>;
  readonly logger: Logger;
  /** Notifies every subscribed session that a resource has changed (MCP-10). */
  resourceUpdated(uri: string): void;
}

/** Provides each session with a server for a catalog. */
export function catalogSource(options: CatalogSourceOptions): ServerSource {
  const { catalog, version, hooks, limits, logger, resourceUpdated, beginSubscription } = options;
  return {
    async open({ caller }, port) {
      const sdk = await loadSdk();
      const server = new sdk.Server(
        { name: 'mcp-runtime-conformance', version },
        { capabilities: hooks.capabilitiesOf(catalog), supportedProtocolVersions: [...servedRevisions] },
      );
      server.onerror = (error) => logger.debug({ error: nameOf(error) }, 'the MCP server reported an error');
      const subscriptions = new SessionSubscriptions(limits.maxSubscriptions, () =>
        beginSubscription(caller),
      );
      const methods = bindCatalog(server, catalog, {
        exchange: (internalId) => port.exchange(internalId),
        subscriptions,
        maxSubscribedUriBytes: limits.maxSubscribedUriBytes,
        resourceUpdated,
        onToolError: (tool, error) => logger.error({ tool, error: nameOf(error) }, 'a tool failed'),
      });
      const release = () => subscriptions.close();
      return SdkLink.connect(
        { sdk, server, hooks, methods, subscriptions: subscriptions.uris, release },
        port,
      );
    },
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
