import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { type GrpcClient, runClientProgram } from './client-program.ts';

const module = join(packageRoot(), 'runtimes', 'go');

/**
 * grpc-go, and connect-go with the gRPC protocol, in the versions of the Go runtime. Needs Go.
 * @param cache folder for the programs, created if missing
 * @throws Error if they cannot be built
 */
export async function goGrpcClients(cache: string): Promise<readonly GrpcClient[]> {
  const programs = join(cache, 'go-clients');
  await mkdir(programs, { recursive: true });
  await $({
    quiet: true,
    timeout: '5m',
    cwd: module,
  })`go build -o ${programs} ./cmd/grpc-client ./cmd/connect-client`;
  return [
    {
      name: `grpc-go ${await moduleVersion('google.golang.org/grpc')}`,
      check: (socketPath) => runClientProgram([join(programs, 'grpc-client'), socketPath]),
    },
    {
      name: `connect-go ${await moduleVersion('connectrpc.com/connect')}`,
      check: (socketPath) => runClientProgram([join(programs, 'connect-client'), socketPath]),
    },
  ];
}

async function moduleVersion(name: string): Promise<string> {
  const { stdout } = await $({ quiet: true, cwd: module })`go list -m -f {{.Version}} ${name}`;
  return stdout.trim().replace(/^v/, '');
}
