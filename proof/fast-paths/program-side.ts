import { UsageMeter } from '../../conformance/bench/measure/usage-meter.ts';
import { awaitReady } from '../../conformance/drivers/runtime/ready.ts';
import { createRunner } from '../../runners/kinds.ts';
import type { Side, StartContext } from './fast-path.ts';

const readyMs = 30_000;

/**
 * Starts a program that serves the contract over gRPC. Returns it as a side with calls of 200 bytes.
 * @throws RunnerError, TargetError
 */
export async function programSide(
  name: string,
  file: string,
  { scope, signal }: StartContext,
): Promise<Side> {
  const runner = scope.own(await createRunner({ kind: 'command', command: file }));
  const instance = scope.own(await runner.launch({ signal }));
  await awaitReady(instance, { timeoutMs: readyMs, signal });
  return {
    name,
    endpoint: { address: instance.address, protocol: 'grpc' },
    workload: 'echo-0.2k',
    usage: await UsageMeter.of(() => instance.mainProcess()),
  };
}
