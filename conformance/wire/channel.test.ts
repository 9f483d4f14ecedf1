import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Channel } from './channel.ts';
import { ConnectError } from './connect-socket.ts';
import type { RuntimeConnection } from './runtime-call.ts';
import { endWithTrailers } from './serve-call.ts';
import { WireLog } from './wire-log.ts';

describe('a channel', () => {
  let folder: string;
  let path: string;
  let server: Http2Server;
  let sessions: ServerHttp2Session[];
  /** The window sizes that each session received. */
  let windows: (number | undefined)[][];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'channel-'));
    path = join(folder, 's');
    sessions = [];
    windows = [];
    server = createServer();
    server.on('session', (session) => {
      sessions.push(session);
      const sizes: (number | undefined)[] = [];
      windows.push(sizes);
      session.on('remoteSettings', ({ initialWindowSize }) => sizes.push(initialWindowSize));
      session.on('error', () => undefined);
    });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      if (headers[':path'] !== '/s/open') endWithTrailers(stream, { 'grpc-status': '0' });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });

  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  function open(at = path): Channel {
    return new Channel({
      address: () => ({ kind: 'unix', path: at }),
      name: 'main',
      log: new WireLog(),
      signal: new AbortController().signal,
    });
  }

  async function statusOn(connection: RuntimeConnection): Promise<string> {
    const call = connection.call({ path: '/s/m', receiveLimit: 1000 });
    call.sendEnd();
    return (await call.ended).grpc;
  }

  it('shares one connection among concurrent and later calls', async () => {
    using channel = open();
    const [one, other] = await Promise.all([channel.connection(), channel.connection()]);
    expect(other).toBe(one);
    expect(await statusOn(one)).toBe('OK');
    expect(await channel.connection()).toBe(one);
    expect(sessions).toHaveLength(1);
  });

  it('moves a call to a new connection after a GOAWAY', async () => {
    using channel = open();
    const connection = await channel.connection();
    expect(await statusOn(connection)).toBe('OK');
    // The client starts the call before the GOAWAY arrives, on a stream above the last accepted one.
    sessions[0]?.goaway(0, 1);
    expect(await statusOn(connection)).toBe('OK');
    expect(sessions).toHaveLength(2);
    expect(await channel.connection()).not.toBe(connection);
  });

  it('keeps changed settings on the connection that replaces one with a GOAWAY', async () => {
    using channel = open();
    const connection = await channel.connection();
    expect(await channel.changeSettings({ initialWindowSize: 7 })).toBe(true);
    sessions[0]?.close();
    await expect.poll(() => connection.isGivenUp).toBe(true);
    expect(await statusOn(await channel.connection())).toBe('OK');
    expect(windows.map((sizes) => sizes.at(-1))).toEqual([7, 7]);
  });

  it('changes the settings of a connection whose calls still run', async () => {
    using channel = open();
    const connection = await channel.connection();
    const call = connection.call({ path: '/s/open', receiveLimit: 1000 });
    expect(await channel.changeSettings({ initialWindowSize: 7 })).toBe(true);
    sessions[0]?.goaway(0);
    await expect.poll(() => connection.isGivenUp).toBe(true);
    expect(await channel.changeSettings({ initialWindowSize: 8 })).toBe(true);
    expect(windows.map((sizes) => sizes.at(-1))).toEqual([8, 8]);
    call.cancel();
  });

  it('destroys all its connections when it is disposed', async () => {
    const channel = open();
    const connection = await channel.connection();
    expect(await statusOn(connection)).toBe('OK');
    const late = channel.connection();
    channel[Symbol.dispose]();
    await late;
    expect(connection.usable).toBe(false);
  });

  it('retries after a failed attempt to connect', async () => {
    using channel = open(join(folder, 'none'));
    await expect(channel.connection()).rejects.toThrow(ConnectError);
    await expect(channel.connection()).rejects.toThrow(ConnectError);
  });
});
