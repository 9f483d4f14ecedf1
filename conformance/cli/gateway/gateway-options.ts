import type { GatewayLimits } from '../../../gateway/index.ts';
import type { Target } from '../../../runners/kinds.ts';
import { defaultReadyMs } from '../../plan/defaults.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { addStartFlags, addTargetFlags, readyTimeout, takeTarget } from '../option-groups.ts';
import { choice, flag, seconds, several, text, whole } from '../option-values.ts';

/** A place to listen on. */
export interface ListenAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

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
  readonly limits: Partial<GatewayLimits>;
  readonly readyTimeoutMs: number;
}

/** Where the keys are that tokens are signed with, and what else a token has to say. */
export interface BearerRequest {
  /** A URL, or the path of a file. */
  readonly keys: URL | string;
  readonly issuer?: string;
  readonly audience?: string;
}

interface Options
  extends Partial<GatewayLimits>,
    Partial<Omit<GatewayRequest, 'target' | 'bearer' | 'fallback' | 'limits'>>,
    Omit<BearerRequest, 'keys'> {
  readonly jwks?: BearerRequest['keys'];
  readonly fallback?: URL;
  readonly fallbackWhenDown?: true;
}

/** Makes a command `gateway`. */
export function declareGateway(
  command: CliCommand,
  handle: (request: GatewayRequest) => Promise<void>,
): void {
  command
    .description(
      'Serves MCP over HTTP in front of a runtime behind gRPC over a Unix domain socket.\n' +
        'Without a target it serves the reference runtime that comes with it.',
    )
    .usage('[options] [-- arguments of the target]');
  addTargetFlags(command, 'Runtime (one of them):');
  const transport = 'how it is reached (default: grpc); http is on a socket of its own';
  const callers =
    'callers without credentials (default: refuse with --jwks, else allow on a loopback address)';
  command
    .addOption(choice('--transport <kind>', transport, ['grpc', 'http']))
    .addGroup(
      'HTTP:',
      text(
        '--listen <address:port>',
        'where it listens (default: 127.0.0.1:8080); port 0 is any',
        readAddress,
      ),
      several(
        '--allow-host <host>',
        'a host name to answer to, besides that of --listen; * is any; several',
        'allowedHosts',
      ),
      several(
        '--allow-origin <origin>',
        'an origin whose pages may call; * is any; several',
        'allowedOrigins',
      ),
    )
    .addGroup(
      'Callers:',
      text(
        '--jwks <file or URL>',
        'takes bearer tokens signed with these keys, a JSON Web Key Set',
        (value, flag) => (/^https?:/i.test(value) ? readUrl(value, flag) : value),
      ),
      text('--issuer <issuer>', 'required issuer of the tokens (iss)'),
      text('--audience <audience>', 'required audience of the tokens (aud)'),
      choice('--anonymous <policy>', callers, ['allow', 'refuse']),
    )
    .addGroup(
      'Besides the runtime:',
      text('--fallback <url>', 'an HTTP server that takes what the runtime does not serve', readUrl),
      flag('--fallback-when-down', 'also use the fallback while the runtime is unavailable'),
      text('--metrics <address:port>', 'address of the Prometheus metrics endpoint', readAddress),
    )
    .addGroup(
      'Limits:',
      whole(
        '--max-body <bytes>',
        'the largest request body (default: 4194304)',
        1_073_741_824,
        'maxBodyBytes',
      ),
      seconds('--deadline <seconds>', 'the deadline of a call (default: 60)', 'callMs'),
      seconds('--stream-idle <seconds>', 'how long a stream may be silent (default: 300)', 'streamIdleMs'),
      seconds('--drain <seconds>', 'time for in-flight calls to finish at the end (default: 5)', 'drainMs'),
      readyTimeout('limit until the runtime is ready'),
    );
  addStartFlags(command);
  command
    .addHelpText(
      'after',
      '\nIt serves until it gets SIGINT or SIGTERM.\n' +
        'Exit code: 0 stopped as asked, 2 wrong usage, 3 it could not serve.',
    )
    .action(async () => handle(await requestOf(command)));
}

async function requestOf(command: CliCommand): Promise<GatewayRequest> {
  const [target, options] = takeTarget<Options>(command, ['transport']);
  const { transport = 'grpc', listen = { host: '127.0.0.1', port: 8080 }, metrics } = options;
  const { jwks: keys, issuer, audience, fallback: url, fallbackWhenDown: whenDown = false } = options;
  const { allowedHosts = [], allowedOrigins = [], maxBodyBytes, callMs, streamIdleMs, drainMs } = options;
  if (keys === undefined && (issuer ?? audience) !== undefined) {
    throw new UsageError('--issuer and --audience go with --jwks, which is not given');
  }
  if (url === undefined && whenDown) {
    throw new UsageError('--fallback-when-down goes with --fallback, which is not given');
  }
  return {
    target,
    transport,
    listen,
    anonymous: options.anonymous ?? (keys === undefined ? await anonymousOn(listen) : 'refuse'),
    bearer: keys === undefined ? undefined : { keys, issuer, audience },
    fallback: url && { url, whenDown },
    metrics,
    allowedHosts: [...hostsOf(listen), ...allowedHosts],
    allowedOrigins,
    limits: { maxBodyBytes, callMs, streamIdleMs, drainMs },
    readyTimeoutMs: options.readyTimeoutMs ?? defaultReadyMs,
  };
}

/**
 * Reads `HOST:PORT`, `[IPv6]:PORT` or `PORT` alone, which is on 127.0.0.1.
 * @throws UsageError that names the option
 */
export function readAddress(text: string, flag: string): ListenAddress {
  const match = /^(?:(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]/\s]+)):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) {
    throw new UsageError(`${flag} has to be an address and a port, as in 127.0.0.1:8080, not ${text}`);
  }
  return { host: match.groups?.['six'] ?? match.groups?.['name'] ?? '127.0.0.1', port };
}

function readUrl(value: string, flag: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new UsageError(`${flag} has to be a URL that begins with http:// or https://, not ${value}`);
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
