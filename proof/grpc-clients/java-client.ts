import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { installOnce } from '../install-once.ts';
import { type GrpcClient, runClientProgram } from './client-program.ts';
import { protoFile, protoFolder } from './proto-file.ts';

const sources = join(packageRoot(), 'proof', 'grpc-clients', 'java');
const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', arm64: 'aarch_64' };

/** Options for programs that run for a second: they start sooner and use less processor time. */
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * grpc-java with the shaded Netty. Needs Linux, a JDK from 11, Maven, and access to Maven's central repository.
 * @param cache installation folder, created if missing
 * @throws Error if it cannot be installed or compiled
 */
export async function javaGrpcClient(cache: string): Promise<GrpcClient> {
  const pom = join(sources, 'pom.xml');
  const [, version = ''] = /<grpc.version>(.+?)</.exec(await readFile(pom, 'utf8')) ?? [];
  const jars = join(cache, `grpc-java@${version}`);
  await installOnce(jars, (fresh) => copyJars(pom, fresh));
  const classes = join(cache, 'grpc-java-client');
  await compile(jars, classes);
  const words = ['java', ...shortLived, '-cp', `${classes}:${join(jars, '*')}`, 'GrpcClient'];
  return {
    name: `grpc-java ${version}`,
    check: (socketPath) => runClientProgram([...words, socketPath]),
  };
}

/** Copies the jars and protoc into a folder. */
async function copyJars(pom: string, folder: string): Promise<void> {
  const platform = `linux-${architectures[process.arch] ?? process.arch}`;
  const properties = [`-Dplatform=${platform}`, `-DoutputDirectory=${folder}`];
  const words = ['--batch-mode', '--quiet', '--strict-checksums', '--file', pom, ...properties];
  await $({ quiet: true, timeout: '5m' })`mvn ${words} dependency:copy-dependencies`;
}

/** Generates the messages and compiles them with the client. */
async function compile(jars: string, classes: string): Promise<void> {
  const generated = `${classes}-generated`;
  await mkdir(generated, { recursive: true });
  const protoc = join(jars, (await readdir(jars)).find((name) => name.startsWith('protoc-')) ?? 'protoc');
  await chmod(protoc, 0o755);
  const run = $({ quiet: true, timeout: '5m' });
  await run`${protoc} -I ${protoFolder} --java_out=${generated} ${protoFile}`;
  const javac = [
    '-J-XX:TieredStopAtLevel=1',
    '-d',
    classes,
    '-cp',
    join(jars, '*'),
    '-sourcepath',
    generated,
  ];
  await run`javac ${javac} ${join(sources, 'GrpcClient.java')}`;
}
