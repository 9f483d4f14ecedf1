import { randomBytes } from 'node:crypto';
import {
  type AuthInfo,
  createMcpHandler,
  InMemoryServerEventBus,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { catalogOf } from '../../reference-runtime/catalog/catalog.ts';
import { catalogs } from '../../reference-runtime/catalog/index.ts';
import { loadSdk } from '../../reference-runtime/mcp/sdk.ts';
import {
  createModernServer,
  type ListChange,
  type ModernRequest,
} from '../../reference-runtime/modern/create-server.ts';
import { bindingOf } from '../../reference-runtime/modern/request-state.ts';
import { type Exchange, requestIn } from './handler-service.ts';
import { serveHandler } from './serve-handler.ts';

// Program that serves the conformance catalog with the HTTP handler of the official TypeScript SDK, which answers every
// request itself: the reference runtime does not change its answers.
const stateLifetimeMs = 10 * 60_000;
const sdk = await loadSdk();
const stateKey = randomBytes(32);
const bus = new InMemoryServerEventBus();
const environment = {
  sdk,
  catalog: catalogOf(catalogs.conformance(), 'modern'),
  version: '1.0.0',
  resourceUpdated: (uri: string) => bus.publish({ kind: 'resource_updated', uri }),
  announce: (change: ListChange) => bus.publish({ kind: `${change}_list_changed` }),
  onError: (subject: string, error: unknown) =>
    void process.stderr.write(`${subject} failed: ${String(error)}\n`),
};
const handler = createMcpHandler(
  ({ authInfo }) => createModernServer(environment, authInfo?.extra?.['parts'] as ModernRequest),
  { legacy: 'reject', bus },
);

/** Seals request state with the codec of the SDK alone, bound to the caller and the request. */
function stateOf(binding: string): ModernRequest['state'] {
  const codecFor = (lifetimeMs: number) =>
    sdk.createRequestStateCodec({
      key: stateKey,
      ttlSeconds: lifetimeMs / 1000,
      bind: () => binding,
    });
  // The codec passes the context only to `bind`.
  const context = {} as ServerContext;
  return {
    seal: (payload: unknown, lifetimeMs = stateLifetimeMs) => codecFor(lifetimeMs).mint(payload, context),
    open: (state) => codecFor(stateLifetimeMs).verify(state, context),
  };
}

const exchange: Exchange = (request, caller, call) => {
  const message = requestIn(call);
  const owner = caller.kind === 'known' ? `caller ${caller.email}` : 'anonymous';
  const scope = { caller, serverId: call.serverId, owner };
  const token = message?.progressToken;
  const parts = {
    scope,
    progressToken: token?.startsWith('"') ? String(JSON.parse(token)) : token,
    state: stateOf(bindingOf(scope, message?.method ?? '', message?.params)),
    // The reference runtime checks answers itself. Here, the SDK does.
    answers: undefined,
  };
  const authInfo: AuthInfo = { token: '', clientId: owner, scopes: [], extra: { parts } };
  return handler.fetch(request, { authInfo });
};

await serveHandler({ exchange, capabilities: ['modern-only'], close: () => handler.close() });
process.exit(0);
