/** A target that attacks the kit, and the expected result of the run. */
export interface HostileTarget {
  /** Behaviour of the target, as a phrase that starts with a verb. */
  readonly about: string;
  /** Runs the target as the main function of its process. @param socketPath path of the expected socket */
  start(socketPath: string): void;
  /** Expected exit code of the kit. 1: the target failed. 3: the target could not be tested. */
  readonly exitCode: 1 | 3;
  /** Reason that the output must contain. */
  readonly reason: RegExp;
  /** Values for `--case`. Runs the whole suite by default. */
  readonly cases?: readonly string[];
  /** Time limit of the whole run, in seconds. Default 90. */
  readonly withinSeconds?: number;
}

export type HostileTargets = Readonly<Record<string, HostileTarget>>;
