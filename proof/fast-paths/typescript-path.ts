import { UsageMeter } from '../../conformance/bench/measure/usage-meter.ts';
import { awaitReady } from '../../conformance/drivers/runtime/ready.ts';
import { createRunner } from '../../runners/kinds.ts';
import { secondSocketEnvironment, secondSocketPath } from '../../runners/second-socket.ts';
import type { FastPath } from './fast-path.ts';

const readyMs = 30_000;

/** The TypeScript runtime over gRPC, compared with the same process over HTTP. */
export const typescriptPath: FastPath = {
  name: 'typescript',
  about: 'the TypeScript runtime over gRPC against the same process over HTTP',
  bar: 1.1,
  async start({ scope, signal }) {
    const runner = scope.own(await createRunner({ kind: 'embedded' }));
    const place = await runner.makePlace();
    const environment = secondSocketEnvironment(place, 'http');
    const instance = scope.own(await runner.launch({ place, environment, signal }));
    await awaitReady(instance, { timeoutMs: readyMs, signal });
    const both = { workload: 'echo-0.2k', usage: await UsageMeter.of(() => instance.mainProcess()) };
    const path = secondSocketPath(place, 'http');
    return {
      product: { ...both, name: 'gRPC', endpoint: { address: instance.address, protocol: 'grpc' } },
      floor: { ...both, name: 'HTTP', endpoint: { address: { kind: 'unix', path }, protocol: 'http' } },
    };
  },
};
