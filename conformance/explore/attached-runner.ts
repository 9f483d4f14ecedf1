import type { Instance, Runner, RunnerControl, SocketPlace } from '../../runners/runner.ts';
import { RunnerError } from '../../runners/runner.ts';

/**
 * A runner of a target that is running already, for several runs against one instance. A run does not end the instance.
 */
export class AttachedRunner implements Runner {
  readonly label: string;
  readonly kind: string;
  readonly controls: ReadonlySet<RunnerControl> = new Set();
  /** A run then closes the sessions that it opened. */
  readonly sessionsOutliveRun = true;
  readonly #instance: Instance;

  constructor({ label, kind }: Pick<Runner, 'label' | 'kind'>, instance: Instance) {
    this.label = label;
    this.kind = kind;
    this.#instance = instance;
  }

  launch(): Promise<Instance> {
    const { address, place, logs, exit, exitNoticeMs } = this.#instance;
    return Promise.resolve({
      ...{ address, place, logs, exit },
      ...(exitNoticeMs === undefined ? {} : { exitNoticeMs }),
      mainProcess: () => this.#instance.mainProcess(),
      signal: (name) => this.#instance.signal(name),
      diagnose: () => this.#instance.diagnose(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  makePlace(): Promise<SocketPlace> {
    const advice = 'Use the runner that started the target.';
    return Promise.reject(new RunnerError('unsupported', 'The target is running already.', advice));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
