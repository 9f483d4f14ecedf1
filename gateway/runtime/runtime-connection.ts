import { setTimeout as pause } from 'node:timers/promises';
import { ClientClosedError, type RuntimeClient, type RuntimeStream } from '../../client/index.ts';

/** The response of a stream: its head, then its bytes. Reading throws if the stream fails. */
export type OpenedStream = Pick<RuntimeStream, 'head' | 'cancel' | typeof Symbol.asyncIterator>;

/** The connection of a gateway to its runtime, independent of the transport. `RuntimeClient` implements it. */
export interface RuntimeConnection
  extends AsyncDisposable,
    Pick<RuntimeClient, 'connected' | 'invoke' | 'closeSession' | 'healthCheck'> {
  invokeStream(...call: Parameters<RuntimeClient['invokeStream']>): OpenedStream;
}

const firstPauseMs = 10;
const maxPauseMs = 100;
/**
 * Milliseconds between HealthCheck calls to a runtime whose last response was invalid. A check before every call
 * would be slow.
 */
const silentHealthMs = 5000;

/** The runtime could not be reached. No part of the call has been sent. */
export class RuntimeUnreachableError extends Error {
  override readonly name = 'RuntimeUnreachableError';
  readonly code = 'RUNTIME_UNREACHABLE';

  constructor(cause: unknown) {
    super('the runtime could not be reached', { cause });
  }
}

/**
 * Waits for the runtime and caches its capabilities. Queries the capabilities again after every reconnection, because
 * another runtime may have taken over the socket.
 */
export class RuntimeLink {
  readonly #connection: RuntimeConnection;
  readonly #connectMs: number;
  #known: { readonly capabilities: ReadonlySet<string>; readonly until: number } | undefined;
  #asking: Promise<ReadonlySet<string>> | undefined;

  /** @param connectMs milliseconds to wait for an unreachable runtime */
  constructor(connection: RuntimeConnection, connectMs: number) {
    this.#connection = connection;
    this.#connectMs = connectMs;
  }

  /** The capabilities of the connected runtime. Undefined if the gateway has to ask for them. */
  get known(): ReadonlySet<string> | undefined {
    if (this.#asking !== undefined || this.#known === undefined || !this.#connection.connected)
      return undefined;
    const { capabilities, until } = this.#known;
    return until === Number.POSITIVE_INFINITY || performance.now() < until ? capabilities : undefined;
  }

  /** Returns the capabilities of the connected runtime. @throws RuntimeUnreachableError */
  async capabilities(): Promise<ReadonlySet<string>> {
    if (this.#asking !== undefined) return this.#asking;
    const { known } = this;
    if (known !== undefined) return known;
    this.#asking = this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<ReadonlySet<string>> {
    const deadline = performance.now() + this.#connectMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        const deadlineMs = Math.max(1, deadline - performance.now());
        const { capabilities } = await this.#connection.healthCheck({ deadlineMs });
        return this.#learn(new Set(capabilities), Infinity);
      } catch (error) {
        // The runtime is reachable, but its capabilities are unknown. The gateway assumes none of them.
        if (this.#connection.connected) return this.#learn(new Set(), performance.now() + silentHealthMs);
        if (error instanceof ClientClosedError || performance.now() >= deadline)
          throw new RuntimeUnreachableError(error);
        await pause(pauseMs);
      }
    }
  }

  #learn(capabilities: ReadonlySet<string>, until: number): ReadonlySet<string> {
    this.#known = { capabilities, until };
    return capabilities;
  }
}
