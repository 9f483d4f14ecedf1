import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeAuthContext } from '../../client/index.ts';
import { deferred } from '../../client/testing/deferred.ts';
import { type SocketFolder, socketFolder } from '../../client/testing/scripted-runtime.ts';
import { httpRuntime } from './http-runtime.ts';
import type { OpenedStream, RuntimeConnection } from './runtime-connection.ts';

let folder: SocketFolder;
let server: Server | undefined;
let runtime: RuntimeConnection;
afterEach(async () => {
  await runtime[Symbol.asyncDispose]();
  server?.close();
  server?.closeAllConnections();
  await folder[Symbol.asyncDispose]();
});

async function start(listener: RequestListener): Promise<RuntimeConnection> {
  folder = await socketFolder();
  server = createServer(listener);
  await once(server.listen(folder.socketPath), 'listening');
  runtime = httpRuntime(folder.socketPath);
  return runtime;
}

async function textOf(stream: OpenedStream): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('typed fields are sent as internal header fields that callers cannot override', async () => {
  const connection = await start((incoming, outgoing) => {
    outgoing.end(JSON.stringify([incoming.method, incoming.url, incoming.headers]));
  });
  const authContext = encodeAuthContext({ isAuthenticated: true, email: 'ann' }, 1000);
  const { body } = await connection.invoke({
    path: '/servers/x/mcp',
    query: 'a=1',
    body: '{}',
    serverId: 's\u00e9 1',
    sessionId: 'mine',
    authContext,
    affinityForwarded: true,
    headers: {
      accept: 'application/json, Text/Event-Stream; q=0.5',
      'mcp-session-id': 'other',
      'x-contextforge-server-id': 'other',
      x_contextforge_auth_context: 'other',
      'x-contextforge-affinity-forwarded': 'other',
    },
  });
  expect(JSON.parse(Buffer.from(body).toString())).toEqual([
    'POST',
    '/servers/x/mcp?a=1',
    {
      accept: 'application/json',
      host: 'runtime',
      connection: 'keep-alive',
      'content-length': '2',
      'mcp-session-id': 'mine',
      'x-contextforge-server-id': 's%C3%A9%201',
      'x-contextforge-auth-context': authContext.encoded,
      'x-contextforge-auth-expires-at': '1000',
      'x-contextforge-affinity-forwarded': 'true',
    },
  ]);
});

test('HTTP-5: interim responses before the answer are ignored', async () => {
  const connection = await start((_, outgoing) => {
    outgoing.writeContinue();
    outgoing.writeProcessing();
    outgoing.writeEarlyHints({ link: '</x>' });
    outgoing.writeHead(202, { 'content-type': 'text/event-stream' });
    outgoing.end('data: 1\n\n');
  });
  expect(await connection.invoke({ body: '{}' })).toMatchObject({ status: 202 });
  const stream = connection.invokeStream({});
  expect(await stream.head).toMatchObject({ status: 202 });
  expect(await textOf(stream)).toBe('data: 1\n\n');
});

test.each(['', 'connection: upgrade\r\nupgrade: other\r\n'])(
  'HTTP-5: an answer that switches protocols with fields %j fails the call',
  async (fields) => {
    const head = `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`;
    const connection = await start(({ socket }) => void socket.write(head));
    await expect(connection.invoke({ body: '{}' })).rejects.toThrow('switched protocols');
  },
);

describe('a call', () => {
  test('ends at its deadline and aborts the request', async () => {
    const gone = deferred();
    const connection = await start((_, outgoing) => outgoing.once('close', gone.resolve));
    await expect(connection.invoke({}, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'DEADLINE' });
    await gone.promise;
  });

  test('ends when its signal aborts', async () => {
    const leaving = new AbortController();
    const connection = await start(() => leaving.abort(new Error('left')));
    await expect(connection.closeSession({}, { signal: leaving.signal })).rejects.toThrow('abort');
  });

  test('fails if its answer is incomplete', async () => {
    const connection = await start((_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': 10 });
      outgoing.write('half', () => outgoing.destroy());
    });
    await expect(connection.invoke({})).rejects.toThrow('aborted');
  });

  test('fails if no process listens, and after the connection was closed', async () => {
    const connection = await start(() => {});
    server?.close();
    await expect(connection.invoke({})).rejects.toThrow('ENOENT');
    await connection[Symbol.asyncDispose]();
    await expect(connection.invoke({})).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });
});

describe('a stream', () => {
  test('has its head before its data', async () => {
    const data = deferred();
    const connection = await start(async (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      await data.promise;
      outgoing.end('data: 1\n\n');
    });
    const stream = connection.invokeStream({});
    expect(await stream.head).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      origin: 'sent',
    });
    data.resolve();
    expect(await textOf(stream)).toBe('data: 1\n\n');
  });

  test('fails for its reader if it is incomplete', async () => {
    const connection = await start((_, outgoing) => {
      outgoing.write('data: 1\n\n', () => outgoing.destroy());
    });
    await expect(textOf(connection.invokeStream({}))).rejects.toThrow('aborted');
  });

  test('is aborted after the idle timeout', async () => {
    const gone = deferred();
    const connection = await start((_, outgoing) => {
      outgoing.once('close', gone.resolve);
      outgoing.flushHeaders();
    });
    const stream = connection.invokeStream({}, { idleTimeoutMs: 50 });
    await expect(textOf(stream)).rejects.toMatchObject({ code: 'DEADLINE', kind: 'idle' });
    await gone.promise;
  });

  test('ends without error when it is cancelled', async () => {
    const gone = deferred();
    const connection = await start((_, outgoing) => {
      outgoing.once('close', gone.resolve);
      outgoing.write('data: 1\n\n');
    });
    const stream = connection.invokeStream({});
    await stream.head;
    const text = textOf(stream);
    stream.cancel();
    await text;
    await gone.promise;
  });
});

describe('health', () => {
  test('is requested at /health', async () => {
    const health = { status: 'ok', mode: 'full', version: '1', capabilities: ['resume'] };
    const connection = await start((incoming, outgoing) => {
      outgoing.writeHead(incoming.url === '/health' ? 200 : 404).end(JSON.stringify(health));
    });
    expect(connection.connected).toBe(false);
    expect(await connection.healthCheck()).toEqual(health);
    expect(connection.connected).toBe(true);
  });

  test.each([
    [404, ''],
    [200, '{}'],
    [200, '{"capabilities":[1]}'],
    [200, 'no'],
  ])('is invalid with status %d and body %j', async (status, body) => {
    const connection = await start((_, outgoing) => outgoing.writeHead(status).end(body));
    await expect(connection.healthCheck()).rejects.toThrow();
  });
});
