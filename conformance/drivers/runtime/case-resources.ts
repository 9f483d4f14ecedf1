import type { Settings } from 'node:http2';
import type { McpRequest } from '../../../proto/index.ts';
import type { Instance, SocketPlace } from '../../../runners/runner.ts';
import type { CaseContext } from '../../engine/driver.ts';
import { found, StepFailure } from '../../engine/failure.ts';
import type { StreamReader } from '../../observe/stream.ts';
import type { AnswerWatch, Traffic } from '../../observe/traffic/traffic.ts';
import type { Observation } from '../../observe/unary.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, connectSocket, describeAddress } from '../../wire/connect-socket.ts';
import type { FrameForms } from '../../wire/reshaped-socket.ts';
import type { RuntimeCall, RuntimeConnection } from '../../wire/runtime-call.ts';
import type { Identities } from './request.ts';
import type { RunningCases } from './running-cases.ts';
import type { SecondInstance } from './second-instance.ts';
import { LeftoverSessions, negotiatedRevision } from './sessions.ts';
import type { SharedTargetOptions } from './shared-target.ts';
import type { RuntimeRelease } from './spoken-release.ts';
import type { TransportComparison } from './transport-comparison.ts';
import type { FinishedCall } from './unary-call.ts';

/** Maximum number of attempts to open a session after making room. Other cases may take the freed capacity. */
const maxSessionTries = 20;

/** A unary call running in the background. */
export type BackgroundCall = Readonly<{
  call: RuntimeCall;
  request: unknown;
  finished: Promise<FinishedCall>;
}> &
  Readonly<{ watch: AnswerWatch }>;

/** An open stream. */
export type OpenStream = Readonly<{ reader: StreamReader; request: unknown }>;

/** Options for the resources of a case. */
export interface CaseResourcesOptions extends CaseContext, Omit<SharedTargetOptions, 'signal'> {
  /** The instance under test. */
  readonly instance: Instance;
  /** Resolves when that instance is ready. */
  readonly ready: Promise<unknown>;
  /** The release of the contract that the target speaks, known once it is ready. */
  readonly release: RuntimeRelease;
  readonly identities: Identities;
  /** Collects the sessions that the case leaves open, if the target ends with the run. */
  readonly leftovers: LeftoverSessions;
  readonly running: RunningCases;
  readonly secondInstance: SecondInstance;
  /** Watches the answers of the run. */
  readonly traffic: Traffic;
  /** Compares the answers over both protocols. Undefined in a run over one protocol. */
  readonly comparison?: TransportComparison;
}

/** Thrown if a connection cannot be established. gRPC clients report this as UNAVAILABLE. */
export class UnreachableError extends StepFailure {}

/** Everything that a case opened or started. Disposing of it releases all of it in reverse order. */
export class CaseResources implements AsyncDisposable {
  readonly options: CaseResourcesOptions;
  readonly calls = new Map<string, BackgroundCall>();
  readonly streams = new Map<string, OpenStream>();
  readonly instances = new Map<string, Instance>();
  readonly places = new Map<string, SocketPlace>();
  /** Returns the failure to report when the time limit passes: that of the last `eventually` attempt, or of a wait. */
  lastTry: (() => StepFailure) | undefined;
  /** Summary for the failure if the time limit passes during the current wait. It names what happened instead. */
  awaited: string | undefined;
  /** Whether the target had no room for a session, because other cases hold all sessions. */
  lackedRoom = false;
  readonly #revisions = new Map<string, string>();
  readonly #channels = new Map<string, Channel>();
  readonly #frames = new Map<string, FrameForms>();
  readonly #owned: AsyncDisposable[] = [];
  readonly #sessions = new LeftoverSessions();
  #disposed = false;

  constructor(options: CaseResourcesOptions) {
    this.options = options;
    options.running.begin();
  }

