import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errorMessage } from '../../base/error-message.ts';
import type { DockerApi } from '../image/docker.ts';
import { RunnerError } from '../runner.ts';

const execute = promisify(execFile);

/** Compose as a plugin of Docker, and as the older standalone program. */
const programs = [['docker', 'compose'], ['docker-compose']] as const;

/** Time limit of one call. It allows for building or pulling every image of a project. */
const callMs = 10 * 60_000;

/** Options of a Compose command. */
export interface ComposeCall {
  /** The purpose of the call, as it completes the sentence "Compose could not ...". */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** Variables to hide from Compose, because Compose would pass them to the service. */
  readonly without?: readonly string[];
}

/** Docker Compose, connected to one daemon. */
export class ComposeCli {
  readonly #program: readonly [string, ...string[]];
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(program: readonly [string, ...string[]], environment: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#environment = environment;
  }

  /** @throws RunnerError `docker-unavailable` if Compose is not installed */
  static async find(api: DockerApi): Promise<ComposeCli> {
    const { socketPath } = api.modem as { socketPath?: unknown };
    // The daemon of the kit. DOCKER_CONTEXT would take precedence.
    const host = typeof socketPath === 'string' ? { DOCKER_HOST: `unix://${socketPath}` } : {};
    const { DOCKER_CONTEXT: _context, ...others } = process.env;
    const environment = { ...others, ...host };
    for (const program of programs) {
      const [file, ...words] = program;
      const works = await execute(file, [...words, 'version'], { env: environment, timeout: 30_000 }).then(
        () => true,
        () => false,
      );
      if (works) return new ComposeCli(program, environment);
    }
    throw new RunnerError(
      'docker-unavailable',
      'Docker Compose was not found: neither `docker compose` nor `docker-compose` works.',
      'Install docker-compose-plugin or docker-compose.',
    );
  }

  /**
   * Runs a Compose command.
   * @returns its standard output
   * @throws RunnerError `bad-option` for a file that Compose rejects, `not-started` for any other failure
   */
  async run(words: readonly string[], { what, signal, without = [] }: ComposeCall): Promise<string> {
    const [file, ...first] = this.#program;
    const env = { ...this.#environment };
    for (const name of without) delete env[name];
    try {
      const options = { env, signal, timeout: callMs, maxBuffer: 64 * 1024 * 1024 };
      const { stdout } = await execute(file, [...first, ...words], options);
      return stdout;
    } catch (error) {
      signal?.throwIfAborted();
      const isConfig = words.includes('config');
      throw new RunnerError(
        isConfig ? 'bad-option' : 'not-started',
        `Compose could not ${what}: ${reasonIn(error)}.`,
        isConfig ? 'Correct the file.' : `Run: ${[...this.#program, ...words].join(' ')}`,
      );
    }
  }
}

/** Returns the last error lines of Compose as one line. */
function reasonIn(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  const lines = (typeof stderr === 'string' ? stderr : '').split('\n').map((line) => line.trim());
  const errorLines = lines.filter((line) => line !== '' && !/^(time=|WARN)/.test(line)).slice(-4);
  const reason = errorLines.length > 0 ? errorLines.join(' | ') : errorMessage(error);
  return reason.replace(/[.:]+$/, '').slice(0, 600);
}
