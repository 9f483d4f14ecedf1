import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceDefinition } from '../../proto/grpc-service.ts';
import { McpRequestSchema, type McpResponse, McpRuntime } from '../../proto/index.ts';
import { alice, initialize, OpenStream, toolCall } from '../testing/harness.ts';

const main = fileURLToPath(new URL('../../dist/runtime/main.js', import.meta.url));
const definition = serviceDefinition(McpRuntime);

let folder: string;
let path: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-'));
  path = join(folder, 's');
});
afterEach(async () => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly exit: Promise<number | NodeJS.Signals | null>;
  stderr(): string;
}

function start(environment: Record<string, string>, ...args: string[]): Started {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  return { child, exit, stderr: () => stderr };
}

async function ready(): Promise<void> {
  await expect.poll(() => existsSync(path), { timeout: 5000 }).toBe(true);
}

function connect(): Client {
  return new Client(`unix:${path}`, credentials.createInsecure());
}

function invoke(client: Client, sessionId: string, json: object): Promise<McpResponse> {
  const { path: method, requestSerialize, responseDeserialize } = definition.invoke;
  const body = Buffer.from(JSON.stringify(json));
  const request = create(McpRequestSchema, { path: '/mcp', sessionId, body, authContext: alice });
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(method, requestSerialize, responseDeserialize, request, (error, response) => {
      if (response === undefined) reject(error);
      else resolve(response);
    });
  });
}

// The tests start the built code. `npm test` builds it first.
describe('the process', () => {
  it('serves, and on SIGTERM answers unary calls, ends streams and removes the socket', async () => {
    const process = start({ MCP_RUNTIME_GRPC_UDS: path });
    await ready();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const client = connect();
    const { headers } = await invoke(client, '', initialize());
    const sessionId = headers['mcp-session-id'] ?? '';
    const { path: method, requestSerialize, responseDeserialize } = definition.invokeStream;
    const live = new OpenStream(
      client.makeServerStreamRequest(
        method,
        requestSerialize,
        responseDeserialize,
        create(McpRequestSchema, { path: '/mcp', sessionId, authContext: alice }),
      ),
    );
    await live.until(({ chunks }) => chunks.length > 0);
    const slow = invoke(client, sessionId, toolCall(1, 'test_tool_with_logging'));
    await invoke(client, sessionId, { jsonrpc: '2.0', id: 2, method: 'ping' });
    process.child.kill('SIGTERM');
    expect((await slow).status).toBe(200);
    expect(await live.ended).toBe(0);
    expect(live.chunks.at(-1)?.done).toBe(true);
    expect(await process.exit).toBe(0);
    expect(existsSync(path)).toBe(false);
    expect(process.stderr()).not.toContain('alice');
    client.close();
  });

  it('reports its health', async () => {
    const environment = { MCP_RUST_GRPC_UDS: path, MCP_RUNTIME_GRPC_UDS: '', MCP_RUNTIME_CATALOG: 'empty' };
    expect(await start(environment, 'health').exit).toBe(1);
    const process = start(environment);
    await ready();
    expect(await start(environment, 'health').exit).toBe(0);
    process.child.kill('SIGINT');
    expect(await process.exit).toBe(0);
  });

  it('serves HTTP alone, or beside gRPC', async () => {
    const alone = { MCP_RUNTIME_HTTP_UDS: path };
    const first = start(alone);
    await ready();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await start(alone, 'health').exit).toBe(0);
    first.child.kill('SIGTERM');
    expect([await first.exit, existsSync(path)]).toEqual([0, false]);
    const both = { MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_HTTP_UDS: `${path}-http` };
    const second = start(both);
    await ready();
    expect(await start(both, 'health').exit).toBe(0);
    expect(await start({ ...both, MCP_RUNTIME_HTTP_UDS: `${path}-none` }, 'health').exit).toBe(1);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
  });

  it('does not touch the socket of another process', async () => {
    const first = start({ MCP_RUNTIME_GRPC_UDS: path });
    await ready();
    const second = start({ MCP_RUNTIME_GRPC_UDS: path });
    expect(await second.exit).toBe(1);
    expect(second.stderr()).toMatch(/^mcp-runtime: Another process is already listening on .*\n$/);
    expect(await start({ MCP_RUNTIME_GRPC_UDS: path }, 'health').exit).toBe(0);
    first.child.kill('SIGKILL');
    await first.exit;
    expect(existsSync(path)).toBe(true);
    const third = start({ MCP_RUNTIME_GRPC_UDS: path });
    await expect.poll(() => start({ MCP_RUNTIME_GRPC_UDS: path }, 'health').exit).toBe(0);
    third.child.kill('SIGTERM');
    expect(await third.exit).toBe(0);
  });

  it('exits with a one-line message if it cannot serve', async () => {
    const long = join(folder, 'x'.repeat(120));
    await writeFile(path, '');
    const cases: [Record<string, string>, number, RegExp][] = [
      [{ MCP_RUNTIME_GRPC_UDS: path }, 1, /is not a socket/],
      [{ MCP_RUNTIME_GRPC_UDS: long }, 1, /the limit is 107/],
      [{ MCP_RUNTIME_GRPC_UDS: join(folder, 'no', 's') }, 1, /Cannot listen/],
      [{}, 2, /MCP_RUNTIME_HTTP_UDS: at least one must be set/],
      [
        { MCP_RUNTIME_GRPC_UDS: '', MCP_RUST_GRPC_UDS: '' },
        2,
        /MCP_RUNTIME_HTTP_UDS: at least one must be set/,
      ],
      [{ MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_HTTP_UDS: join(folder, '.', 's') }, 2, /must differ/],
      [{ MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_CATALOG: 'x' }, 2, /MCP_RUNTIME_CATALOG: must be one of/],
      [{ MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_DRAIN_MS: '5' }, 2, /at least 1000/],
      [{ MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_MAX_SESSIONS: '-1' }, 2, /whole number/],
      [{ MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_REQUEST_STATE_KEY: 'aa' }, 2, /at least 32 bytes/],
      [{ MCP_RUNTIME_GRPC_UDS: path, MCP_RUNTIME_REQUEST_STATE_KEY: 'x'.repeat(64) }, 2, /hexadecimal/],
    ];
    const results = cases.map(([environment]) => start(environment));
    for (const [index, [, code, message]] of cases.entries()) {
      const process = results[index];
      expect(await process?.exit).toBe(code);
      expect(process?.stderr()).toMatch(message);
      expect(process?.stderr()).toMatch(/^mcp-runtime: [^\n]*\n$/);
    }
  });
});
