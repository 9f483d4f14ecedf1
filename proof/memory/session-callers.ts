import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createRuntimeClient, type RuntimeResponse } from '../../client/index.ts';
import { closeSession, initialize } from '../../conformance/bench/workloads/requests.ts';
import type { Address } from '../../runners/runner.ts';
import type { SessionCaller } from './session-cycles.ts';

const deadlineMs = 60_000;
const sessionField = 'mcp-session-id';

/** Calls a runtime with gRPC. */
export function grpcCaller(socketPath: string): SessionCaller & AsyncDisposable {
  const client = createRuntimeClient({ socketPath });
  return {
    async open() {
      return sessionOf(await client.invoke(initialize(), { deadlineMs }));
    },
    async close(sessionId) {
      accepted(await client.closeSession(closeSession(sessionId), { deadlineMs }));
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Calls a gateway over HTTP, without a token. */
export function gatewayCaller({
  host,
  port,
}: Extract<Address, { kind: 'tcp' }>): SessionCaller & AsyncDisposable {
  const agent = new Agent({ keepAlive: true });
  const send = (method: string, headers: Record<string, string>, body: string) =>
    new Promise<RuntimeResponse>((resolve, reject) => {
      const signal = AbortSignal.timeout(deadlineMs);
      const outgoing = request({ host, port, agent, method, path: '/mcp', headers, signal }, (incoming) => {
        buffer(incoming).then((received) => {
          const session = incoming.headers[sessionField];
          const named: Record<string, string> =
            typeof session === 'string' ? { [sessionField]: session } : {};
          resolve({ status: incoming.statusCode ?? 0, headers: named, body: received });
        }, reject);
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  return {
    async open() {
      const { body, headers } = initialize();
      return sessionOf(await send('POST', { ...headers }, String(body)));
    },
    async close(sessionId) {
      accepted(await send('DELETE', { [sessionField]: sessionId }, ''));
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

function sessionOf(response: RuntimeResponse): string {
  const sessionId = accepted(response).headers[sessionField];
  if (sessionId === undefined) throw new Error('the answer to initialize has no session id');
  return sessionId;
}

/** @throws Error with the answer, if it has a status of 300 or more */
function accepted(response: RuntimeResponse): RuntimeResponse {
  const { status, body } = response;
  if (status < 300) return response;
  throw new Error(`status ${status}: ${Buffer.from(body).toString('utf8').slice(0, 200)}`);
}
