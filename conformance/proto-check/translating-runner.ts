import { type Instance, type LaunchOptions, type Runner, RunnerError } from '../../runners/runner.ts';
import { type Translate, TranslatingProxy } from './translating-proxy.ts';

/**
 * A runner whose targets are reached through a translating proxy. It has no controls: cases that start, end or look at a
 * target of their own are not about what calls say.
 * @param inner starts the targets; its owner disposes of it
 */
export function createTranslatingRunner(inner: Runner, translate: Translate): Runner {
  return {
    label: inner.label,
    kind: inner.kind,
    controls: new Set(),
    sessionsOutliveRun: inner.sessionsOutliveRun,
    launch: async (options: LaunchOptions): Promise<Instance> => {
      const instance = await inner.launch(options);
      const end = () => instance[Symbol.asyncDispose]();
      const proxy = await TranslatingProxy.open(instance.address, translate).catch(async (error) => {
        await end();
        throw error;
      });
      return {
        address: proxy.address,
        place: undefined,
        logs: instance.logs,
        exit: instance.exit,
        signal: (name) => instance.signal(name),
        diagnose: () => instance.diagnose(),
        [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]().finally(end),
      };
    },
    makePlace: async () => {
      throw new RunnerError('unsupported', 'A translated target has no other place.', 'Run it directly.');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
