import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { withDeadline, withTimeLimit } from '../../base/deadline.ts';
import { describeExit, diagnoseSocket, lastWords, mayAccess } from '../diagnosis.ts';
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
} from '../runner.ts';
import { inspectSocket } from '../socket-state.ts';

export interface ProcessOptions {
  /** The program: a path, or a name to be found on PATH. */
  readonly file: string;
  readonly args: readonly string[];
  /** All of the process's variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly place: SocketPlace & { readonly hostPath: string };
  /** Removes the place with the process. */
  readonly ownsPlace: boolean;
  /** The variables that carry the socket's path, for messages. */
  readonly variables: readonly string[];
  /** How long a target may take to end on SIGTERM, in milliseconds, before it is killed. Default 2000. */
  readonly graceMilliseconds?: number;
}

/** How long the pipes may stay open once the process and its group are gone. */
const drainMilliseconds = 500;

/**
 * Starts a target as a child process in a process group of its own, and follows what it writes.
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
    this.address = { kind: 'unix', path: options.place.hostPath };
    this.#registration = cleanUpOnExit({
      undo: () => killGroup(this.#group),
      // Shells disagree about how their own kill takes a group.
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
    // Nothing may fail because a kill came too late; what matters is the exit.
    child.on('error', () => {});
  }

  async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#ended !== undefined) {
      throw new RunnerError(
        'signal-failed',
        `${name} could not be sent: the target ${describeExit(this.#ended)} before.`,
        lastWords(this.logs),
      );
    }
    if (name === 'SIGKILL') {
      // The whole group: a wrapper's death alone would leave the runtime behind it listening.
      killGroup(this.#group);
    } else if (!this.#child.kill(name)) {
      throw new RunnerError('signal-failed', `${name} could not be sent to process ${this.#group}.`, '');
    }
  }

  async diagnose(): Promise<RunnerDiagnosis | undefined> {
    if (this.#ended !== undefined) {
      return {
        cause: `${this.#options.file} ${describeExit(this.#ended)}. ${lastWords(this.logs)}`,
        advice: 'Start it by hand with the same arguments to see what it lacks.',
      };
    }
    return diagnoseSocket({
      state: await inspectSocket(this.#options.place.hostPath),
      path: this.#options.place.hostPath,
      subject: this.#options.file,
      variables: this.#options.variables,
      permissionAdvice: 'Let the target make its socket as the user that runs the kit.',
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

  /** A process that left the group may hold the pipes open: their end is not waited for without limit. */
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
 * Ends the processes that have this socket's path in their environment: children that a target put into groups of their
 * own. The path is new with every place, so nobody else has it. Only Linux shows environments.
 */
function killHolders(socketPath: string): void {
  for (const entry of existsSync('/proc/self/environ') ? readdirSync('/proc') : []) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (environment.some((variable) => variable.endsWith(`=${socketPath}`))) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, or is somebody else's.
    }
  }
}

/** Ends every process of the group at once; one that is gone already is no failure. */
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
            `${file} exists, but the interpreter that it names does not.`,
            'Correct its first line (#!), or start it with its interpreter: --command "INTERPRETER FILE".',
          )
        : new RunnerError(
            'command-not-found',
            isPath ? `There is no file ${file}.` : `The command ${file} is not on PATH.`,
            isPath ? `Relative paths start at ${process.cwd()}.` : `Give its path, such as ./${file}.`,
          );
    case 'EACCES':
      return new RunnerError(
        'permission',
        `${file} may not be executed.`,
        isPath && !mayAccess(file, constants.X_OK)
          ? `Run: chmod +x ${file}`
          : 'Check the permissions of the folders above it.',
      );
    case 'ENOEXEC':
      return new RunnerError(
        'not-started',
        `${file} is no program for this machine.`,
        'Build it for this system and processor, or start it with its interpreter.',
      );
    default:
      return new RunnerError('not-started', `${file} could not be started: ${error.message}.`, '');
  }
}
