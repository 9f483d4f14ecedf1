import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

// The floor of a gateway: HTTP/1.1 in, HTTP/1.1 out to a Unix domain socket, which the first argument names. The proxy
// passes on header fields and streams bodies, without checks or changes.
const [socketPath = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

const server = createServer({ keepAliveTimeout: 75_000 }, (incoming, outgoing) => {
  const { method, url: path, headers } = incoming;
  const forwarded = request({ socketPath, agent, method, path, headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(outgoing);
  });
  forwarded.on('error', () => outgoing.destroy());
  incoming.pipe(forwarded);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`listening on http://127.0.0.1:${port}/mcp\n`);
});
