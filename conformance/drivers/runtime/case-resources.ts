import type { McpRequest } from '../../../proto/index.ts';
import type { Instance, SocketPlace } from '../../../runners/runner.ts';
import type { CaseContext } from '../../engine/driver.ts';
import { found, StepFailure } from '../../engine/failure.ts';
import type { StreamReader } from '../../observe/stream.ts';
import type { Observation } from '../../observe/unary.ts';
import type { Call } from '../../wire/call.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, type Connection, describeAddress } from '../../wire/connection.ts';
import type { Identities } from './request.ts';
import type { SecondInstance } from './second-instance.ts';
import { LeftoverSessions, negotiatedRevision } from './sessions.ts';
import type { SharedTargetOptions } from './shared-target.ts';
import type { FinishedCall } from './unary-call.ts';

/** A case asks so often for a session that it has made room for: other cases may take the room. */
const maxSessionTries = 5;

/** A unary call that runs in the background. */
export type BackgroundCall = Readonly<{ call: Call; request: unknown; finished: Promise<FinishedCall> }>;

/** An open stream of a case. */
export type OpenStream = Readonly<{ reader: StreamReader; request: unknown }>;

/** What a case runs with. */
export interface CaseResourcesOptions extends CaseContext, Omit<SharedTargetOptions, 'signal'> {
  /** The instance under test. */
  readonly instance: Instance;
  /** Settles when that instance is ready. */
  readonly ready: Promise<unknown>;
  readonly identities: Identities;
  /** Takes the sessions that the case leaves open, where the target ends with the run. */
  readonly leftovers: LeftoverSessions;
  readonly secondInstance: SecondInstance;
}

/** Connecting failed: any gRPC client reports UNAVAILABLE. */
export class UnreachableError extends StepFailure {}

/** What a case has made so far. Disposing of it closes its connections and ends what it launched, last made first. */
export class CaseResources implements AsyncDisposable {
  readonly options: CaseResourcesOptions;
  readonly calls = new Map<string, BackgroundCall>();
  readonly streams = new Map<string, OpenStream>();
  readonly instances = new Map<string, Instance>();
  readonly places = new Map<string, SocketPlace>();
  /** Why the last try of an `eventually` did not hold: the reason to report when its time is up. */
  lastTry: StepFailure | undefined;
  /** The failure, in words, if the time is up while a step waits: what happened instead of what it waits for. */
  awaited: string | undefined;
  readonly #revisions = new Map<string, string>();
  readonly #channels = new Map<string, Channel>();
  readonly #owned: AsyncDisposable[] = [];
  readonly #sessions = new LeftoverSessions();
  #disposed = false;

  constructor(options: CaseResourcesOptions) {
    this.options = options;
  }

  /** Keeps what the case has made, to be disposed of with it. */
  own<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#owned.push(resource);
    return resource;
  }

  instance(name: string | undefined): Instance {
    return name === undefined ? this.options.instance : found(this.instances, name, 'instance');
  }

  /** The connection of that name, opened at first use, and again where the last one has ended. */
  async connection(name = 'main', target?: string): Promise<Connection> {
    if (target === undefined) await this.options.ready;
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
    this.#sessions.note(request, answer);
  }

  /**
   * Asks for a session, and where the target has no room for it again once the sessions that earlier cases have left are
   * closed: a target may bound their number (SESSION-10), and cases do not close what they make.
   */
  async askForSession(ask: () => Promise<Observation>): Promise<Observation> {
    const { instance, log, leftovers } = this.options;
    let answer = await ask();
    for (let tries = 1; tries < maxSessionTries && wantsRoom(answer); tries += 1) {
      if (!(await leftovers.close(instance.address, log))) break;
      answer = await ask();
    }
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const { runner, instance, log, leftovers } = this.options;
    // What lives on is left as it was; elsewhere a case does without the calls, until their room is needed.
    if (runner.sessionsOutliveRun) await this.#sessions.close(instance.address, log);
    else leftovers.adopt(this.#sessions);
    for (const channel of this.#channels.values()) channel[Symbol.dispose]();
    this.streams.clear();
    this.calls.clear();
    for (const resource of this.#owned.reverse()) await resource[Symbol.asyncDispose]();
  }

  #channel(name: string, target: string | undefined): Channel {
    const key = target === undefined ? name : `${target}:${name}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const { log, signal } = this.options;
    const channel = new Channel({ address: () => this.instance(target).address, name: key, log, signal });
    this.#channels.set(key, channel);
    // A connection opened after the end of the case must be closed, too.
    if (this.#disposed) channel[Symbol.dispose]();
    return channel;
  }
}

function wantsRoom({ grpc, status }: Observation): boolean {
  return grpc === 'RESOURCE_EXHAUSTED' || status === 429 || status === 503;
}
