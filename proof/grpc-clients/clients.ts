import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { createRuntimeClient } from '../../client/index.ts';
import { runSteps, type StepOutcome } from '../clients/steps.ts';
import { installOnce } from '../official/npm-program.ts';

/** A gRPC client with its defaults. */
export interface GrpcClient {
  /** Its library and version. */
  readonly name: string;
  /** Calls all RPCs of the runtime at a socket. */
  check(socketPath: string): Promise<readonly StepOutcome[]>;
}

const grpcio = '1.85.3';
const grpcioTools = '1.85.1';
const protoFile = 'contextforge/mcp/runtime/v1/mcp_runtime.proto';
const proto = join(packageRoot(), 'proto');

/**
 * grpcio, on the C core of gRPC. Needs Python 3.10 or later with venv, and access to PyPI.
 * @param cache installation folder, created if missing
 * @throws Error if it cannot be installed
 */
export async function pythonGrpcClient(cache: string): Promise<GrpcClient> {
  const folder = join(cache, `grpcio@${grpcio}`);
  const python = join('bin', 'python');
  await installOnce(folder, async (fresh) => {
    const run = $({ quiet: true, timeout: '5m' });
    await run`python3 -m venv ${fresh}`;
    const packages = [`grpcio==${grpcio}`, `grpcio-tools==${grpcioTools}`];
    await run`${join(fresh, python)} -m pip install --quiet --disable-pip-version-check ${packages}`;
  });
  const generated = join(folder, 'generated');
  await mkdir(generated, { recursive: true });
  const outputs = [`--python_out=${generated}`, `--grpc_python_out=${generated}`];
  await $({ quiet: true })`${join(folder, python)} -m grpc_tools.protoc -I ${proto} ${outputs} ${protoFile}`;
  const program = join(packageRoot(), 'proof', 'grpc-clients', 'python_client.py');
  return {
    name: `grpcio ${grpcio} (Python)`,
    check: (socketPath) =>
      outcomesOf([join(folder, python), program, socketPath], { ...process.env, PYTHONPATH: generated }),
  };
}

/**
 * grpc-go, in the version of the Go runtime. Needs Go.
 * @param cache folder for the program, created if missing
 * @throws Error if it cannot be built
 */
export async function goGrpcClient(cache: string): Promise<GrpcClient> {
  await mkdir(cache, { recursive: true });
  const program = join(cache, 'grpc-go-client');
  const cwd = join(packageRoot(), 'runtimes', 'go');
  await $({ quiet: true, timeout: '5m', cwd })`go build -o ${program} ./cmd/grpc-client`;
  return { name: 'grpc-go', check: (socketPath) => outcomesOf([program, socketPath], process.env) };
}

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const claims = { email: 'client@example.com', teams: [], is_authenticated: true };
const authContext = {
  encoded: Buffer.from(JSON.stringify(claims)).toString('base64url'),
  expiresAtEpochMs: 0n,
};

/** grpc-js, as the client of this package uses it. */
export function nodeGrpcClient(): GrpcClient {
  return {
    name: 'grpc-js',
    async check(socketPath) {
      await using client = createRuntimeClient({ socketPath });
      let sessionId = '';
      const call = (method?: string, params: object = {}) => ({
        headers,
        authContext,
        sessionId,
        body: method === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      });
      const expectStatus = (actual: number, wanted: number) => {
        if (actual !== wanted) throw new Error(`got status ${actual} instead of ${wanted}`);
      };
      return await runSteps({
        async health() {
          const { status } = await client.healthCheck();
          if (status !== 'ok') throw new Error(`got status ${status}`);
        },
        async initialize() {
          const clientInfo = { name: 'grpc-js', version: '1' };
          const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
          const response = await client.invoke(call('initialize', params));
          expectStatus(response.status, 200);
          sessionId = response.headers['mcp-session-id'] ?? '';
        },
        ping: async () => expectStatus((await client.invoke(call('ping'))).status, 200),
        async stream() {
          await using live = client.invokeStream(call());
          expectStatus((await live.head).status, 200);
        },
        async close() {
          const { status } = await client.closeSession(call());
          expectStatus(Math.floor(status / 100), 2);
        },
      });
    },
  };
}

/** Runs the program of a client and reads its lines. */
async function outcomesOf(
  [program = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly StepOutcome[]> {
  const { stdout, stderr, exitCode } = await $({
    quiet: true,
    nothrow: true,
    timeout: '2m',
    env,
  })`${program} ${words}`;
  const outcomes = readOutcomes(stdout);
  if (exitCode === 0 && outcomes.length > 0) return outcomes;
  const problem = stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`;
  return [...outcomes, { step: 'the program', problem }];
}

/** Reads a line of JSON for each step. A line that is not JSON is a failed step. */
export function readOutcomes(output: string): readonly StepOutcome[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        const { step, problem } = JSON.parse(line) as { step: string; problem: string | null };
        return problem === null ? { step } : { step, problem: problem.replace(/\s+/g, ' ') };
      } catch (error) {
        return { step: 'the output of the program', problem: errorMessage(error) };
      }
    });
}
