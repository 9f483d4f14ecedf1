import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream, type Settings } from 'node:http2';
import { createServer as createSocketServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';
import { clientPreface, frames, frameTypes, settingIds } from './frames.ts';
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

interface ReceivedFrame {
  readonly type: number;
  readonly stream: number;
}

/** Connects to a server that sends only the frames of the test. */
async function connectToFrames() {
  const received: ReceivedFrame[] = [];
  const server = createSocketServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const accepted = once(server, 'connection');
  const connection = await connect({ port: address.port });
  const [socket]: Socket[] = await accepted;
  if (socket === undefined) throw new Error('no socket');
  const reader = new FrameReader((type, _bits, stream) => received.push({ type, stream }));
  // The preface of HTTP/2 begins with 24 bytes that are not a frame.
  let toSkip = clientPreface().indexOf('SM') + 6;
  socket.on('data', (bytes: Buffer) => {
    reader.push(bytes.subarray(toSkip));
    toSkip = Math.max(0, toSkip - bytes.length);
  });
  onTestFinished(() => void socket.destroy());
  return { connection, socket, received };
}

function goaway(lastStream: number): Buffer {
  const frame = Buffer.from('0000080700000000000000000000000000', 'hex');
  frame.writeUInt32BE(lastStream, 9);
  return frame;
}

/** Header fields that end a stream. */
const lastFields = (stream: number) => frames.headers(stream, encodeHeaderBlock({ ':status': '200' }), true);

test('requests that the peer leaves out of GOAWAY fail, and the others still get their answers', async () => {
  const { connection, socket } = await connectToFrames();
  const first = send(connection, Buffer.from('1'));
  const second = send(connection, Buffer.from('2'));
  socket.write(goaway(1));
  expect((await second.ended).failure).toBe('the target is closing the connection, code 0');
  expect(connection.usable).toBe(false);
  socket.write(lastFields(1));
  expect(await first.ended).toMatchObject({ status: '200', failure: undefined });
});

test('requests that wait begin when new settings permit more streams, or fail after GOAWAY', async () => {
  const { connection, socket, received } = await connectToFrames();
  const limit = (value: number) => socket.write(frames.settings([[settingIds.maxConcurrentStreams, value]]));
  limit(1);
  const first = send(connection, Buffer.from('1'));
  await expect.poll(() => received).toContainEqual({ type: frameTypes.headers, stream: 1 });
  // The acknowledgement follows the frames of the preface.
  await expect.poll(() => received.filter(({ type }) => type === frameTypes.settings)).toHaveLength(2);
  const others = ['2', '3', '4'].map((text) => send(connection, Buffer.from(text)));
  limit(3);
  await expect.poll(() => received).toContainEqual({ type: frameTypes.headers, stream: 5 });
  expect(received).not.toContainEqual({ type: frameTypes.headers, stream: 7 });
  socket.write(goaway(5));
  expect((await others[2]?.ended)?.failure).toMatch(/^the target is closing/);
  socket.write(lastFields(1));
  expect((await first.ended).failure).toBeUndefined();
});

test('a request ends once, also if its listener cancels it while it reads the last frame', async () => {
  const { connection, socket } = await connectToFrames();
  const ends: (string | undefined)[] = [];
  const cancel = connection.request(block, Buffer.from('1'), {
    headers: () => undefined,
    data: () => cancel(),
    end: (failure) => ends.push(failure),
  });
  socket.write(frames.data(1, Buffer.from('x'), true));
  await expect.poll(() => ends.length).toBeGreaterThanOrEqual(1);
  expect(ends).toEqual(['cancelled']);
});

test('a lost connection ends each request once, also if the end of one cancels another one', async () => {
  const { connection, socket } = await connectToFrames();
  const ends: string[] = [];
  let cancel = () => {};
  const listener = (name: string) => ({
    headers: () => undefined,
    data: () => undefined,
    end: () => {
      ends.push(name);
      cancel();
    },
  });
  connection.request(block, Buffer.from('1'), listener('1'));
  cancel = connection.request(block, Buffer.from('2'), listener('2'));
  socket.destroy();
  await expect.poll(() => ends.length).toBeGreaterThanOrEqual(2);
  expect(ends).toEqual(['1', '2']);
});

test('a retired connection resets its last request before it closes', async () => {
  const { connection, socket, received } = await connectToFrames();
  const last = send(connection, Buffer.from('1'));
  let isRetired = false;
  connection.retire(() => {
    isRetired = true;
  });
  await expect.poll(() => received).toContainEqual({ type: frameTypes.data, stream: 1 });
  const closed = once(socket, 'close');
  last.cancel();
  await closed;
  expect(isRetired).toBe(true);
  expect(received).toContainEqual({ type: frameTypes.reset, stream: 1 });
});
