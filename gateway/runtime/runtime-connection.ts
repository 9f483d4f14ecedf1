import { setTimeout as pause } from 'node:timers/promises';
import { ClientClosedError, type RuntimeClient, type RuntimeStream } from '../../client/index.ts';

/** A stream's response: its head, then its bytes. Reading throws where the stream breaks off. */
export type OpenedStream = Pick<RuntimeStream, 'head' | 'cancel' | typeof Symbol.asyncIterator>;

/** What a gateway needs of its runtime, whatever the transport: a `RuntimeClient` is one. */
export interface RuntimeConnection
  extends AsyncDisposable,
    Pick<RuntimeClient, 'connected' | 'invoke' | 'closeSession' | 'healthCheck'> {
  invokeStream(...call: Parameters<RuntimeClient['invokeStream']>): OpenedStream;
}

const firstPauseMs = 10;
const maxPauseMs = 100;
/** How long a runtime that cannot say what it is capable of is taken at the least: every call would have to ask. */
const silentHealthMs = 5000;

/** The runtime could not be reached: no part of the call has been sent. */
export class RuntimeUnreachableError extends Error {
  override readonly name = 'RuntimeUnreachableError';
  readonly code = 'RUNTIME_UNREACHABLE';

  constructor(cause: unknown) {
    super('the runtime could not be reached', { cause });
  }
}

/**
 * Knows whether the runtime is there and what it is capable of. Both are asked anew whenever the connection broke: the
 * runtime that comes back may be another one.
 */
export class RuntimeLink {
  readonly #connection: RuntimeConnection;
  readonly #connectMs: number;
  #known: { readonly capabilities: ReadonlySet<string>; readonly until: number } | undefined;
  #asking: Promise<ReadonlySet<string>> | undefined;

  /** @param connectMs how long to wait for a runtime that is not there */
  constructor(connection: RuntimeConnection, connectMs: number) {
    this.#connection = connection;
    this.#connectMs = connectMs;
  }

  /** The capabilities of the runtime that is connected. @throws RuntimeUnreachableError */
  async capabilities(): Promise<ReadonlySet<string>> {
    if (this.#asking !== undefined) return this.#asking;
    if (this.#known !== undefined && this.#connection.connected && Date.now() < this.#known.until) {
      return this.#known.capabilities;
    }
    this.#asking = this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<ReadonlySet<string>> {
    const deadline = Date.now() + this.#connectMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        const deadlineMs = Math.max(1, deadline - Date.now());
        const { capabilities } = await this.#connection.healthCheck({ deadlineMs });
        return this.#learn(new Set(capabilities), Infinity);
      } catch (error) {
        // It is there, but does not say what it can do: what every runtime can is enough.
        if (this.#connection.connected) return this.#learn(new Set(), Date.now() + silentHealthMs);
        if (error instanceof ClientClosedError || Date.now() >= deadline)
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
