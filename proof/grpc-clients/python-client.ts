import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { installOnce } from '../install-once.ts';
import { type GrpcClient, runClientProgram } from './client-program.ts';
import { protoFile, protoFolder } from './proto-file.ts';

const grpcio = '1.85.3';
const grpcioTools = '1.85.1';

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
  await $({
    quiet: true,
  })`${join(folder, python)} -m grpc_tools.protoc -I ${protoFolder} ${outputs} ${protoFile}`;
  const program = join(packageRoot(), 'proof', 'grpc-clients', 'python_client.py');
  return {
    name: `grpcio ${grpcio} (Python)`,
    check: (socketPath) =>
      runClientProgram([join(folder, python), program, socketPath], {
        ...process.env,
        PYTHONPATH: generated,
      }),
  };
}
