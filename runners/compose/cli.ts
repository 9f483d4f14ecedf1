import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errorMessage } from '../../base/error-message.ts';
import type { DockerApi } from '../image/docker.ts';
import { RunnerError } from '../runner.ts';

const execute = promisify(execFile);

/** How Compose is called: as a plugin of Docker, or as the older program of its own. */
const programs = [['docker', 'compose'], ['docker-compose']] as const;

/** Enough to build or pull every image of a project. */
const callMs = 10 * 60_000;

/** How a call is carried out. */
export interface ComposeCall {
  /** What it is for, after "Compose could not". */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** Variables that the call must not have, lest Compose pass them on. */
  readonly without?: readonly string[];
}

/** Docker Compose, talking to one daemon. */
export class ComposeCli {
  readonly #program: readonly [string, ...string[]];
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(program: readonly [string, ...string[]], environment: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#environment = environment;
  }

  /** @throws RunnerError `docker-unavailable` where there is none */
  static async find(api: DockerApi): Promise<ComposeCli> {
    const { socketPath } = api.modem as { socketPath?: unknown };
    // The daemon that was found, whatever context Docker's own command would choose.
    const host = typeof socketPath === 'string' ? { DOCKER_HOST: `unix://${socketPath}` } : {};
    const environment = { ...process.env, ...host };
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
      'Docker Compose cannot be found: neither `docker compose` nor `docker-compose` works.',
      'Install the plugin docker-compose-plugin, or the program docker-compose.',
    );
  }

  /**
   * Carries a command of Compose out.
   * @returns what it writes to its output
   * @throws RunnerError `bad-option` for a file that Compose refuses, `not-started` for any other failure
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

/** The last lines that Compose wrote about a failure, on one line. */
function reasonIn(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  const lines = (typeof stderr === 'string' ? stderr : '').split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !/^(time=|WARN)/.test(line)).slice(-4);
  const reason = said.length > 0 ? said.join(' | ') : errorMessage(error);
  return reason.replace(/[.:]+$/, '').slice(0, 600);
}
