import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderPlace, makeFolderPlace } from '../socket-place.ts';
import { echoes } from '../testing/target.ts';
import { nodeRelay, readRelayLine } from './relay-script.ts';

describe('the relay in node', () => {
  let place: FolderPlace;
  let relay: ChildProcess;
  let lines: Interface;
  let port: number;
  let server: Server | undefined;

  beforeEach(async () => {
    place = await makeFolderPlace();
    port = await freePort();
    const [, ...args] = nodeRelay;
    relay = spawn(process.execPath, [...args, place.folder, 'runtime.sock', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    lines = createInterface(relay.stdout as NodeJS.ReadableStream);
    expect(await once(lines, 'line')).toEqual(['{"listening":true}']);
  });

  afterEach(async () => {
    server?.close();
    relay.kill('SIGKILL');
    await place[Symbol.asyncDispose]();
  });

  const call = () => echoes({ kind: 'tcp', host: '127.0.0.1', port });

  it('connects a TCP connection to the socket', async () => {
    server = createServer((caller) => caller.pipe(caller)).listen(place.hostPath);
    await once(server, 'listening');
    await expect(call()).resolves.toBe(true);
  });

  it('reports the reason that the socket is unreachable, and closes the connection', async () => {
    const absent = once(lines, 'line');
    await expect(call()).resolves.toBe(false);
    expect(readRelayLine(String((await absent)[0]))).toMatchObject({ kind: 'failed', code: 'ENOENT' });
    await writeFile(place.hostPath, '');
    const file = once(lines, 'line');
    await expect(call()).resolves.toBe(false);
    expect(readRelayLine(String((await file)[0]))).toMatchObject({ code: 'ECONNREFUSED', socket: false });
  });
});

it('reads the log of socat', () => {
  const line = '2024/01/01 socat[7] E connect(5, AF=1 "/relay/runtime.sock", 21): Connection refused';
  expect(readRelayLine(line)).toEqual({ kind: 'failed', code: 'ECONNREFUSED' });
  expect(readRelayLine('{"listening":true}')).toBeUndefined();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
