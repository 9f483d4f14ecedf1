import { type Instance, type LaunchOptions, type Runner, RunnerError } from '../../runners/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { TranslatingProxy } from './translating-proxy.ts';
import type { TranslatedCall } from './translation.ts';

/**
 * A runner whose targets are reached in other words. It has no controls: cases that start, end or look at a target of
 * their own are not about what is said.
 * @param inner starts the targets; it stays its owner's
 */
export function createTranslatingRunner(inner: Runner, translate: (path: string) => TranslatedCall): Runner {
  return {
    label: inner.label,
    kind: inner.kind,
    controls: new Set(),
    sessionsOutliveRun: inner.sessionsOutliveRun,
    launch: async (options: LaunchOptions): Promise<Instance> => {
      const instance = await inner.launch(options);
      try {
        return await translated(instance, translate);
      } catch (error) {
        await instance[Symbol.asyncDispose]();
        throw error;
      }
    },
    makePlace: async () => {
      throw new RunnerError('unsupported', 'A translated target has no other place.', 'Run it directly.');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function translated(
  instance: Instance,
  translate: (path: string) => TranslatedCall,
): Promise<Instance> {
  const place = await makeFolderPlace();
  let proxy: TranslatingProxy;
  try {
    proxy = await TranslatingProxy.open({ target: instance.address, path: place.hostPath, translate });
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
  return {
    address: { kind: 'unix', path: place.hostPath },
    place: undefined,
    logs: instance.logs,
    exit: instance.exit,
    signal: (name) => instance.signal(name),
    diagnose: () => instance.diagnose(),
    [Symbol.asyncDispose]: async () => {
      try {
        await proxy[Symbol.asyncDispose]();
        await place[Symbol.asyncDispose]();
      } finally {
        await instance[Symbol.asyncDispose]();
      }
    },
  };
}
