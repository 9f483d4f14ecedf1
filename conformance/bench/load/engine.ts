import { withTimeLimit } from '../../../base/deadline.ts';
import { GrpcTransport } from '../transport/grpc-transport.ts';
import { Http1Transport } from '../transport/http1-transport.ts';
import type { Failure, Transport } from '../transport/transport.ts';
import { type Operation, PreparationError } from '../workloads/call.ts';
import { findWorkload } from '../workloads/index.ts';
import { endSession, openSession, type User } from '../workloads/session.ts';
import type { ReadyWorkload } from '../workloads/workload.ts';
import type { Endpoint, SliceCommand, ThreadCommands, ThreadSettings } from './commands.ts';
import { runSlice } from './loops.ts';
import type { SliceRecord } from './recorder.ts';

interface OpenVariant {
  /** Names the thread and the variant, as a part of keys. */
  readonly key: string;
  readonly transport: Transport;
  readonly users: readonly User[];
  readonly workloads: Map<string, ReadyWorkload>;
}

export interface EngineOptions extends ThreadSettings {
  /** Aborted to end the current slice early. */
  readonly stop: AbortSignal;
  /** Called after each measured operation. */
  readonly onProgress: (isSuccess: boolean) => void;
}

/** Time limit for closing the sessions of a variant, in milliseconds. */
const closeMs = 2_000;

/** Generates the load of one thread. */
export class LoadEngine implements ThreadCommands {
  readonly #options: EngineOptions;
  readonly #variants = new Map<string, OpenVariant>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async open(variant: string, endpoint: Endpoint, count: number): Promise<void> {
    const transport = await this.#connect(endpoint);
    try {
      const callers = Array.from({ length: count }, (_, user) => ({ transport, user }));
      const { deadlineMs } = this.#options;
      const users = await Promise.all(callers.map((caller) => openSession(caller, deadlineMs)));
      // Two variants may be the same target.
      const key = `${this.#options.thread}-${this.#variants.size}`;
      this.#variants.set(variant, { key, transport, users, workloads: new Map() });
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  async ready(variant: string, name: string): Promise<void> {
    const { key, users, workloads } = this.#variant(variant);
    const workload = findWorkload(name);
    if (workload === undefined) throw new PreparationError(`there is no workload ${name}`);
    const { deadlineMs, events } = this.#options;
    const ready = await workload.ready(users, { deadlineMs, events, key });
    try {
      const [first] = ready.operations;
      if (first !== undefined) await this.#try(first);
      workloads.set(name, ready);
    } catch (error) {
      ready.close();
      throw error;
    }
  }

  async slice({ variant, workload, ...command }: SliceCommand): Promise<SliceRecord> {
    const ready = this.#variant(variant).workloads.get(workload);
    if (ready === undefined) throw new Error(`the workload ${workload} is not ready`);
    const { startAt, measureAt, parts, partMs, intervalMs, load } = command;
    const local = (epochMs: number) => epochMs - performance.timeOrigin;
    const { deadlineMs, stop, onProgress } = this.#options;
    const { operations } = ready;
    const time = { from: local(measureAt), parts, partMs, intervalMs };
    return runSlice({ operations, load, start: local(startAt), time, deadlineMs, stop, onProgress });
  }

  async release(variant: string, workload: string): Promise<void> {
    const { workloads } = this.#variant(variant);
    workloads.get(workload)?.close();
    workloads.delete(workload);
  }

  async close(variant: string): Promise<void> {
    const open = this.#variants.get(variant);
    if (open === undefined) return;
    this.#variants.delete(variant);
    for (const workload of open.workloads.values()) workload.close();
    await withTimeLimit(Promise.all(open.users.map((user) => endSession(user, closeMs))), closeMs);
    open.transport.close();
  }

  async #connect({ address, protocol }: Endpoint): Promise<Transport> {
    const { deadlineMs, connections } = this.#options;
    const signal = AbortSignal.timeout(deadlineMs);
    if (protocol === 'grpc') return GrpcTransport.open({ address, deadlineMs, signal }, connections);
    return new Http1Transport({ address, deadlineMs, signal }, protocol === 'http' ? 'runtime' : protocol);
  }

  /** Runs an operation once. @throws PreparationError if it fails */
  async #try(operation: Operation): Promise<void> {
    const { deadlineMs } = this.#options;
    let cancel = () => {};
    const ended = new Promise<{ readonly failure: Failure | undefined }>((resolve) => {
      cancel = operation.start((failure) => resolve({ failure }));
    });
    const outcome = await withTimeLimit(ended, deadlineMs);
    if (outcome === undefined) {
      cancel();
      throw new PreparationError(`the first operation did not end within ${deadlineMs} ms`);
    }
    const { failure } = outcome;
    if (failure !== undefined) {
      throw new PreparationError(`the first operation failed: ${failure.detail} (${failure.kind})`);
    }
  }

  #variant(name: string): OpenVariant {
    const variant = this.#variants.get(name);
    if (variant === undefined) throw new Error(`the variant ${name} is not open`);
    return variant;
  }
}
