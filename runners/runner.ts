/** The protocol of a socket: gRPC, or HTTP/1.1 (chapter 18 of the contract). */
export type Transport = 'grpc' | 'http';

/** The address at which the engine reaches a target. `transport` is the protocol there. Default: gRPC. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string; readonly transport?: Transport }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly transport?: Transport };

/**
 * An operation that a runner supports in addition to connecting to a target. With `socketFile`, the kit can access
 * the socket folder: it can inspect the socket file and create files before a launch. A runner without `socketFile`
 * may still launch a target again with the same `SocketPlace`.
 */
export type RunnerControl = 'launch' | 'signal' | 'environment' | 'socketFile';

/** The end of a process. Exactly one of the two members is not null. */
export interface InstanceExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The reason, if the runner knows it, such as `it reached its memory limit`. */
  readonly cause?: string;
}

/** One line of a target's output. */
export interface LogLine {
  /** The time at which the kit read the line, in milliseconds since the epoch. */
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The output of a target. Only the first and the last lines are kept. */
export interface LogReader {
  /** Returns the kept lines read in an interval, in milliseconds since the epoch, including both ends. */
  between(from: number, to: number): readonly LogLine[];
  /** Returns the last `count` lines. */
  last(count: number): readonly LogLine[];
  /** Resolves when the output ends. Stays pending if the runner does not see the output. */
  readonly ended: Promise<void>;
}

/**
 * A dedicated folder for a socket, and the path that the target will bind. The kit may put files there before the
 * target starts (LIFE-4 to LIFE-6).
 */
export interface SocketPlace extends AsyncDisposable {
  /** The socket path in this process. Undefined if the socket is in a volume behind a relay. */
  readonly hostPath: string | undefined;
  /** The socket path in the container of the target. Undefined if the target sees `hostPath`. */
  readonly targetPath?: string;
}

/** A started target. Disposing of it ends a process that the runner started, and removes its resources. */
export interface Instance extends AsyncDisposable {
  readonly address: Address;
  readonly place: SocketPlace | undefined;
  readonly logs: LogReader;
  /** Resolves when the process ends. Stays pending if the runner does not own the process. Never rejects. */
  readonly exit: Promise<InstanceExit>;
  /**
   * Returns the id of the main process as this machine numbers it, for measurements. Undefined if the runner did not
   * start the process, or if it runs on another machine.
   */
  mainProcess(): Promise<number | undefined>;
  /** Maximum delay of `exit` after the process has closed its connections, in milliseconds. Default 50. */
  readonly exitNoticeMs?: number;
  /** @throws RunnerError `signal-failed` */
  signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /**
   * Explains why the target is unreachable, from its process, its socket file and the permissions of the file. Returns
   * undefined if the runner finds no cause.
   */
  diagnose(): Promise<RunnerDiagnosis | undefined>;
}

/** A cause and its remedy, each on one line. */
export interface RunnerDiagnosis {
  readonly cause: string;
  readonly advice: string;
}

export interface LaunchOptions {
  /** The place of the socket. Default: a new place that the instance owns. */
  readonly place?: SocketPlace;
  /** Variables in addition to those of the runner. null removes a variable. */
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Aborts the launch and ends everything that it has started. */
  readonly signal: AbortSignal;
}

/** The container image of a target, as the Docker daemon describes it. */
export interface ImageFacts {
  /** The id of the image, `sha256:…`. It identifies the image even if no registry has it. */
  readonly id: string;
  /** The digest in a registry, `NAME@sha256:…`. Undefined if the image was neither pulled nor pushed. */
  readonly digest?: string;
  /** Size of the layers, in bytes. */
  readonly sizeBytes: number;
}

/** Starts targets and gives access to them. It knows nothing about cases and does not speak gRPC. */
export interface Runner extends AsyncDisposable {
  /** The display name of the target, such as `image my-runtime:latest`. */
  readonly label: string;
  /** The name of the kind of target, as in `kinds.ts`. */
  readonly kind: string;
  readonly controls: ReadonlySet<RunnerControl>;
  /** The image of the target. Undefined without a container, or if Docker cannot describe the image. */
  readonly image?: ImageFacts;
  /** Whether the target keeps running after the run. The kit must then close every session that it opens. */
  readonly sessionsOutliveRun: boolean;
  /**
   * Starts a target without waiting for readiness, which the caller checks over the socket.
   * @throws RunnerError with the reason for a failed start
   */
  launch(options: LaunchOptions): Promise<Instance>;
  /** Makes a new, empty place for a socket. @throws RunnerError `unsupported` without the control `launch` */
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

/** A target could not be started, reached or controlled. `message` is one line. `advice` states the remedy. */
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

/** Returns the error for an invalid option of a target. */
export function badOption(message: string, advice: string): RunnerError {
  return new RunnerError('bad-option', message, advice);
}
