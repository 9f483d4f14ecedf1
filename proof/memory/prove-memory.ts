import { ProcessTree } from '../../conformance/bench/measure/process-tree.ts';
import { startGateway } from '../../conformance/bench/targets/gateway-process.ts';
import { awaitReady } from '../../conformance/drivers/runtime/ready.ts';
import { createRunner, describeTarget, type Target } from '../../runners/kinds.ts';
import { type Instance, RunnerError } from '../../runners/runner.ts';
import { markdownTable } from '../docs/markdown-table.ts';
import { runtimeTargets } from '../runtime-targets.ts';
import { gatewayCaller, grpcCaller } from './session-callers.ts';
import { type CyclePlan, type CyclesResult, growthOf, type Memory, runCycles } from './session-cycles.ts';

/** Options of `prove memory`. */
export interface MemoryRequest extends CyclePlan {
  /** Names of targets. An empty list selects the embedded runtime and all targets of the configuration. */
  readonly targets: readonly string[];
}

/** The largest permitted factor from the memory after the first cycle to the memory after the last one. */
const maxGrowth = 1.3;
const readyMs = 30_000;
const limitMs = 30 * 60_000;
const mebibyte = 1 << 20;
/** The session limit, as a multiple of the sessions of one cycle. Runtimes keep a part of it free for other callers. */
const roomFactor = 10;

/**
 * Opens and closes sessions of each target in cycles: directly, and through the gateway of the kit. After the last cycle,
 * the processes may use only a little more memory than after the first one.
 * @returns the exit code: 0 if no process grew by more than the permitted factor, else 1
 * @throws UsageError, RunnerError, TargetError
 */
export async function proveMemory(
  { targets, ...plan }: MemoryRequest,
  tell: (problem: string) => void,
): Promise<number> {
  const rows: (readonly string[])[] = [];
  let exitCode = 0;
  for (const target of await runtimeTargets(targets)) {
    const label = describeTarget(target);
    for (const way of ['direct', 'through the gateway'] as const) {
      const result = await measure(target, plan, way);
      for (const process of Object.keys(result.atStart)) {
        const name = way === 'direct' ? label : `${label}, ${way}: ${process}`;
        const growth = growthOf(result, process);
        rows.push(rowOf(name, process, result));
        if (growth <= maxGrowth) continue;
        tell(`${name}: the memory grew by a factor of ${growth.toFixed(2)}; the limit is ${maxGrowth}`);
        exitCode = 1;
      }
    }
  }
  const cycles = Array.from({ length: plan.cycles }, (_, index) => `${index + 1}`);
  process.stdout.write(
    `Resident memory in MiB, at the start and after each cycle of ${plan.sessions.toLocaleString('en')} sessions:\n\n`,
  );
  process.stdout.write(`${markdownTable(['process', 'start', ...cycles, 'last to first'], rows)}\n`);
  return exitCode;
}

function rowOf(name: string, process: string, result: CyclesResult): readonly string[] {
  const { atStart, afterCycles } = result;
  const sizes = [atStart, ...afterCycles].map((memory) => ((memory[process] ?? 0) / mebibyte).toFixed(0));
  return [name, ...sizes, growthOf(result, process).toFixed(2)];
}

async function measure(
  target: Target,
  plan: CyclePlan,
  way: 'direct' | 'through the gateway',
): Promise<CyclesResult> {
  const signal = AbortSignal.timeout(limitMs);
  await using runner = await createRunner(target);
  const environment = {
    MCP_RUNTIME_MAX_SESSIONS: `${plan.sessions * roomFactor}`,
    MCP_RUNTIME_MAX_SESSIONS_PER_CALLER: `${plan.sessions}`,
  };
  await using instance = await runner.launch({ environment, signal });
  await awaitReady(instance, { timeoutMs: readyMs, signal });
  const { address } = instance;
  if (address.kind !== 'unix') throw new Error('prove memory needs a socket that this machine can open');
  if (way === 'direct') {
    await using caller = grpcCaller(address.path);
    return await runCycles(caller, plan, await samplerOf({ runtime: instance }));
  }
  const options = { socketPath: address.path, transport: 'grpc', readyTimeoutMs: readyMs, signal } as const;
  await using gateway = await startGateway(options);
  if (gateway.address.kind !== 'tcp') throw new Error('the gateway listens on TCP');
  await using caller = gatewayCaller(gateway.address);
  return await runCycles(caller, plan, await samplerOf({ gateway: gateway.instance }));
}

/** @throws RunnerError if a process cannot be measured */
async function samplerOf(instances: Readonly<Record<string, Instance>>): Promise<() => Promise<Memory>> {
  const trees = await Promise.all(
    Object.entries(instances).map(async ([name, instance]) => {
      const pid = await instance.mainProcess();
      if (pid !== undefined) return [name, new ProcessTree(pid)] as const;
      throw new RunnerError('unsupported', `The process of the ${name} cannot be measured.`, 'Use Linux.');
    }),
  );
  return async () => {
    const sizes = trees.map(
      async ([name, tree]) => [name, (await tree.usage())?.rssBytes ?? Number.NaN] as const,
    );
    return Object.fromEntries(await Promise.all(sizes));
  };
}
