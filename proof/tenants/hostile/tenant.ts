import { type AuthContext, encodeAuthContext, type RuntimeRequest } from '../../../client/index.ts';
import { GrpcTransport } from '../../../conformance/bench/transport/grpc-transport.ts';
import type { Failure, Receiver } from '../../../conformance/bench/transport/transport.ts';
import type { RequestRpc } from '../../../proto/index.ts';
import type { Address } from '../../../runners/runner.ts';
import { type Tallies, tallyOf } from './tally.ts';

/** A session of the tenant. */
export interface TenantSession {
  readonly id: string;
  readonly authContext: AuthContext;
}

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A call in flight. */
export interface TenantCall {
  /** The head, or undefined if the call failed without one. Never rejects. */
  readonly head: Promise<ResponseHead | undefined>;
  /** Resolves when the call has ended. Never rejects. */
  readonly ended: Promise<void>;
  cancel(): void;
}

/** A request in the form of the wire. */
export type PreparedRequest = ReturnType<GrpcTransport['prepare']>;

/** Time limit of a call, in milliseconds. */
export const callLimitMs = 10_000;
/** Connections of the tenant. Every runtime supports 100 calls on each (RPC-11). */
const connections = 8;

/** Returns one of the identities of the tenant's owner. They differ in their teams and permissions. */
export function identityOf(number: number): AuthContext {
  return encodeAuthContext({
    isAuthenticated: true,
    email: 'hostile@example.com',
    teams: ['hostile', `team-${number}`],
    tokenUse: number % 2 === 0 ? 'session' : 'api',
    scopedPermissions: [`permission-${number}`],
  });
}

/** The hostile tenant: one owner with its connections and sessions. Counts how its calls end. */
export class HostileTenant implements Disposable {
  readonly tallies: Tallies = {};
  readonly sessions: TenantSession[] = [];
  readonly address: Address;
  readonly #transport: GrpcTransport;
  readonly #inFlight = new Set<() => void>();
  #calls = 0;

  private constructor(address: Address, transport: GrpcTransport) {
    this.address = address;
    this.#transport = transport;
  }

  /**
   * @param signal ends the attempt to connect
   * @throws Error of the system if the target cannot be reached
   */
  static async connect(address: Address, signal: AbortSignal): Promise<HostileTenant> {
    const options = { address, deadlineMs: callLimitMs, signal };
    return new HostileTenant(address, await GrpcTransport.open(options, connections));
  }

  /** Returns one of the sessions, in turns. */
  session(turn: number): TenantSession | undefined {
    return this.sessions[turn % Math.max(1, this.sessions.length)];
  }

  /** Encodes a request that is sent many times. */
  prepare(rpc: RequestRpc, request: RuntimeRequest): PreparedRequest {
    return this.#transport.prepare(rpc, request);
  }

  /** Sends a request. Only streams have no time limit. @param attack the name under which the call is counted */
  send(attack: string, prepared: PreparedRequest): TenantCall {
    const tally = tallyOf(this.tallies, attack);
    tally.sent += 1;
    this.#calls += 1;
    let cause: 'cancelled' | 'late' | undefined;
    const response = new HeadOnly((status, failure) => {
      clearTimeout(timer);
      this.#inFlight.delete(cancel);
      if (cause !== undefined) tally[cause] += 1;
      else if (failure === undefined && status < 400) tally.served += 1;
      else tally.refused += 1;
    });
    let abort = () => {};
    const end = (reason: typeof cause) => {
      cause ??= reason;
      abort();
    };
    const cancel = () => end('cancelled');
    const isStream = prepared.rpc === 'InvokeStream';
    const timer = isStream ? undefined : setTimeout(() => end('late'), callLimitMs);
    this.#inFlight.add(cancel);
    abort = this.#transport.send(prepared, this.#calls, response);
    return { head: response.firstPart, ended: response.ended, cancel };
  }

  /** Cancels the calls in flight and closes the connections. */
  [Symbol.dispose](): void {
    for (const cancel of [...this.#inFlight]) cancel();
    this.#transport.close();
  }
}

/** Keeps the head of a response, and drops its body. */
class HeadOnly implements Receiver {
  readonly firstPart: Promise<ResponseHead | undefined>;
  readonly ended: Promise<void>;
  readonly #onEnd: (status: number, failure: Failure | undefined) => void;
  #status = 0;
  #resolveHead: (head: ResponseHead | undefined) => void = () => undefined;
  #resolveEnd: () => void = () => undefined;

  constructor(onEnd: (status: number, failure: Failure | undefined) => void) {
    this.#onEnd = onEnd;
    this.firstPart = new Promise((resolve) => {
      this.#resolveHead = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
  }

  head(status: number, fields: () => Readonly<Record<string, string>>): void {
    this.#status = status;
    this.#resolveHead({ status, headers: fields() });
  }

  data(): void {}

  end(failure: Failure | undefined): void {
    this.#resolveHead(undefined);
    this.#onEnd(this.#status, failure);
    this.#resolveEnd();
  }
}
