import type { WrittenRequest } from '../../case/gateway-case.ts';
import { StepFailure } from '../../engine/failure.ts';
import type { MatchContext } from '../../match/match.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import { HttpConnections, type HttpExchange } from './http-exchange.ts';
import { type Caller, completeRequest } from './http-request.ts';
import { observeCall, observeExchange } from './observe.ts';
import type { PlayedCall } from './played-call.ts';
import type { PlayedRuntime } from './played-runtime.ts';

/** The case cannot be held against this gateway, as shows only when it runs. */
export class NotCheckable extends Error {
  readonly code = 'not-checkable';
}

/** What the user says of the gateway. */
export interface Facilities extends Caller {
  /** The claims that `bearer` or the fields stand for, as far as they are known. */
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly otherIdentity?: Readonly<Record<string, unknown>>;
  /** Whether something behind the gateway takes what is not for the runtime. */
  readonly hasFallback: boolean;
}

export interface CheckRunParts {
  readonly facilities: Facilities;
  readonly runtime: PlayedRuntime;
  readonly log: WireLog;
  readonly schemas: SchemaSet;
  readonly variables: Map<string, unknown>;
  /** Aborted when the time of the case is up, or the run ends. */
  readonly signal: AbortSignal;
  /** How long a gateway may take to notice that the runtime is there, in milliseconds. */
  readonly readyTimeoutMs: number;
}

/** What a case has sent, and what has come, so far. Disposing of it ends all of it. */
export class CheckRun implements Disposable {
  readonly parts: CheckRunParts;
  readonly exchanges = new Map<string, HttpExchange>();
  readonly calls = new Map<string, PlayedCall>();
  /** Calls that no step has claimed, oldest first. */
  readonly unclaimed: PlayedCall[] = [];
  readonly #connections: HttpConnections;
  readonly #all: PlayedCall[] = [];
  #sent = 0;
  #onCall: () => void = () => undefined;
  /** What is being waited for, in words. */
  #waitingFor = 'a step';

  constructor(parts: CheckRunParts) {
    this.parts = parts;
    this.#connections = new HttpConnections(parts.facilities.url);
    parts.runtime.onCall = (call) => {
      this.#all.push(call);
      this.unclaimed.push(call);
      this.#onCall();
    };
  }

  get context(): MatchContext {
    return { variables: this.parts.variables, schemas: this.parts.schemas };
  }

  /** Sends a request as a fixture wrote it. */
  send(written: WrittenRequest): HttpExchange {
    this.#sent += 1;
    const request = completeRequest(written, this.parts.facilities);
    return this.#connections.send(request, `http#${this.#sent}`, this.parts.log, written.connection);
  }

  /** Settles when the next call comes. */
  nextCall(): Promise<void> {
    return new Promise((resolve) => {
      this.#onCall = resolve;
    });
  }

  /**
   * Waits no longer than the case may take.
   * @param what in words: `the call at the socket`
   * @throws StepFailure when the time is up
   */
  async waitFor<T>(work: Promise<T>, what: string): Promise<T> {
    this.#waitingFor = what;
    const { signal } = this.parts;
    let stop: () => void = () => undefined;
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(this.timeUp());
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The failure to report where the time of the case is up. */
  timeUp(): StepFailure {
    return new StepFailure(`the time of the case was up while waiting for ${this.#waitingFor}`, {
      actual: this.overview(),
    });
  }

  /** Everything that has come, for reports. */
  overview(): unknown {
    return {
      atTheCaller: Object.fromEntries(
        [...this.exchanges].map(([name, each]) => [name, observeExchange(each)]),
      ),
      atTheSocket: this.#all.map(observeCall),
    };
  }

  [Symbol.dispose](): void {
    this.parts.runtime.onCall = () => undefined;
    this.#connections[Symbol.dispose]();
    for (const exchange of this.exchanges.values()) if (exchange.endSoFar === undefined) exchange.abort();
    for (const call of this.#all) if (!call.over) call.reset(8);
  }
}
