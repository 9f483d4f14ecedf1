import { awaitReady } from '../../conformance/drivers/runtime/ready.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { createRunner, describeTarget, type Target } from '../../runners/kinds.ts';
import { defaultCache } from '../official/npm-program.ts';
import { runtimeTargets } from '../runtime-targets.ts';
import type { GrpcClient } from './client-program.ts';
import { cppGrpcClient } from './cpp-client.ts';
import { goGrpcClients } from './go-clients.ts';
import { javaGrpcClient } from './java-client.ts';
import { nodeGrpcClient } from './node-client.ts';
import { pythonGrpcClient } from './python-client.ts';
import { rustGrpcClient } from './rust-client.ts';

const readyMs = 30_000;

/** Installs the clients of a language. */
const languages: Readonly<Record<string, (cache: string) => Promise<GrpcClient | readonly GrpcClient[]>>> = {
  python: pythonGrpcClient,
  go: goGrpcClients,
  rust: rustGrpcClient,
  java: javaGrpcClient,
  cpp: cppGrpcClient,
  node: nodeGrpcClient,
};

/** Options of `prove grpc-clients`. */
export interface GrpcClientsRequest {
  /** Names of targets. An empty list selects the embedded runtime and all targets of the configuration. */
  readonly targets: readonly string[];
  /** The languages of the clients. Default: all. */
  readonly language?: readonly string[];
  /** Installation folder for programs. */
  readonly cache?: string;
}

/**
 * Lets gRPC clients call all RPCs of each runtime over `unix:`, with the defaults of their libraries. Libraries differ
 * in the authority, the frames and the settings that they send.
 * @returns the exit code: 0 if all steps of all clients pass, else 1
 * @throws UsageError
 */
export async function proveGrpcClients(
  { targets, language = [], cache = defaultCache }: GrpcClientsRequest,
  tell: (problem: string) => void,
): Promise<number> {
  const selected = await runtimeTargets(targets);
  const clients = await installClients(language, cache);
  process.stdout.write(`${clients.map(({ name }) => name).join(', ')}\n`);
  let exitCode = 0;
  for (const target of selected) {
    const { problems, summary } = await check(target, clients);
    const verdict = problems.length === 0 ? 'ok    ' : 'FAILED';
    process.stdout.write(`${verdict}  ${describeTarget(target)}: ${summary}\n`);
    for (const problem of problems) {
      process.stdout.write(`        ${problem}\n`);
      tell(`${describeTarget(target)}: ${problem}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/**
 * Installs clients at the same time, because most of them wait for a registry.
 * @throws UsageError
 */
async function installClients(names: readonly string[], cache: string): Promise<readonly GrpcClient[]> {
  const selected = names.length === 0 ? Object.keys(languages) : names;
  const installs = selected.map((name) => {
    const install = Object.hasOwn(languages, name) ? languages[name] : undefined;
    if (install === undefined) {
      throw new UsageError(`${name} is not a language of a client: use ${Object.keys(languages).join(', ')}`);
    }
    return install;
  });
  return (await Promise.all(installs.map((install) => install(cache)))).flat();
}

async function check(target: Target, clients: readonly GrpcClient[]) {
  await using runner = await createRunner(target);
  const signal = AbortSignal.timeout(10 * 60_000);
  await using instance = await runner.launch({ signal });
  await awaitReady(instance, { timeoutMs: readyMs, signal });
  const { address } = instance;
  if (address.kind !== 'unix') {
    return {
      problems: ['its socket is behind a relay, so that no client can use unix:'],
      summary: 'not checked',
    };
  }
  const problems: string[] = [];
  let steps = 0;
  for (const { name, check: run } of clients) {
    for (const { step, problem } of await run(address.path)) {
      steps += 1;
      if (problem !== undefined) problems.push(`${name}, ${step}: ${problem}`);
    }
  }
  const summary = `${steps - problems.length} of ${steps} steps of ${clients.length} clients passed`;
  return { problems, summary };
}
