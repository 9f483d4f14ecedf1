import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRuntimeClient } from '../../../client/index.ts';
import { inspectSocket } from '../../../runners/socket-state.ts';
import type { PlayedCall } from './played-call.ts';
import { timeoutOf } from './played-call.ts';
import { PlayedRuntime } from './played-runtime.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'played-'));
  path = join(folder, 's');
});

afterEach(() => rm(folder, { recursive: true }));

/** Starts a played runtime and returns its calls one by one. */
function play(): { readonly runtime: PlayedRuntime; readonly nextCall: () => Promise<PlayedCall> } {
  const runtime = new PlayedRuntime(path);
  const nextCall = () =>
    new Promise<PlayedCall>((resolve) => {
      runtime.onCall = resolve;
    });
  return { runtime, nextCall };
}

test('hands over calls unchanged and sends the given responses', async () => {
  const { runtime, nextCall } = play();
  await using played = runtime;
  await played.start(['stream-head']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await using client = createRuntimeClient({ socketPath: path });
  expect(await client.healthCheck({ deadlineMs: 5000 })).toMatchObject({
    status: 'ok',
    capabilities: ['stream-head'],
  });
  expect(played.healthChecks).toEqual([{ timeoutMs: expect.closeTo(5000, -3) }]);
  const coming = nextCall();
  const answer = client.invoke({ sessionId: 's', body: '{}' }, { deadlineMs: 7000 });
  const call = await coming;
  expect(call).toMatchObject({ rpc: 'Invoke', message: { sessionId: 's', method: 'POST' } });
  expect(call.timeoutMs).toBeGreaterThan(5000);
  call.answer({ status: 202 });
  expect(await answer).toMatchObject({ status: 202 });
  expect(await call.closed).toEqual({ kind: 'ended' });
});

test('notices that a call was cancelled', async () => {
  const { runtime, nextCall } = play();
  await using played = runtime;
  await played.start([]);
  await using client = createRuntimeClient({ socketPath: path });
  const coming = nextCall();
  const stream = client.invokeStream({ sessionId: 's' });
  const call = await coming;
  call.chunk({ data: Buffer.from(':\n\n') });
  expect(await stream.head).toMatchObject({ status: 200 });
  stream.cancel();
  expect(await call.closed).toMatchObject({ kind: 'cancelled' });
});

test.each([
  ['absent', 'absent'],
  ['stale', 'refused'],
  ['closing', 'listening'],
  ['garbage', 'listening'],
  ['silent', 'listening'],
] as const)('in state %s, leaves a socket path that is %s, and can restart', async (absence, state) => {
  const { runtime } = play();
  await using played = runtime;
  await played.start([]);
  await played.stop(absence);
  expect(played.capabilities).toBeUndefined();
  expect(await inspectSocket(path)).toMatchObject({ kind: state });
  await played.start([]);
  await using client = createRuntimeClient({ socketPath: path });
  expect(await client.healthCheck({ deadlineMs: 5000 })).toMatchObject({ status: 'ok' });
});

test('sends bytes that are not HTTP/2 in state `garbage`', async () => {
  await using runtime = new PlayedRuntime(path);
  await runtime.stop('garbage');
  expect(await text(connect(path))).toMatch(/^HTTP\/1\.1 400/);
});

test('does not hand over calls of unknown services', async () => {
  const { runtime } = play();
  await using played = runtime;
  const seen: PlayedCall[] = [];
  played.onCall = (call) => seen.push(call);
  await played.start([]);
  const session = connectHttp2('http://localhost', { createConnection: () => connect(path) });
  const stream = session.request({ ':method': 'POST', ':path': '/other.Service/Invoke' });
  stream.end();
  const status = await new Promise((resolve) =>
    stream.once('response', (headers) => resolve(headers['grpc-status'])),
  );
  session.destroy();
  expect(status).toBe('12');
  expect(seen).toEqual([]);
});

test('removes its socket on disposal', async () => {
  {
    await using runtime = new PlayedRuntime(path);
    await runtime.start([]);
    await runtime.stop('stale');
  }
  expect(await inspectSocket(path)).toEqual({ kind: 'absent' });
});

test.each([
  ['5000m', 5000],
  ['2S', 2000],
  ['1H', 3_600_000],
  ['500000u', 500],
  ['123456789m', undefined],
  ['5', undefined],
  [undefined, undefined],
])('parses grpc-timeout %s as %s ms', (value, expected) => {
  expect(timeoutOf(value)).toBe(expected);
});
