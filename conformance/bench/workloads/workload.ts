import type { Operation } from './call.ts';
import type { User } from './session.ts';

/** Sizes and limits of workloads. */
export interface WorkloadOptions {
  /** Number of events of a stream. */
  readonly events: number;
  readonly deadlineMs: number;
  /** A text that is unique to the thread and the variant. */
  readonly key: string;
}

/** Operations that are ready to start. */
export interface ReadyWorkload {
  /** One for each operation that may be in flight. */
  readonly operations: readonly Operation[];
  /** Releases the resources that the operations share. */
  close(): void;
}

/** A kind of load. */
export interface Workload {
  readonly name: string;
  /** What an operation is, for the help and for reports. */
  readonly about: string;
  /** Tools of the conformance catalog that the operations call. */
  readonly tools: readonly string[];
  /** Capabilities that the target must declare. */
  readonly capabilities: readonly string[];
  /** @throws PreparationError */
  ready(users: readonly User[], options: WorkloadOptions): Promise<ReadyWorkload>;
}
