import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createRuntimeClient, type RuntimeResponse } from '../../../../client/index.ts';

/** A minimal gateway that handles only ordinary requests. */
export interface NaiveGateway extends AsyncDisposable {
  readonly url: URL;
}

/**
 * Serves POST and DELETE by Invoke and CloseSession.
 * @param onFailure answers a request whose call failed. By default, the answer exposes the details of the failure
 */
export async function serveNaiveGateway(
  socketPath: string,
  onFailure: (response: ServerResponse, error: Error) => void = (response, error) =>
    response.writeHead(500).end(error.stack),
): Promise<NaiveGateway> {
  const client = createRuntimeClient({ socketPath, waitForRuntime: false });
  const call = async (request: IncomingMessage): Promise<RuntimeResponse> => {
    const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
    const parts = {
      method: request.method,
      path: pathname,
      query: search.slice(1),
      headers: Object.fromEntries(
        Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === 'string' ? [[name, value]] : [],
        ),
      ),
      serverId: /^\/servers\/([^/]+)\/mcp$/.exec(pathname)?.[1],
      sessionId: request.headers['mcp-session-id']?.toString(),
    };
    if (request.method === 'DELETE') return client.closeSession(parts);
    return client.invoke({ ...parts, method: 'POST', body: await buffer(request) });
  };
  const server = createServer((request, response) => {
    call(request)
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch((error: Error) => onFailure(response, error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      client.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
