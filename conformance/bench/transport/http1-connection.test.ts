import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { Http1Transport } from './http1-transport.ts';
import type { Failure } from './transport.ts';

type Serve = (incoming: IncomingMessage, outgoing: ServerResponse, body: string) => void;

async function transportTo(onRequest: Serve): Promise<Http1Transport & { connections: () => number }> {
  let connections = 0;
  const server = createServer(async (incoming, outgoing) =>
    onRequest(incoming, outgoing, await text(incoming)),
  );
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const signal = AbortSignal.timeout(5_000);
  const transport = new Http1Transport(
    { address: { kind: 'tcp', host: '127.0.0.1', port: address.port }, deadlineMs: 5_000, signal },
    'runtime',
  );
  onTestFinished(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(transport, { connections: () => connections });
}

interface Ended {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly failure: Failure | undefined;
}

function send(transport: Http1Transport, body: string): { cancel: () => void; ended: Promise<Ended> } {
  let cancel = () => {};
  const ended = new Promise<Ended>((resolve) => {
    let status = 0;
    let headers: Ended['headers'] = {};
    const parts: Buffer[] = [];
    const prepared = transport.prepare('Invoke', { body, sessionId: 's', headers: { accept: 'a/b' } });
    cancel = transport.send(prepared, 0, {
      head: (code, fields) => {
        status = code;
        headers = fields();
      },
      data: (bytes) => parts.push(Buffer.from(bytes)),
      end: (failure) => resolve({ status, headers, body: Buffer.concat(parts).toString(), failure }),
    });
  });
  return { cancel: () => cancel(), ended };
}

const big = 'é'.repeat(100_000);

test.each<[string, Serve]>([
  [
    'with a length',
    (_, outgoing, body) => outgoing.setHeader('content-length', Buffer.byteLength(body)).end(body),
  ],
  ['in chunks', (_, outgoing, body) => outgoing.write(body.slice(0, 5), () => outgoing.end(body.slice(5)))],
  [
    'up to the end of the connection',
    (_, outgoing, body) => {
      outgoing.socket?.end(`HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n${body}`);
    },
  ],
])('a response %s is read', async (_, onRequest) => {
  const transport = await transportTo(onRequest);
  for (const body of ['hello world', big]) {
    expect(await send(transport, body).ended).toMatchObject({ status: 200, body, failure: undefined });
  }
});

test('a request carries the typed fields of a runtime', async () => {
  const transport = await transportTo(({ method, url, headers }, outgoing) =>
    outgoing.end(JSON.stringify({ method, url, session: headers['mcp-session-id'], accept: headers.accept })),
  );
  const { body } = await send(transport, '{}').ended;
  expect(JSON.parse(body)).toEqual({ method: 'POST', url: '/mcp', session: 's', accept: 'a/b' });
});

test('calls one after the other share a connection, unless the server closes it', async () => {
  const transport = await transportTo((_, outgoing, body) => {
    if (body === 'close') outgoing.setHeader('connection', 'close');
    outgoing.end('ok');
  });
  for (let call = 0; call < 5; call += 1) await send(transport, 'keep').ended;
  expect(transport.connections()).toBe(1);
  await send(transport, 'close').ended;
  await send(transport, 'keep').ended;
  expect(transport.connections()).toBe(2);
});

test('a status without a body ends at once', async () => {
  const transport = await transportTo((_, outgoing) => outgoing.writeHead(204).end());
  expect(await send(transport, 'x').ended).toMatchObject({ status: 204, body: '', failure: undefined });
});

test('a cancelled call closes its connection', async () => {
  let onClose = () => {};
  const closed = new Promise<void>((resolve) => {
    onClose = resolve;
  });
  const transport = await transportTo((_, outgoing) => {
    outgoing.on('close', onClose);
    outgoing.write('part');
  });
  const { cancel, ended } = send(transport, 'x');
  setTimeout(cancel, 50);
  expect((await ended).failure?.kind).toBe('cancelled');
  await closed;
});

test.each<[string, Serve, string]>([
  ['a lost connection', (_, outgoing) => outgoing.destroy(), 'connection closed'],
  ['no HTTP', (_, outgoing) => outgoing.socket?.end('hello\r\n\r\n'), 'invalid HTTP'],
  [
    'a chunk without a size',
    (_, outgoing) => {
      outgoing.socket?.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
    },
    'invalid HTTP',
  ],
])('%s is a failure', async (_, onRequest, kind) => {
  const transport = await transportTo(onRequest);
  expect((await send(transport, 'x').ended).failure?.kind).toBe(kind);
});
