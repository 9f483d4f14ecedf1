import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeHooks } from '../../reference-runtime/hooks.ts';
import type { RuntimeOptions } from '../../reference-runtime/index.ts';
import { composeRuntime } from '../../reference-runtime/runtime.ts';
import {
  createGateway,
  type GatewayOptions,
  grpcRuntime,
  httpRuntime,
  type RuntimeConnection,
  serveGateway,
} from '../index.ts';
import { post } from './scripted-gateway.ts';

/** The transport between gateway and runtime. */
export type Transport = 'grpc' | 'http';

/** A gateway with the reference runtime, both in this process. */
export interface ReferenceGateway extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
  sessionCount(): number;
  /** Closes the runtime immediately. */
  endRuntime(): Promise<void>;
}

export interface ReferenceGatewayOptions {
  readonly transport: Transport;
  readonly gateway?: Partial<GatewayOptions>;
  readonly runtime?: RuntimeOptions;
  /** Replaced behaviours of the runtime. */
  readonly hooks?: Partial<RuntimeHooks>;
  /** Wraps the connection to the runtime. */
  readonly connection?: (inner: RuntimeConnection) => RuntimeConnection;
}

export async function startReferenceGateway(options: ReferenceGatewayOptions): Promise<ReferenceGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'gw-'));
  const [grpcPath, httpPath] = [join(folder, 'grpc.sock'), join(folder, 'http.sock')];
  const runtime = composeRuntime(options.runtime ?? {}, options.hooks ?? {});
  await runtime.listenHttp(httpPath);
  await runtime.listen(grpcPath);
  const { limits } = options.gateway ?? {};
  const connection =
    options.transport === 'grpc'
      ? grpcRuntime({ socketPath: grpcPath }, limits)
      : httpRuntime(httpPath, limits);
  const gateway = createGateway({
    runtime: options.connection?.(connection) ?? connection,
    anonymous: 'allow',
    ...options.gateway,
  });
  const server = await serveGateway(gateway, { host: '127.0.0.1', port: 0 });
  return {
    url: `${server.url}/mcp`,
    sessionCount: () => runtime.sessionCount,
    endRuntime: () => runtime.close({ drainMs: 1 }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await runtime.close({ drainMs: 1 });
      await rm(folder, { recursive: true });
    },
  };
}

/** Creates a JSON-RPC request. */
export function rpc(id: number, method: string, params: object = {}): object {
  return { jsonrpc: '2.0', id, method, params };
}

/** Creates a `tools/call` request. */
export function toolCall(id: number, name: string, args: object = {}, meta: object = {}): object {
  return rpc(id, 'tools/call', { name, arguments: args, _meta: meta });
}

/** Opens a session and returns its id. */
export async function openSession(url: string, headers: Record<string, string> = {}): Promise<string> {
  const clientInfo = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: { sampling: {} }, clientInfo };
  const response = await fetch(url, post(rpc(0, 'initialize', params), headers));
  await response.text();
  const id = response.headers.get('mcp-session-id');
  if (id === null) throw new Error(`no session: ${response.status}`);
  return id;
}

/** Returns the JSON-RPC messages in a body of server-sent events. */
export function messagesOf(text: string): unknown[] {
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data));
}
