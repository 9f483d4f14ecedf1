import { callerOf, catalogs, serve } from '../../reference-runtime/index.ts';
import { CatalogServer } from './catalog-server.ts';

// Program that hosts the conformance catalog like a user's server, with `serve({ options: { server } })`. Every case
// must pass.
const catalog = catalogs.conformance();
const servers = new Set<CatalogServer>();

function resourceUpdated(uri: string): void {
  for (const server of servers) void server.notifyUpdated(uri);
}

const server = ({ sessionId, serverId }: { sessionId: string; serverId: string }) => {
  const created = new CatalogServer({
    catalog,
    scopeOf: (extra) => {
      const caller = callerOf(extra?.authInfo);
      const owner = caller.kind === 'known' ? `caller ${caller.email}` : `session ${sessionId}`;
      return { caller, serverId, owner };
    },
    suspend: (extra) => extra?.closeSSEStream?.(),
    resourceUpdated,
  });
  servers.add(created);
  const close = () => {
    servers.delete(created);
    return created.close();
  };
  return { connect: (transport: never) => created.connect(transport), close };
};

process.exit(await serve({ version: '1.0.0', options: { server } }));
