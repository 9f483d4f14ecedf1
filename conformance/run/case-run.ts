import { type McpRequest, McpRuntime } from '../../proto/index.ts';
import type { Instance, Runner, SocketPlace } from '../../runners/runner.ts';
import { parseDuration } from '../fixture/duration.ts';
import type { StreamReader } from '../observe/stream.ts';
import type { Observation, ObservationError } from '../observe/unary.ts';
import type { Call } from '../wire/call.ts';
import { ConnectError, Connection, describeAddress } from '../wire/connection.ts';
import type { WireLog } from '../wire/wire-log.ts';
import type { CaseClock } from './case-clock.ts';
import { StepFailure } from './failure.ts';
import { LeftSessions } from './left-sessions.ts';
import type { Identities, WrittenRequest } from './request.ts';

/** The connection on which sessions are closed is made within this time, in milliseconds. */
const cleanUpMs = 1_000;

/** A message larger than this many bytes is refused; larger than any case asks for. */
export const receiveLimit = 6 << 20;
/** The same for a health answer, which has a few words. */
export const healthReceiveLimit = 1 << 20;

/** The path of an RPC of the contract. */
export function rpcPath(rpc: 'Invoke' | 'InvokeStream' | 'CloseSession' | 'HealthCheck'): string {
  return `/${McpRuntime.typeName}/${rpc}`;
}

/** The deadline of a step as an option of a call. */
export function deadlineOption(written: string | undefined): { readonly deadlineMs?: number } {
  if (written === undefined) return {};
  const deadlineMs = parseDuration(written);
  if (deadlineMs === undefined)
    throw new StepFailure(`the deadline "${written}" is no duration such as 500ms or 20s`);
  return { deadlineMs };
}

/** A unary call that runs in the background. */
export interface BackgroundCall {
  readonly call: Call;
  readonly request: unknown;
  readonly messages: Promise<readonly Buffer[]>;
}

/** An open stream of a case. */
export interface OpenStream {
  readonly reader: StreamReader;
  readonly request: unknown;
}

/** What a case runs with. */
export interface CaseRunParts {
  readonly runner: Runner;
  /** The instance under test. */
  readonly instance: Instance;
  /** Settles when that instance is ready. */
  readonly ready: Promise<unknown>;
  readonly identities: Identities;
  readonly log: WireLog;
  /** Aborted when the case's deadline passes or the run ends. */
  readonly signal: AbortSignal;
  readonly clock: CaseClock;
  readonly readyTimeoutMs: number;
}

/** No connection can be had: what any gRPC client reports as UNAVAILABLE. */
export class UnreachableError extends StepFailure {}

/** What a case has made so far. Disposing of it closes its connections and ends what it launched, last made first. */
export class CaseRun implements AsyncDisposable {
  readonly parts: CaseRunParts;
  readonly calls = new Map<string, BackgroundCall>();
  readonly streams = new Map<string, OpenStream>();
  readonly instances = new Map<string, Instance>();
  readonly places = new Map<string, SocketPlace>();
  /** Why the last try of an `eventually` did not hold: the reason to report when its time is up. */
  lastTry: StepFailure | ObservationError | undefined;
  readonly #revisions = new Map<string, string>();
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #owned: AsyncDisposable[] = [];
  readonly #left = new LeftSessions();
  #disposed = false;

  constructor(parts: CaseRunParts) {
    this.parts = parts;
  }

  /** Keeps what the case has made, to be disposed of with it. */
  own<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#owned.push(resource);
    return resource;
  }

  instance(name: string | undefined): Instance {
    return name === undefined ? this.parts.instance : found(this.instances, name, 'instance');
  }

  /** The connection of that name, opened at first use, and again where the last one has ended. */
  connection(name = 'main', target?: string): Promise<Connection> {
    const key = target === undefined ? name : `${target}:${name}`;
    // Taken note of before anything is awaited, so that steps side by side share it.
    const connection = this.#usable(this.#connections.get(key), key, target);
    this.#connections.set(key, connection);
    return connection;
  }

  /** Destroys the connection of that name, where there is one. */
  async disconnect(name: string): Promise<void> {
    const opening = this.#connections.get(name);
    this.#connections.delete(name);
    const connection = await opening?.catch(() => undefined);
    connection?.destroy();
  }

  rememberRevision(sessionId: string, revision: string): void {
    this.#revisions.set(sessionId, revision);
  }

  revisionOf(sessionId: string): string | undefined {
    return this.#revisions.get(sessionId);
  }

  /** Takes note of a session that an answer names: where the target lives on, it is closed with the case. */
  noteSession(request: McpRequest, answer: Observation): void {
    if (this.parts.runner.kind === 'socket') this.#left.note(request, answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#closeSessions();
    for (const opening of this.#connections.values()) {
      const connection = await opening.catch(() => undefined);
      connection?.destroy();
    }
    this.streams.clear();
    this.calls.clear();
    for (const resource of this.#owned.reverse()) await resource[Symbol.asyncDispose]();
  }

  async #closeSessions(): Promise<void> {
    if (this.#left.size === 0) return;
    const { instance, log } = this.parts;
    const signal = AbortSignal.timeout(cleanUpMs);
    try {
      using connection = await Connection.open({ address: instance.address, name: 'clean-up', log, signal });
      await this.#left.close(connection, rpcPath('CloseSession'));
    } catch (error) {
      // Whether there is anything left to clean up in what cannot be reached nobody knows.
      if (!(error instanceof ConnectError)) throw error;
    }
  }

  async #usable(
    known: Promise<Connection> | undefined,
    key: string,
    target: string | undefined,
  ): Promise<Connection> {
    const connection = await known?.catch(() => undefined);
    if (connection?.usable) return connection;
    if (target === undefined) await this.parts.ready;
    return this.#open(key, this.instance(target));
  }

  async #open(name: string, instance: Instance): Promise<Connection> {
    const { log, signal } = this.parts;
    try {
      const connection = await Connection.open({ address: instance.address, name, log, signal });
      if (this.#disposed) connection.destroy();
      return connection;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      throw new UnreachableError(
        `${describeAddress(instance.address)} cannot be connected to: ${error.message}`,
      );
    }
  }
}

/** What a step refers to by name. @throws StepFailure where no step made it */
export function found<Value>(map: ReadonlyMap<string, Value>, name: string, what: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new StepFailure(`no ${what} is named "${name}" at this step`);
  return value;
}

/** A request in a form for people, for reports: as it was written, with the defaults that completed it. */
export function describeRequest(request: McpRequest, written: WrittenRequest): unknown {
  const { method, path, headers } = request;
  return { ...written, method, path, headers };
}
