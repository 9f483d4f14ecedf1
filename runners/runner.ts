/** Where a target listens, as the engine reaches it. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/**
 * What a runner can do to a target besides reaching it. `socketFile`: the kit sees the socket's folder, so that it can
 * look at the file and fill the place before a launch. A runner without it may still make places to launch in twice.
 */
export type RunnerControl = 'launch' | 'signal' | 'environment' | 'socketFile';

/** How a process ended. Just one of the two is set. */
export interface InstanceExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One line that a target wrote. */
export interface LogLine {
  /** Milliseconds since 1970-01-01T00:00:00Z at which the kit read it. */
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** What a target wrote, bounded: the first and the last lines are kept. */
export interface LogReader {
  /** The lines kept that were read in this interval (both ends included, milliseconds since the epoch). */
  between(from: number, to: number): readonly LogLine[];
  /** The last `count` lines. */
  last(count: number): readonly LogLine[];
  /** Settles when the target writes no more; never where the runner does not see what it writes. */
  readonly ended: Promise<void>;
}

/**
 * A place for a socket: a folder of its own, with a path in it that the target will be told to bind. It may be filled
 * before a target starts (LIFE-4 to LIFE-6).
 */
export interface SocketPlace extends AsyncDisposable {
  /** The socket's path as this process sees it; undefined where it cannot be seen (a volume behind a relay). */
  readonly hostPath: string | undefined;
  /** The socket's path as the target sees it, where that is another: in a container. */
  readonly targetPath?: string;
}

/** A started target. Disposing of it ends its process, if it is the runner's, and removes what was made for it. */
export interface Instance extends AsyncDisposable {
  readonly address: Address;
  readonly place: SocketPlace | undefined;
  readonly logs: LogReader;
  /** Settles when the process has ended; never where the runner does not own it. Never rejects. */
  readonly exit: Promise<InstanceExit>;
  /** @throws RunnerError `signal-failed` */
  signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /**
   * Why the target cannot be reached, as far as the runner can tell from outside (its process, its socket file and the
   * permissions on it), or undefined.
   */
  diagnose(): Promise<RunnerDiagnosis | undefined>;
}

/** A cause and what to do about it, each one line. */
export interface RunnerDiagnosis {
  readonly cause: string;
  readonly advice: string;
}

export interface LaunchOptions {
  /** Where the socket goes; a fresh place, owned by the instance, where absent. */
  readonly place?: SocketPlace;
  /** Variables on top of the runner's own; null removes one. */
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Ends the launch, and whatever it has started, when aborted. */
  readonly signal: AbortSignal;
}

/** A way to start and reach targets. It knows no case and speaks no gRPC. */
export interface Runner extends AsyncDisposable {
  /** For people: `image my-runtime:latest`. */
  readonly label: string;
  /** The name of its kind, as `kinds.ts` lists them. */
  readonly kind: string;
  readonly controls: ReadonlySet<RunnerControl>;
  /** The target is somebody else's and goes on after the run: whatever the kit opens there, it has to close. */
  readonly sessionsOutliveRun: boolean;
  /**
   * Starts a target. Does not wait until it is ready: that is the caller's to find out over the socket.
   * @throws RunnerError with the reason why nothing could be started
   */
  launch(options: LaunchOptions): Promise<Instance>;
  /** A fresh, empty place for a socket. @throws RunnerError `unsupported` without the control `launch` */
  makePlace(): Promise<SocketPlace>;
}

export type RunnerErrorCode =
  | 'image-missing'
  | 'docker-unavailable'
  | 'not-started'
  | 'command-not-found'
  | 'no-socket'
  | 'permission'
  | 'path-too-long'
  | 'signal-failed'
  | 'unsupported'
  | 'bad-option';

/** A target could not be started, reached or controlled. `message` is one line; `advice` says what to do. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
  readonly code: RunnerErrorCode;
  readonly advice: string;

  constructor(code: RunnerErrorCode, message: string, advice: string) {
    super(message);
    this.code = code;
    this.advice = advice;
  }
}

/** An option of a target that cannot be carried out. */
export function badOption(message: string, advice: string): RunnerError {
  return new RunnerError('bad-option', message, advice);
}