  /** Registers a resource, to be disposed of with the case. */
  own<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#owned.push(resource);
    return resource;
  }

  instance(name: string | undefined): Instance {
    return name === undefined ? this.options.instance : found(this.instances, name, 'instance');
  }

  /** Returns the connection of that name. Opens it on first use, and again after it has ended. */
  connection(name = 'main', target?: string): Promise<RuntimeConnection> {
    return this.#reach(name, target, (channel) => channel.connection());
  }

  /**
   * Changes the settings of the connection of that name, also for the connections that replace it.
   * @returns whether the target acknowledged them
   */
  changeSettings(settings: Settings, name = 'main', target?: string): Promise<boolean> {
    return this.#reach(name, target, (channel) => channel.changeSettings(settings));
  }

  /** Opens the connection of that name with other forms of frames. */
  async connectWith(frames: FrameForms, name: string, target?: string): Promise<void> {
    this.disconnect(name, target);
    this.#frames.set(keyOf(name, target), frames);
    await this.connection(name, target);
  }

  /** Opens a socket to an instance, sends bytes on it, and keeps it open until the case ends. */
  async dial(bytes: Uint8Array, target?: string): Promise<void> {
    if (target === undefined) await this.options.ready;
    const { signal } = this.options;
    const socket = await connectSocket(this.instance(target).address, signal);
    // The target may close the socket at any time.
    socket.on('error', () => undefined);
    socket.resume();
    this.own({
      async [Symbol.asyncDispose]() {
        socket.destroy();
      },
    });
    if (bytes.length > 0) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  }

  /** Destroys the connection of that name, if it exists. */
  disconnect(name: string, target?: string): void {
    const key = keyOf(name, target);
    this.#channels.get(key)?.[Symbol.dispose]();
    this.#channels.delete(key);
  }

  /** Remembers the revision of a session that a response created. */
  noteRevision(answer: Observation): void {
    const made = negotiatedRevision(answer);
    if (made !== undefined) this.#revisions.set(made.sessionId, made.revision);
  }

  revisionOf(sessionId: string): string | undefined {
    return this.#revisions.get(sessionId);
  }

  /** Remembers a session that a response names. */
  noteSession(request: McpRequest, answer: Observation): void {
    this.#sessions.note(request, answer);
  }

  /**
   * Requests a session. If the target has no capacity left, closes the sessions that earlier cases left open, or waits
   * for the end of a case that runs beside this one, and tries again: a target may limit the number of sessions
   * (SESSION-10), and cases leave their sessions open. If all running cases wait, sets `lackedRoom`.
   */
  async askForSession(ask: () => Promise<Observation>): Promise<Observation> {
    const { instance, log, leftovers, running } = this.options;
    let answer = await ask();
    for (let tries = 1; tries < maxSessionTries && wantsRoom(answer); tries += 1) {
      if (!(await leftovers.close(instance.address, log)) && !(await running.untilAnotherEnds())) {
        this.lackedRoom = true;
        break;
      }
      answer = await ask();
    }
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const { runner, instance, log, leftovers, running } = this.options;
    // A target that outlives the run must not keep sessions. Other targets can keep
    // them until they reach their session limit.
    try {
      if (runner.sessionsOutliveRun) await this.#sessions.close(instance.address, log);
      else leftovers.adopt(this.#sessions);
    } finally {
      running.end();
    }
    for (const channel of this.#channels.values()) channel[Symbol.dispose]();
    this.streams.clear();
    this.calls.clear();
    for (const resource of this.#owned.reverse()) await resource[Symbol.asyncDispose]();
  }

  /** Uses the channel of a connection. @throws UnreachableError if the connection cannot be opened */
  async #reach<Result>(
    name: string,
    target: string | undefined,
    use: (channel: Channel) => Promise<Result>,
  ): Promise<Result> {
    if (target === undefined) await this.options.ready;
    const { address } = this.instance(target);
    try {
      return await use(this.#channel(name, target));
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      throw new UnreachableError(`cannot connect to ${describeAddress(address)}: ${error.message}`);
    }
  }

  #channel(name: string, target: string | undefined): Channel {
    const key = keyOf(name, target);
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const { log, signal } = this.options;
    const address = () => this.instance(target).address;
    const channel = new Channel({ address, name: key, log, signal, frames: this.#frames.get(key) });
    this.#channels.set(key, channel);
    // A connection that opens after the end of the case must also be closed.
    if (this.#disposed) channel[Symbol.dispose]();
    return channel;
  }
}

/** The key of a connection. A connection to a further instance has the name of that instance as its prefix. */
function keyOf(name: string, target: string | undefined): string {
  return target === undefined ? name : `${target}:${name}`;
}

function wantsRoom({ grpc, status }: Observation): boolean {
  return grpc === 'RESOURCE_EXHAUSTED' || status === 429 || status === 503;
}
