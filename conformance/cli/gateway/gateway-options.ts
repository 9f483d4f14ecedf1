import type { Target } from '../../../runners/kinds.ts';
import { defaultReadyMs } from '../../plan/defaults.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { addReadyTimeout, addStartFlags, addTargetFlags, targetOfOptions } from '../option-groups.ts';
import { choice, seconds, several, text, whole } from '../option-values.ts';
import { type ListenAddress, readAddress } from './address.ts';

/** A gateway as it was asked for. */
export interface GatewayRequest {
  readonly target: Target;
  /** How the runtime is reached. */
  readonly transport: 'grpc' | 'http';
  readonly listen: ListenAddress;
  readonly anonymous: 'allow' | 'refuse';
  /** How bearer tokens are checked; undefined: callers cannot authenticate. */
  readonly bearer: BearerRequest | undefined;
  readonly fallback: { readonly url: URL; readonly whenDown: boolean } | undefined;
  /** Where metrics are served; undefined: nowhere. */
  readonly metrics: ListenAddress | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number | undefined;
  readonly callMs: number | undefined;
  readonly streamIdleMs: number | undefined;
  readonly drainMs: number | undefined;
  readonly readyTimeoutMs: number;
}

/** Where the keys are that tokens are signed with, and what else a token has to say. */
export interface BearerRequest {
  /** A URL, or the path of a file. */
  readonly keys: URL | string;
  readonly issuer?: string;
  readonly audience?: string;
}

interface Options {
  readonly transport?: 'grpc' | 'http';
  readonly listen?: string;
  readonly anonymous?: 'allow' | 'refuse';
  readonly jwks?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly fallback?: string;
  readonly fallbackWhenDown?: true;
  readonly metrics?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly maxBody?: number;
  readonly deadline?: number;
  readonly streamIdle?: number;
  readonly drain?: number;
  readonly readyTimeout?: number;
}

/** Adds the command `gateway`. */
export function declareGateway(
  program: CliCommand,
  handle: (request: GatewayRequest) => Promise<void>,
): void {
  const command = program
    .command('gateway')
    .summary('serves MCP over HTTP in front of a runtime')
    .description(
      'Serves MCP over HTTP in front of a runtime behind gRPC over a Unix domain socket.\n' +
        'Without a target it serves the reference runtime that comes with it.',
    )
    .usage('[options] [-- arguments of the target]');
  addTargetFlags(command, 'Runtime (one of them):');
  command.addOption(
    choice('--transport <kind>', 'how it is reached (default: grpc); http is on a socket of its own', [
      'grpc',
      'http',
    ]),
  );

  command
    .optionsGroup('HTTP:')
    .addOption(text('--listen <address:port>', 'where it listens (default: 127.0.0.1:8080); port 0 is any'))
    .addOption(
      several('--allow-host <host>', 'a host name to answer to, besides that of --listen; * is any; several'),
    )
    .addOption(several('--allow-origin <origin>', 'an origin whose pages may call; * is any; several'));

  command
    .optionsGroup('Callers:')
    .addOption(text('--jwks <file or URL>', 'takes bearer tokens signed with these keys, a JSON Web Key Set'))
    .addOption(text('--issuer <issuer>', 'who has to have made the tokens'))
    .addOption(text('--audience <audience>', 'whom the tokens have to be for'))
    .addOption(
      choice(
        '--anonymous <policy>',
        'callers without credentials (default: refuse with --jwks, else allow on a loopback address)',
        ['allow', 'refuse'],
      ),
    );

  command
    .optionsGroup('Besides the runtime:')
    .addOption(text('--fallback <url>', 'an HTTP server that takes what the runtime does not serve'))
    .option('--fallback-when-down', 'and calls while the runtime is not there')
    .addOption(text('--metrics <address:port>', 'where metrics are served for Prometheus'));

  command
    .optionsGroup('Limits:')
    .addOption(whole('--max-body <bytes>', 'the largest request body (default: 4194304)', 1_073_741_824))
    .addOption(seconds('--deadline <seconds>', 'the deadline of a call (default: 60)'))
    .addOption(seconds('--stream-idle <seconds>', 'how long a stream may be silent (default: 300)'))
    .addOption(seconds('--drain <seconds>', 'how long calls may go on at the end (default: 5)'));
  addReadyTimeout(command, 'limit until the runtime is ready');
  addStartFlags(command);
  command
    .addHelpText(
      'after',
      '\nIt serves until it gets SIGINT or SIGTERM.\n' +
        'Exit code: 0 stopped as asked, 2 wrong usage, 3 it could not serve.',
    )
    .action(async (options: Options) => handle(await requestOf(command, options)));
}

async function requestOf(command: CliCommand, options: Options): Promise<GatewayRequest> {
  const target = targetOfOptions(command, ['transport']);
  const listen = readAddress('--listen', options.listen ?? '127.0.0.1:8080');
  return {
    target,
    transport: options.transport ?? 'grpc',
    listen,
    anonymous: options.anonymous ?? (options.jwks === undefined ? await anonymousOn(listen) : 'refuse'),
    bearer: bearerOf(options),
    fallback: fallbackOf(options),
    metrics: options.metrics === undefined ? undefined : readAddress('--metrics', options.metrics),
    allowedHosts: [...hostsOf(listen), ...(options.allowHost ?? [])],
    allowedOrigins: options.allowOrigin ?? [],
    maxBodyBytes: options.maxBody,
    callMs: milliseconds(options.deadline),
    streamIdleMs: milliseconds(options.streamIdle),
    drainMs: milliseconds(options.drain),
    readyTimeoutMs: milliseconds(options.readyTimeout) ?? defaultReadyMs,
  };
}

function bearerOf({ jwks, issuer, audience }: Options): BearerRequest | undefined {
  if (jwks === undefined) {
    if (issuer === undefined && audience === undefined) return undefined;
    throw new UsageError('--issuer and --audience go with --jwks, which is not given');
  }
  return {
    keys: /^https?:/i.test(jwks) ? readUrl('--jwks', jwks) : jwks,
    issuer,
    audience,
  };
}

function fallbackOf({ fallback, fallbackWhenDown }: Options): GatewayRequest['fallback'] {
  if (fallback !== undefined) {
    return { url: readUrl('--fallback', fallback), whenDown: fallbackWhenDown === true };
  }
  if (fallbackWhenDown === undefined) return undefined;
  throw new UsageError('--fallback-when-down goes with --fallback, which is not given');
}

function readUrl(flag: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new UsageError(`${flag} has to be a URL that begins with http:// or https://, not ${value}`);
}

function milliseconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000;
}

/** If other machines can reach this address, the user has to choose how to treat anonymous callers. */
async function anonymousOn(listen: ListenAddress): Promise<'allow'> {
  // Loaded here: the client is much to load for the help of another command.
  const { isLoopbackAddress } = await import('../../../client/index.ts');
  if (listen.host === 'localhost' || isLoopbackAddress(listen.host)) return 'allow';
  throw new UsageError(
    `--listen ${listen.host}:${listen.port} can be reached from other machines: say --anonymous allow to serve callers without credentials, or --anonymous refuse`,
  );
}

/** The names that a browser on this machine, or the address itself, gives the gateway. */
function hostsOf({ host }: ListenAddress): readonly string[] {
  const own = host.includes(':') ? `[${host}]` : host;
  return [...new Set(['localhost', '127.0.0.1', '[::1]', own])];
}
