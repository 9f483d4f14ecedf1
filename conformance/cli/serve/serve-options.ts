import { splitCommand } from '../../../runners/command/split-command.ts';
import { RunnerError } from '../../../runners/runner.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { choice, seconds, text, whole } from '../option-values.ts';

/** The parsed command line of `serve`. Members that are undefined have the defaults of the runtime. */
export interface ServeRequest {
  /** The program of the MCP server, and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string | undefined;
  /** Undefined: the path is in an environment variable. */
  readonly socketPath: string | undefined;
  readonly httpSocketPath: string | undefined;
  readonly anonymous: 'isolate' | 'refuse' | undefined;
  readonly logLevel: string | undefined;
  readonly maxSessions: number;
  readonly maxSessionsPerCaller: number | undefined;
  readonly sessionIdleMs: number | undefined;
  readonly startMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly maxMessageBytes: number | undefined;
}

interface Options extends Partial<Omit<ServeRequest, 'command'>> {
  readonly stdio?: string;
}

/** Each session needs a process, so the default is smaller than that of the runtime. */
const defaultMaxSessions = 100;

/** Declares the command `serve`. */
export function declareServe(command: CliCommand, handle: (request: ServeRequest) => Promise<void>): void {
  command
    .description(
      'Serves a stdio MCP server as a runtime: gRPC on a Unix domain socket, one process for each session.',
    )
    .usage('--stdio <command> [options] [-- arguments of the server]')
    .takesTargetArguments()
    .addGroup(
      'MCP server:',
      text('--stdio <command>', 'the MCP server, a program that the kit starts without a shell'),
      text('--cwd <folder>', 'working directory of the MCP server (default: the current one)'),
    )
    .addGroup(
      'Runtime:',
      text('--socket <path>', 'path of the socket (default: MCP_RUNTIME_GRPC_UDS)', undefined, 'socketPath'),
      text('--http-socket <path>', 'path of a socket that serves HTTP', undefined, 'httpSocketPath'),
      choice('--anonymous <policy>', 'anonymous callers (default: isolate)', ['isolate', 'refuse']),
      choice('--log-level <level>', 'log level (default: info)', [
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .addGroup(
      'Limits:',
      whole(
        '--max-sessions <number>',
        'maximum number of sessions and processes (default: 100)',
        100_000,
        'maxSessions',
      ),
      whole(
        '--max-sessions-per-caller <number>',
        'maximum number of sessions of one caller (default: a quarter of all)',
        100_000,
        'maxSessionsPerCaller',
      ),
      seconds('--idle-timeout <seconds>', 'idle timeout of a session (default: 1800)', 'sessionIdleMs'),
      seconds(
        '--start-timeout <seconds>',
        'time limit for the answer to initialize (default: 60)',
        'startMs',
      ),
      seconds(
        '--grace <seconds>',
        'time from the end of stdin to SIGTERM, and from SIGTERM to SIGKILL (default: 2)',
        'graceMs',
      ),
      whole(
        '--max-message <bytes>',
        'maximum message from the MCP server (default: 67108864)',
        1_073_741_824,
        'maxMessageBytes',
      ),
    )
    .addHelpText(
      'after',
      '\nThe runtime serves until SIGINT or SIGTERM. It writes its log to stderr, as JSON\nlines.\n' +
        'Exit code: 0 normal stop, 1 the socket is unavailable, 2 invalid usage.',
    )
    .action(async () => handle(requestOf(command)));
}

function requestOf(command: CliCommand): ServeRequest {
  const { stdio, maxSessions = defaultMaxSessions, ...options } = command.opts<Options>();
  if (stdio === undefined) {
    throw new UsageError(
      'serve needs --stdio "COMMAND"; mcp-reference-runtime serves the conformance catalog',
    );
  }
  return {
    cwd: options.cwd,
    socketPath: options.socketPath,
    httpSocketPath: options.httpSocketPath,
    anonymous: options.anonymous,
    logLevel: options.logLevel,
    maxSessionsPerCaller: options.maxSessionsPerCaller,
    sessionIdleMs: options.sessionIdleMs,
    startMs: options.startMs,
    graceMs: options.graceMs,
    maxMessageBytes: options.maxMessageBytes,
    maxSessions,
    command: [...split(stdio), ...command.targetArguments],
  };
}

/** @throws UsageError for a command line that needs a shell */
function split(line: string): readonly [string, ...string[]] {
  try {
    return splitCommand(line, '--stdio');
  } catch (error) {
    throw error instanceof RunnerError ? new UsageError(`--stdio: ${error.message} ${error.advice}`) : error;
  }
}
