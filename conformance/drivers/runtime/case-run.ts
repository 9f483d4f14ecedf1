import { type McpRequest, rpcPath } from '../../../proto/index.ts';
import type { Instance, Runner, SocketPlace } from '../../../runners/runner.ts';
import { parseDuration } from '../../case/duration.ts';
import type { CaseClock } from '../../engine/case-clock.ts';
import { StepFailure } from '../../engine/failure.ts';
import type { StreamReader } from '../../observe/stream.ts';
import type { Observation, ObservationError } from '../../observe/unary.ts';
import type { Call } from '../../wire/call.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, type Connection, describeAddress } from '../../wire/connection.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import { type ClosingPlace, LeftSessions } from './left-sessions.ts';
import { negotiatedRevision } from './negotiated-revision.ts';
import type { Identities, WrittenRequest } from './request.ts';

/** A message larger than this many bytes is refused; larger than any case asks for. */
export const receiveLimit = 6 << 20;
/** The same for a health answer, which has a few words. */
export const healthReceiveLimit = 1 << 20;

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
  /** Takes the sessions that the case leaves, where the target ends with the run. */
  readonly left: LeftSessions;
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
  readonly #channels = new Map<string, Channel>();
  readonly #owned: AsyncDisposable[] = [];
  readonly #made = new LeftSessions();
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
  async connection(name = 'main', target?: string): Promise<Connection> {
    if (target === undefined) await this.parts.ready;
    const { address } = this.instance(target);
    try {
      return await this.#channel(name, target).connection();
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      throw new UnreachableError(`${describeAddress(address)} cannot be connected to: ${error.message}`);
    }
  }

  /** Destroys the connection of that name, where there is one. */
  disconnect(name: string): void {
    this.#channels.get(name)?.[Symbol.dispose]();
    this.#channels.delete(name);
  }

  /** Takes note of the revision of a session that an answer has made. */
  noteRevision(answer: Observation): void {
    const made = negotiatedRevision(answer);
    if (made !== undefined) this.#revisions.set(made.sessionId, made.revision);
  }

  revisionOf(sessionId: string): string | undefined {
    return this.#revisions.get(sessionId);
  }

  /** Takes note of a session that an answer names. */
  noteSession(request: McpRequest, answer: Observation): void {
    this.#made.note(request, answer);
  }

  /** Closes the sessions that earlier cases have left. @returns whether there were any */
  makeRoom(): Promise<boolean> {
    return this.parts.left.close(this.#closingPlace);
  }

  get #closingPlace(): ClosingPlace {
    const { instance, log } = this.parts;
    return { address: instance.address, path: rpcPath('CloseSession'), log };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    // What lives on is left as it was; elsewhere a case does without the calls, until their room is needed.
    if (this.parts.runner.kind === 'socket') await this.#made.close(this.#closingPlace);
    else this.parts.left.adopt(this.#made);
    for (const channel of this.#channels.values()) channel[Symbol.dispose]();
    this.streams.clear();
    this.calls.clear();
    for (const resource of this.#owned.reverse()) await resource[Symbol.asyncDispose]();
  }

  #channel(name: string, target: string | undefined): Channel {
    const key = target === undefined ? name : `${target}:${name}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const { log, signal } = this.parts;
    const channel = new Channel({ address: () => this.instance(target).address, name: key, log, signal });
    this.#channels.set(key, channel);
    // What is opened after the end of the case has to be closed, too.
    if (this.#disposed) channel[Symbol.dispose]();
    return channel;
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
