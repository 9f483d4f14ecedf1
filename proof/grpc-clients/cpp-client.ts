import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { type GrpcClient, runClientProgram } from './client-program.ts';
import { protoFile, protoFolder } from './proto-file.ts';

const source = join(packageRoot(), 'proof', 'grpc-clients', 'cpp', 'grpc_client.cc');
const libraries = ['grpc++', 'protobuf'];

/**
 * gRPC C++, in the version of the system. Needs g++, pkg-config, and on Debian the packages `libgrpc++-dev`,
 * `libprotobuf-dev` and `protobuf-compiler-grpc`.
 * @param cache folder for the program, created if missing
 * @throws Error if it cannot be built
 */
export async function cppGrpcClient(cache: string): Promise<GrpcClient> {
  const folder = join(cache, 'grpc-cpp-client');
  await mkdir(folder, { recursive: true });
  const run = $({ quiet: true, timeout: '5m', cwd: folder });
  const read = async (...words: string[]) => (await run`pkg-config ${words}`).stdout.trim();
  const flags = (await read('--cflags', '--libs', ...libraries)).split(/\s+/);
  const plugin = (await run`which grpc_cpp_plugin`).stdout.trim();
  const outputs = ['--cpp_out=.', '--grpc_out=.', `--plugin=protoc-gen-grpc=${plugin}`];
  await run`protoc -I ${protoFolder} ${outputs} ${protoFile}`;
  const generated = ['.pb.cc', '.grpc.pb.cc'].map((end) => protoFile.replace(/\.proto$/, end));
  await run`g++ -std=c++17 -Wall -Wextra -Werror -I. -o grpc_client ${source} ${generated} ${flags}`;
  return {
    name: `gRPC C++ ${await read('--modversion', 'grpc++')}`,
    check: (socketPath) => runClientProgram([join(folder, 'grpc_client'), socketPath]),
  };
}
