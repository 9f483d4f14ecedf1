import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted, withTimeLimit } from '../../../base/deadline.ts';
import type { WrittenRequest } from '../../case/gateway-case.ts';
import type { CaseClock } from '../../engine/case-clock.ts';
import type { CaseContext } from '../../engine/driver.ts';
import { comparisonFailure, StepFailure } from '../../engine/failure.ts';
import { matchMembers } from '../../match/expectation.ts';
import type { MatchResult } from '../../match/match.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import type { Facilities } from './facilities.ts';
import { HttpConnections, type HttpExchange } from './http-exchange.ts';
import { completeRequest } from './http-request.ts';
import { observeCall, observeExchange } from './observe.ts';
import type { Patience } from './patience.ts';
import type { PlayedCall } from './played-call.ts';
import type { PlayedRuntime } from './played-runtime.ts';
import type { Turn } from './stage.ts';

/** Time for which a wait keeps the played runtime, in milliseconds. Most gateways need much less. */
const promptMs = 1_000;

/** Members of an object by name. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * Runs a step. Variables in its argument are already replaced.
 * @throws StepFailure if an expectation is not met; NotCheckableError
 */
export type StepAction<Argument> = (context: StepContext, argument: Argument) => Promise<void>;

/** Options of a step context. */
export interface StepContextOptions extends Pick<CaseContext, 'log' | 'signal' | 'onExchange'> {
  readonly facilities: Facilities;
  readonly runtime: PlayedRuntime;
  readonly schemas: SchemaSet;
  /** Time limit for the gateway to notice the runtime, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** The turn of the case on the stage. Undefined for a context that has the played runtime to itself. */
  readonly turn?: Turn;
  /** Shared by all cases of a run. Default: the patience of a first case. */
  readonly patience?: Patience;
  /** The time limit of the case. Undefined for a context without a case. */
  readonly clock?: CaseClock;
}

/**
 * The state that the steps of a case share: requests, calls and variables. Disposing of it ends all requests and calls.
 */
export class StepContext implements Disposable {
  readonly options: StepContextOptions;
  readonly variables = new Map<string, unknown>();
  readonly exchanges = new Map<string, HttpExchange>();
  readonly calls = new Map<string, PlayedCall>();
  /** Calls that no step has claimed yet, oldest first. */
  readonly unclaimed: PlayedCall[] = [];
  readonly #connections: HttpConnections;
  readonly #all: PlayedCall[] = [];
  #sent = 0;
  #onCall: () => void = () => undefined;
  /** Description of the event that the case is waiting for, used in messages. */
  #waitingFor = 'a step';

  constructor(options: StepContextOptions) {
    this.options = options;
    this.#connections = new HttpConnections(options.facilities.url);
    this.#receiveCalls();
  }

  /** Makes this context receive the calls at the socket. */
  #receiveCalls(): void {
    const { runtime, log } = this.options;
    runtime.log = log;
    runtime.onCall = this.#receive;
  }

  readonly #receive = (call: PlayedCall): void => {
    this.#all.push(call);
    this.unclaimed.push(call);
    this.#onCall();
  };

  /** Sends a request from a fixture. */
  send(written: WrittenRequest): HttpExchange {
    this.#sent += 1;
    const { facilities, log } = this.options;
    const request = completeRequest(written, facilities);
    return this.#connections.send(request, `http#${this.#sent}`, log, written.connection);
  }

  /** Resolves when the next call arrives. */
  nextCall(): Promise<void> {
    return new Promise((resolve) => {
      this.#onCall = resolve;
    });
  }

  /**
   * Waits for work within the time limit of the case.
   * @param what description for messages: `the call at the socket`
   */
  waitFor<T>(work: Promise<T>, what: string): Promise<T> {
    this.#waitingFor = what;
    return unlessAborted(work, this.options.signal);
  }

  /**
   * Waits for work within its own time limit in addition to that of the case.
   * @returns undefined if the time limit passes
   */
  async waitUpTo<T>(limitMs: number, work: Promise<T>, what: string): Promise<T | undefined> {
    return this.waitFor(withTimeLimit(work, limitMs), what);
  }

  /**
   * Waits for work that needs nothing from the played runtime but calls that have arrived. If it takes a long time,
   * other cases use the runtime meanwhile.
   * @param what description for messages
   */
  async waitAside<T>(work: Promise<T>, what: string): Promise<T> {
    const { turn, clock } = this.options;
    const settled = work.then(() => true);
    const isPrompt = await this.waitFor(Promise.race([settled, pause(promptMs, false)]), what);
    if (isPrompt || turn === undefined || clock === undefined) return this.waitFor(work, what);
    const comeBack = async (): Promise<void> => {
      // The wait for other cases does not count against the time limit of this one.
      await clock.stopFor(() => turn.resume());
      if (turn.isOn) this.#receiveCalls();
    };
    return turn.aside(this.waitFor(work, what), comeBack);
  }

  /** Waits until no other case has calls in flight, so that this case may restart the played runtime. */
  async alone(): Promise<void> {
    const { turn } = this.options;
    if (turn === undefined) return;
    await unlessAborted(turn.alone(), this.options.signal);
    if (turn.isOn) this.#receiveCalls();
  }

  match(expect: Members, actual: Members): MatchResult {
    return matchMembers(expect, actual, { variables: this.variables, schemas: this.options.schemas });
  }

  /** Compares the named members and saves variables. @throws StepFailure */
  compare(expect: Members, actual: Members, request?: unknown): void {
    const { differences, saved } = this.match(expect, actual);
    this.options.onExchange?.({ request, expected: expect, actual, differences });
    if (differences.length > 0) throw comparisonFailure({ differences, request, expected: expect, actual });
    for (const [name, value] of saved) this.variables.set(name, value);
  }

  /** Returns the failure of a case that exceeded its time limit. */
  timeUp(): StepFailure {
    return this.failure(`the case timed out waiting for ${this.#waitingFor}`);
  }

  /** Makes a failure that shows everything received so far. */
  failure(summary: string): StepFailure {
    return new StepFailure(summary, { actual: this.overview() });
  }

  /** Returns everything received so far, for reports. */
  overview(): unknown {
    const exchanges = [...this.exchanges].map(([name, each]) => [name, observeExchange(each)]);
    return { atTheCaller: Object.fromEntries(exchanges), atTheSocket: this.#all.map(observeCall) };
  }

  [Symbol.dispose](): void {
    const { runtime } = this.options;
    if (runtime.onCall === this.#receive) runtime.onCall = () => undefined;
    this.#connections[Symbol.dispose]();
    for (const exchange of this.exchanges.values()) if (exchange.endSoFar === undefined) exchange.abort();
    for (const call of this.#all) if (!call.over) call.reset(8);
  }
}
