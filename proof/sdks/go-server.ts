import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from './handler-service.ts';
import { serveHandler } from './serve-handler.ts';

// Program that serves the published everything-server of the Go SDK behind the contract. It starts the Go program,
// which listens on a loopback port, and passes every call to it.
// node go-server.js PROGRAM
const startMs = 10_000;
const [program = ''] = process.argv.slice(2);

const port = await freePort();
const child = spawn(program, [`-http=127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'inherit'] });
let isClosing = false;
const ended = once(child, 'exit').then(([code]) => {
  if (!isClosing) throw new Error(`the Go server ended with exit code ${code}`);
});
process.once('exit', () => child.kill('SIGKILL'));
await Promise.race([listening(port), ended]);

const exchange: Exchange = async (request) => {
  // The body of a Request is a stream, for which fetch would not announce a length.
  const body = request.method === 'POST' ? await request.arrayBuffer() : undefined;
  const { method, headers, signal } = request;
  return fetch(`http://127.0.0.1:${port}/mcp`, { method, headers, signal, body, redirect: 'manual' });
};

const close = async () => {
  isClosing = true;
  child.kill('SIGTERM');
  await ended;
};
const served = serveHandler({ exchange, close });
await Promise.race([served, ended]);
await served;
process.exit(0);

/** Returns a port that was free a moment ago. The Go program cannot report a port that it chose. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}

/** Waits until a port accepts connections. */
async function listening(at: number): Promise<void> {
  const end = Date.now() + startMs;
  for (;;) {
    const socket = connect(at, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (Date.now() > end) throw new Error(`the Go server did not listen within ${startMs / 1000} s`);
    await delay(20);
  }
}
