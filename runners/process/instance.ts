import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { withDeadline, withTimeLimit } from '../../base/deadline.ts';
import { describeExit, describeOutput, diagnoseSocket, mayAccess } from '../diagnosis.ts';
import { cleanUpOnExit } from '../exit-cleanup.ts';
import { LogBuffer } from '../log-buffer.ts';
import {
  type Address,
  type Instance,
  type InstanceExit,
  type LogReader,
  type RunnerDiagnosis,
  RunnerError,
  type SocketPlace,
  type Transport,
} from '../runner.ts';
import { inspectSocket } from '../socket-state.ts';

export interface ProcessOptions {
  /** The program: a path, or a name on PATH. */
  readonly file: string;
  readonly args: readonly string[];
  /** The complete environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly place: SocketPlace & { readonly hostPath: string };
  /** Whether to remove the place together with the process. */
  readonly ownsPlace: boolean;
  /** The variables that pass the socket path, for messages. */
  readonly variables: readonly string[];
  /** The protocol of the socket. Default: gRPC. */
  readonly transport?: Transport;
  /** Milliseconds between SIGTERM and SIGKILL when a target is ended. Default 2000. */
  readonly graceMilliseconds?: number;
}

/** Milliseconds to wait for the pipes to close after the process group has ended. */
const drainMilliseconds = 500;

/**
 * Starts a target as a child process in a new process group, and reads its output.
 * @throws RunnerError `command-not-found`, `permission` or `not-started`
 */
export async function startProcess(options: ProcessOptions): Promise<Instance> {
  const child = spawn(options.file, [...options.args], {
    detached: true,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw startFailure(options.file, error as NodeJS.ErrnoException);
  }
  return new ProcessInstance(child, options);
}

class ProcessInstance implements Instance {
  readonly address: Address;
  readonly place: SocketPlace;
  readonly logs: LogReader;
  readonly exit: Promise<InstanceExit>;
  readonly #options: ProcessOptions;
  readonly #child: ChildProcess;
  readonly #group: number;
  readonly #registration: Disposable;
  readonly #closed: Promise<void>;
  #ended: InstanceExit | undefined;

  constructor(child: ChildProcess, options: ProcessOptions) {
    this.#options = options;
    this.#child = child;
    this.#group = child.pid ?? 0;
    this.place = options.place;
    this.address = { kind: 'unix', path: options.place.hostPath, transport: options.transport };
    this.#registration = cleanUpOnExit({
      undo: () => killGroup(this.#group),
      // The shell's `kill` does not handle process groups portably.
      commands: [[process.execPath, '-e', `process.kill(-${this.#group}, 'SIGKILL')`]],
    });
    const logs = new LogBuffer();
    this.logs = logs;
    child.stdout?.on('data', (bytes: Buffer) => logs.write('stdout', bytes));
    child.stderr?.on('data', (bytes: Buffer) => logs.write('stderr', bytes));
    this.exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#ended = { code, signal };
        resolve(this.#ended);
      });
    });
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        logs.end();
        resolve();
      });
    });
    // Killing a process that has already ended is not an error.
    child.on('error', () => {});
  }

  async mainProcess(): Promise<number | undefined> {
    return this.#child.pid;
  }

  async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#ended !== undefined) {
      throw new RunnerError(
        'signal-failed',
        `${name} could not be sent: the target ${describeExit(this.#ended)} earlier.`,
        describeOutput(this.logs),
      );
    }
    if (name === 'SIGKILL') {
      // Killing only a wrapper would leave its runtime listening.
      killGroup(this.#group);
    } else if (!this.#child.kill(name)) {
      throw new RunnerError('signal-failed', `${name} could not be sent to process ${this.#group}.`, '');
    }
  }

  async diagnose(): Promise<RunnerDiagnosis | undefined> {
    if (this.#ended !== undefined) {
      return {
        cause: `${this.#options.file} ${describeExit(this.#ended)}. ${describeOutput(this.logs)}`,
        advice:
          'Start it by hand with the same arguments to see its full output. With --command, it inherits few variables of this environment, and --env-inherit passes more.',
      };
    }
    return diagnoseSocket({
      state: await inspectSocket(this.#options.place.hostPath),
      path: this.#options.place.hostPath,
      subject: this.#options.file,
      variables: this.#options.variables,
      permissionAdvice: 'Run the target as the user that runs the kit.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#ended === undefined) {
        this.#child.kill('SIGTERM');
        await withTimeLimit(this.exit, this.#options.graceMilliseconds ?? 2_000);
      }
      killGroup(this.#group);
      await this.exit;
      await this.#drain();
    } finally {
      this.#registration[Symbol.dispose]();
      if (this.#options.ownsPlace) await this.place[Symbol.asyncDispose]();
    }
  }

  /** Waits for the end of the output, but not forever, because a process outside the group may keep the pipes open. */
  async #drain(): Promise<void> {
    try {
      await withDeadline(this.#closed, drainMilliseconds, 'the end of the output');
    } catch {
      killHolders(this.#options.place.hostPath);
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    }
  }
}

/**
 * Kills children that left the process group. They are recognised by the socket path in their environment, which is
 * unique to each place. Works only on Linux, where the environment of a process is readable.
 */
function killHolders(socketPath: string): void {
  for (const entry of existsSync('/proc/self/environ') ? readdirSync('/proc') : []) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (environment.some((variable) => variable.endsWith(`=${socketPath}`))) process.kill(pid, 'SIGKILL');
    } catch {
      // The process has ended or belongs to another user.
    }
  }
}

/** Kills every process of the group. A group that has already ended is not an error. */
function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function startFailure(file: string, error: NodeJS.ErrnoException): RunnerError {
  const isPath = file.includes('/');
  switch (error.code) {
    case 'ENOENT':
      return isPath && existsSync(file)
        ? new RunnerError(
            'command-not-found',
            `${file} exists, but its interpreter does not.`,
            'Correct its first line (#!), or start it with its interpreter: --command "INTERPRETER FILE".',
          )
        : new RunnerError(
            'command-not-found',
            isPath ? `The file ${file} does not exist.` : `The command ${file} is not on PATH.`,
            isPath ? `Relative paths start at ${process.cwd()}.` : `Give its path, such as ./${file}.`,
          );
    case 'EACCES':
      return new RunnerError(
        'permission',
        `This user may not execute ${file}.`,
        isPath && !mayAccess(file, constants.X_OK)
          ? `Run: chmod +x ${file}`
          : 'Check the permissions of its parent folders.',
      );
    case 'ENOEXEC':
      return new RunnerError(
        'not-started',
        `${file} is not a program for this machine.`,
        'Build it for this operating system and processor, or start it with its interpreter.',
      );
    default:
      return new RunnerError('not-started', `${file} could not be started: ${error.message}.`, '');
  }
}
