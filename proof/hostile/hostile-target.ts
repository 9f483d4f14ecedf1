/** A target that tries to break the kit, and what the kit has to make of it. */
export interface HostileTarget {
  /** What it does, in a few words. */
  readonly about: string;
  /** Starts it, in a process of its own. `socketPath` is where the kit expects it. */
  start(socketPath: string): void;
  /** 1: found wanting. 3: it could not be tested. */
  readonly exitCode: 1 | 3;
  /** What the output has to say of it. */
  readonly reason: RegExp;
  /** What of the suite is run, as `--case`; the whole suite where absent. */
  readonly cases?: readonly string[];
  /** A wide watchdog over the whole run, in seconds. Default 90. */
  readonly withinSeconds?: number;
}

export type HostileTargets = Readonly<Record<string, HostileTarget>>;
