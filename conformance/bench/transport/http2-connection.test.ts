import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream, type Settings } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { encodeHeaderBlock } from './header-block.ts';
import { Http2Connection } from './http2-connection.ts';

const block = encodeHeaderBlock({ ':method': 'POST', ':scheme': 'http', ':path': '/', ':authority': 'x' });

type Serve = (stream: ServerHttp2Stream, body: Buffer) => void;

async function serve(onRequest: Serve, settings: Settings = {}): Promise<Http2Server & { port: number }> {
  const server = createServer({ settings });
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', async (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part);
    onRequest(stream, Buffer.concat(parts));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(server, { port: address.port });
}

async function connect(server: { readonly port: number }): Promise<Http2Connection> {
  const address = { kind: 'tcp', host: '127.0.0.1', port: server.port } as const;
  const connection = await Http2Connection.open(address, AbortSignal.timeout(5_000));
  onTestFinished(() => connection.close());
  return connection;
}

interface Ended {
  readonly status: string | undefined;
  readonly trailer: string | undefined;
  readonly body: Buffer;
  readonly failure: string | undefined;
}

function send(connection: Http2Connection, body: Buffer): { cancel: () => void; ended: Promise<Ended> } {
  let cancel = () => {};
  const ended = new Promise<Ended>((resolve) => {
    const fields = new Map<string, string>();
    const parts: Buffer[] = [];
    cancel = connection.request(block, body, {
      headers: (more) => {
        for (const [name, value] of more) fields.set(name, value);
      },
      data: (bytes) => parts.push(Buffer.from(bytes)),
      end: (failure) => {
        const [status, trailer] = [fields.get(':status'), fields.get('x-trailer')];
        resolve({ status, trailer, body: Buffer.concat(parts), failure });
      },
    });
  });
  return { cancel: () => cancel(), ended };
}

const echo: Serve = (stream, body) => {
  stream.respond({ ':status': 200 }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'last' }));
  stream.end(body);
};

test.each([0, 10, 16_384, 16_385, 1_000_000])('a body of %d bytes survives both directions', async (size) => {
  const connection = await connect(await serve(echo));
  const body = Buffer.alloc(size, 'abc');
  const answer = await send(connection, body).ended;
  expect(answer.body.equals(body)).toBe(true);
  expect(answer).toMatchObject({ status: '200', trailer: 'last', failure: undefined });
});

test('bodies wait for small windows of the peer', async () => {
  const connection = await connect(await serve(echo, { initialWindowSize: 1_000 }));
  const bodies = Array.from({ length: 5 }, (_, index) => Buffer.alloc(200_000, index));
  const answers = await Promise.all(bodies.map((body) => send(connection, body).ended));
  expect(answers.map(({ body }, index) => body.equals(bodies[index] ?? body))).toEqual(
    bodies.map(() => true),
  );
  expect(answers.map(({ body }) => body.length)).toEqual(bodies.map(() => 200_000));
});

test('requests wait until the peer permits another stream', async () => {
  let open = 0;
  let most = 0;
  const server = await serve(
    (stream, body) => {
      open += 1;
      most = Math.max(most, open);
      stream.on('close', () => {
        open -= 1;
      });
      setImmediate(() => echo(stream, body));
    },
    { maxConcurrentStreams: 2 },
  );
  const connection = await connect(server);
  // The settings of the peer arrive with the first answer.
  await send(connection, Buffer.from('first')).ended;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => send(connection, Buffer.from(`${index}`)).ended),
  );
  expect(answers.map(({ body }) => String(body))).toEqual(
    Array.from({ length: 20 }, (_, index) => `${index}`),
  );
  expect(most).toBeLessThanOrEqual(2);
});

test('a cancelled request ends once, and resets its stream', async () => {
  let onReset: (code: number) => void = () => {};
  const reset = new Promise<number>((resolve) => {
    onReset = resolve;
  });
  const server = await serve((stream) => {
    stream.on('close', () => onReset(stream.rstCode));
    stream.respond({ ':status': 200 });
    stream.write('part');
  });
  const connection = await connect(server);
  const { cancel, ended } = send(connection, Buffer.from('x'));
  setTimeout(cancel, 50);
  expect(await ended).toMatchObject({ failure: 'cancelled' });
  expect(await reset).toBe(8);
  cancel();
});

test('a reset by the peer is a failure of one request, and a lost connection of all', async () => {
  const server = await serve((stream, body) => {
    if (String(body) === 'reset') stream.close(2);
    else if (String(body) === 'destroy') stream.session?.destroy();
  });
  const connection = await connect(server);
  expect((await send(connection, Buffer.from('reset')).ended).failure).toBe('reset by the target, code 2');
  const pending = send(connection, Buffer.from('wait')).ended;
  const last = send(connection, Buffer.from('destroy')).ended;
  expect((await Promise.all([pending, last])).map(({ failure }) => failure)).not.toContain(undefined);
  expect(connection.usable).toBe(false);
  expect((await send(connection, Buffer.from('late')).ended).failure).toEqual(expect.any(String));
});
