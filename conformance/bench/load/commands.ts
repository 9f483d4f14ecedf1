import type { Address } from '../../../runners/runner.ts';
import type { ThreadLoad } from './loops.ts';
import type { SliceRecord } from './recorder.ts';

/** How a thread reaches a variant. */
export interface Endpoint {
  readonly address: Address;
  /** `gateway`: a gateway of MCP over HTTP in front of the target. */
  readonly protocol: 'grpc' | 'http' | 'gateway';
}

/** Settings that do not change during a benchmark. */
export interface ThreadSettings {
  /** The name of the thread, unique in the benchmark and in the target. */
  readonly thread: string;
  readonly deadlineMs: number;
  /** Number of gRPC connections of the thread. */
  readonly connections: number;
  /** Number of events of a stream. */
  readonly events: number;
}

/** A slice of load. Times are in milliseconds since the epoch, because each thread has a clock of its own. */
export interface SliceCommand {
  readonly variant: string;
  readonly workload: string;
  readonly load: ThreadLoad;
  readonly startAt: number;
  readonly measureAt: number;
  readonly parts: number;
  readonly partMs: number;
  readonly intervalMs: number;
}

/** The commands of a thread, with their arguments and results. */
export interface ThreadCommands {
  /** Connects to a variant, and opens a session for each user. @throws PreparationError, or Error of the system */
  open(variant: string, endpoint: Endpoint, users: number): Promise<void>;
  /** Prepares a workload, and tries its first operation. @throws PreparationError */
  ready(variant: string, workload: string): Promise<void>;
  /** Generates load. Rejects only for unknown names. */
  slice(command: SliceCommand): Promise<SliceRecord>;
  /** Releases a workload. */
  release(variant: string, workload: string): Promise<void>;
  /** Closes the sessions and connections of a variant. */
  close(variant: string): Promise<void>;
}

/** A command in the form of a message to a thread. */
export type CommandMessage = {
  [Name in keyof ThreadCommands]: {
    readonly id: number;
    readonly name: Name;
    readonly args: Parameters<ThreadCommands[Name]>;
  };
}[keyof ThreadCommands];

/** The answer to a command. */
export type AnswerMessage =
  | { readonly id: number; readonly kind: 'result'; readonly result: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly message: string; readonly code: string };

/** The positions of counters that a thread shares with the main thread. */
export const counters = { operations: 0, errors: 1, length: 2 } as const;

/** What a thread receives at its start. */
export interface ThreadData {
  readonly settings: ThreadSettings;
  readonly counters: SharedArrayBuffer;
}
