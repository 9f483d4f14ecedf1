import { errorMessage } from '../../../base/error-message.ts';
import type { Measured } from '../report.ts';
import { ProcessTree, type TreeUsage } from './process-tree.ts';

/** A sample with its time in milliseconds since the epoch. */
export interface UsageSample extends TreeUsage {
  readonly at: number;
}

/** Measures the processes of one target or gateway. */
export class UsageMeter {
  readonly #tree: ProcessTree | undefined;
  readonly #reason: string;

  /** @param pid the main process, or undefined if it is unknown for this reason */
  private constructor(pid: number | undefined, reason: string) {
    this.#tree = pid === undefined ? undefined : new ProcessTree(pid);
    this.#reason = reason;
  }

  /** Makes a meter. @param mainProcess finds the main process */
  static async of(mainProcess: () => Promise<number | undefined>): Promise<UsageMeter> {
    if (process.platform !== 'linux') return new UsageMeter(undefined, 'needs Linux (/proc)');
    try {
      return new UsageMeter(await mainProcess(), 'the kit cannot see the process');
    } catch (error) {
      return new UsageMeter(undefined, errorMessage(error));
    }
  }

  /** Returns the current usage. */
  async sample(): Promise<Measured<UsageSample>> {
    const usage = await this.#tree?.usage();
    if (usage !== undefined) return { kind: 'measured', value: { ...usage, at: Date.now() } };
    const reason = this.#tree === undefined ? this.#reason : 'the process has ended';
    return { kind: 'not-measured', reason };
  }
}
