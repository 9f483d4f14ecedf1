import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createEmbeddedRunner } from '../runners/embedded/runner.ts';
import type { Instance, Runner, SocketPlace } from '../runners/runner.ts';
import {
  createGateway,
  type Gateway,
  type GatewayServer,
  grpcRuntime,
  httpRuntime,
  serveGateway,
} from './index.ts';
import { openSession, rpc, toolCall } from './testing/reference-gateway.ts';
import { post } from './testing/scripted-gateway.ts';

// The built runtime runs as a separate process. `npm test` builds it first.
let runner: Runner;
let place: SocketPlace;
let gateway: Gateway;
let server: GatewayServer;

async function start(transport: 'grpc' | 'http'): Promise<void> {
  runner = createEmbeddedRunner();
  place = await runner.makePlace();
  const socketPath = place.hostPath ?? '';
  gateway = createGateway({
    runtime: transport === 'grpc' ? grpcRuntime({ socketPath }) : httpRuntime(httpPath()),
    anonymous: 'allow',
    // Allows for the start of a runtime on a busy machine.
    limits: { connectMs: 20_000 },
  });
  server = await serveGateway(gateway, { host: '127.0.0.1', port: 0 });
}

function httpPath(): string {
  return join(dirname(place.hostPath ?? ''), 'http.sock');
}

afterEach(async () => {
  await server.close();
  await runner[Symbol.asyncDispose]();
});

function launch(): Promise<Instance> {
  return runner.launch({
    place,
    signal: new AbortController().signal,
    environment: { MCP_RUNTIME_HTTP_UDS: httpPath() },
  });
}

async function inFlight(): Promise<Record<string, number>> {
  const metric = await gateway.registry.getSingleMetric('mcp_gateway_calls_in_flight')?.get();
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels['route'], value]));
}

/** Returns the number of Unix domain socket connections of this process, including the pipes of the runtime. */
function unixConnections(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
}

test.each(['grpc', 'http'] as const)(
  'over %s, all callers learn that the runtime was killed, later calls succeed, and nothing leaks',
  {
    timeout: 60_000,
  },
  async (transport) => {
    await start(transport);
    const url = `${server.url}/mcp`;
    const first = await launch();
    const before = unixConnections();
    const sessions = await Promise.all(Array.from({ length: 10 }, () => openSession(url)));
    const wait = (index: number, session: string, accept: string) =>
      fetch(
        url,
        post(toolCall(1, 'conformance_wait', { key: `k${index}` }), { 'mcp-session-id': session, accept }),
      );

    const unary = sessions.flatMap((session) =>
      [0, 1].map((index) => wait(index, session, 'application/json')),
    );
    const streamed = await Promise.all(
      sessions.flatMap((session) =>
        [2, 3].map((index) => wait(index, session, 'application/json, text/event-stream')),
      ),
    );
    const live = await Promise.all(
      sessions.map((session) => fetch(url, { headers: { 'mcp-session-id': session } })),
    );
    await expect.poll(inFlight).toEqual({ Invoke: 20, InvokeStream: 30 });

    await first.signal('SIGKILL');
    for (const response of await Promise.all(unary)) {
      expect(response.status).toBe(502);
      expect(await response.json()).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32000, message: expect.any(String) },
      });
    }
    for (const response of [...streamed, ...live]) {
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow('terminated');
    }
    await expect.poll(inFlight).toEqual({ Invoke: 0, InvokeStream: 0 });

    await launch();
    const session = await openSession(url);
    const calls = Array.from({ length: 50 }, (_, index) => {
      const accept = index % 2 === 0 ? 'application/json' : 'application/json, text/event-stream';
      return fetch(url, post(rpc(index, 'ping'), { 'mcp-session-id': session, accept }));
    });
    for (const response of await Promise.all(calls)) {
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('"result":{}');
    }
    expect(await inFlight()).toEqual({ Invoke: 0, InvokeStream: 0 });
    await server.close();
    await expect.poll(unixConnections).toBeLessThanOrEqual(before);
  },
);
