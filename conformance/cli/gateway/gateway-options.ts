import type { GatewayLimits, OwnerClaim } from '../../../gateway/index.ts';
import type { Target } from '../../../runners/kinds.ts';
import { defaultReadyMs } from '../../plan/defaults.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { addStartFlags, addTargetFlags, readyTimeout, takeTarget } from '../option-groups.ts';
import { choice, flag, seconds, several, text, whole } from '../option-values.ts';

/** An address to listen on. */
export interface ListenAddress {
  /** The host, without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** The parsed command line of `gateway`. */
export interface GatewayRequest {
  readonly target: Target;
  /** The transport to the runtime. */
  readonly transport: 'grpc' | 'http';
  readonly listen: ListenAddress;
  readonly anonymous: 'allow' | 'refuse';
  /** Options for bearer tokens. If undefined, callers cannot authenticate. */
  readonly bearer: BearerRequest | undefined;
  readonly fallback: { readonly url: URL; readonly whenDown: boolean } | undefined;
  /** The address of the metrics endpoint. Undefined: no metrics endpoint. */
  readonly metrics: ListenAddress | undefined;
  /** The origin under which callers reach the gateway. Undefined: no metadata of RFC 9728. */
  readonly publicUrl: URL | undefined;
  /** The file of the audit log. Undefined: no audit log. */
  readonly auditLog: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly limits: Partial<GatewayLimits>;
  readonly readyTimeoutMs: number;
}

/** The keys that verify bearer tokens, and the claims that a token must have. */
export interface BearerRequest {
  /** A URL or a file path of a JSON Web Key Set. */
  readonly keys: URL | string;
  readonly issuer: string;
  readonly audience: string;
  readonly owner?: OwnerClaim;
  readonly allowMissingExpiry?: true;
}

const ownerClaims = ['subject', 'email'] as const satisfies readonly OwnerClaim[];

interface Options
  extends Partial<GatewayLimits>,
    Partial<Omit<GatewayRequest, 'target' | 'bearer' | 'fallback' | 'limits'>>,
    Partial<Omit<BearerRequest, 'keys'>> {
  readonly jwks?: BearerRequest['keys'];
  readonly fallback?: URL;
  readonly fallbackWhenDown?: true;
}

/** Declares the command `gateway`. */
export function declareGateway(
  command: CliCommand,
  handle: (request: GatewayRequest) => Promise<void>,
): void {
  command
    .description(
      'Serves MCP over HTTP in front of a runtime that serves gRPC on a Unix domain socket.\n' +
        'Without a target, it serves the built-in reference runtime.',
    )
    .usage('[options] [-- arguments of the target]');
  addTargetFlags(command, 'Runtime (choose one):');
  const owners = 'identity of a caller (default: subject, with its issuer); email must be verified';
  const transport = 'transport to the runtime (default: grpc); http uses a separate socket';
  const callers = 'anonymous callers (default: refuse with --jwks, otherwise allow on a loopback address)';
  command
    .addOption(choice('--transport <kind>', transport, ['grpc', 'http']))
    .addGroup(
      'HTTP:',
      text(
        '--listen <address:port>',
        'address to listen on (default: 127.0.0.1:8080); port 0 chooses a free one',
        readAddress,
      ),
      several(
        '--allow-host <host>',
        'an allowed host, in addition to that of --listen; * allows any; repeatable',
        'allowedHosts',
      ),
      several('--allow-origin <origin>', 'an allowed origin; * allows any; repeatable', 'allowedOrigins'),
    )
    .addGroup(
      'Callers:',
      text(
        '--jwks <file or URL>',
        'accept bearer tokens signed with the keys in this JSON Web Key Set',
        (value, flag) => (/^https?:/i.test(value) ? readUrl(value, flag) : value),
      ),
      text('--issuer <issuer>', 'required token issuer (iss); mandatory with --jwks'),
      text('--audience <audience>', 'required token audience (aud); mandatory with --jwks'),
      choice('--owner <claim>', owners, ownerClaims),
      text(
        '--public-url <url>',
        'origin of the gateway for callers; serves the metadata of RFC 9728',
        readUrl,
        'publicUrl',
      ),
      flag('--allow-missing-expiry', 'also accept tokens without exp, which never expire'),
      choice('--anonymous <policy>', callers, ['allow', 'refuse']),
      text('--audit-log <file>', 'append each refusal to this file, as a JSON line'),
    )
    .addGroup(
      'Fallback and metrics:',
      text('--fallback <url>', 'an HTTP server for requests that the runtime does not serve', readUrl),
      flag('--fallback-when-down', 'also use the fallback while the runtime is unreachable'),
      text('--metrics <address:port>', 'address of the Prometheus metrics endpoint', readAddress),
    )
    .addGroup(
      'Limits:',
      whole('--max-body <bytes>', 'maximum request body (default: 4194304)', 1_073_741_824, 'maxBodyBytes'),
      whole(
        '--max-calls-per-caller <number>',
        'maximum calls in flight of one caller (default: 2000)',
        1_000_000,
      ),
      whole(
        '--max-rate-per-caller <number>',
        'maximum requests per second of one caller (default: 100000)',
        1_000_000,
      ),
      seconds('--deadline <seconds>', 'deadline of a call (default: 60)', 'callMs'),
      seconds(
        '--stream-idle <seconds>',
        'silence of a stream after which the gateway checks the runtime (default: 300)',
        'streamIdleMs',
      ),
      seconds('--drain <seconds>', 'time limit for calls in flight at shutdown (default: 5)', 'drainMs'),
      readyTimeout('time limit until the runtime is ready'),
    );
  addStartFlags(command);
  command
    .addHelpText(
      'after',
      '\nThe gateway serves until SIGINT or SIGTERM.\n' +
        'Exit code: 0 normal stop, 2 invalid usage, 3 the gateway could not serve.',
    )
    .action(async () => handle(await requestOf(command)));
}

async function requestOf(command: CliCommand): Promise<GatewayRequest> {
  const [target, options] = takeTarget<Options>(command);
  const { transport = 'grpc', listen = { host: '127.0.0.1', port: 8080 }, metrics } = options;
  const { fallback: url, fallbackWhenDown: whenDown = false } = options;
  const { allowedHosts = [], allowedOrigins = [], maxBodyBytes, callMs, streamIdleMs, drainMs } = options;
  const { maxCallsPerCaller, maxRatePerCaller, publicUrl, auditLog } = options;
  const bearer = bearerOf(options);
  if (publicUrl !== undefined) checkOrigin(publicUrl, bearer);
  if (url === undefined && whenDown) {
    throw new UsageError('--fallback-when-down requires --fallback');
  }
  return {
    target,
    transport,
    listen,
    anonymous: options.anonymous ?? (bearer === undefined ? await anonymousOn(listen) : 'refuse'),
    bearer,
    fallback: url && { url, whenDown },
    metrics,
    publicUrl,
    auditLog,
    allowedHosts: [...hostsOf(listen), ...allowedHosts],
    allowedOrigins,
    limits: { maxBodyBytes, callMs, streamIdleMs, drainMs, maxCallsPerCaller, maxRatePerCaller },
    readyTimeoutMs: options.readyTimeoutMs ?? defaultReadyMs,
  };
}

/** @throws UsageError if the metadata would not name the endpoint or its issuer */
function checkOrigin({ pathname, search, hash }: URL, bearer: BearerRequest | undefined): void {
  if (bearer === undefined || !/^https?:/i.test(bearer.issuer)) {
    throw new UsageError('--public-url requires --jwks, and an --issuer that is a URL');
  }
  if (pathname + search + hash !== '/') throw new UsageError('--public-url must not have a path');
}

/** @throws UsageError if options for tokens are incomplete */
function bearerOf({ jwks: keys, ...options }: Options): BearerRequest | undefined {
  const { issuer, audience, owner, allowMissingExpiry } = options;
  if (keys === undefined) {
    const given = issuer ?? audience ?? owner ?? allowMissingExpiry;
    if (given === undefined) return undefined;
    throw new UsageError('--issuer, --audience, --owner and --allow-missing-expiry require --jwks');
  }
  if (issuer !== undefined && audience !== undefined) {
    return { keys, issuer, audience, owner, allowMissingExpiry };
  }
  throw new UsageError(
    '--jwks requires --issuer and --audience: otherwise, the gateway would accept tokens of other issuers and for other services',
  );
}

/**
 * Parses `HOST:PORT`, `[IPv6]:PORT`, or `PORT` for 127.0.0.1.
 * @throws UsageError that names the option
 */
export function readAddress(text: string, flag: string): ListenAddress {
  const match = /^(?:(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]/\s]+)):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) {
    throw new UsageError(`${flag} must be an address and a port, as in 127.0.0.1:8080, not ${text}`);
  }
  return { host: match.groups?.['six'] ?? match.groups?.['name'] ?? '127.0.0.1', port };
}

function readUrl(value: string, flag: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new UsageError(`${flag} must be a URL that begins with http:// or https://, not ${value}`);
}

/** If other machines can reach this address, the user must choose how to treat anonymous callers. */
async function anonymousOn(listen: ListenAddress): Promise<'allow'> {
  // Loaded on demand, because the client would slow the help of other commands.
  const { isLoopbackAddress } = await import('../../../client/index.ts');
  if (listen.host === 'localhost' || isLoopbackAddress(listen.host)) return 'allow';
  throw new UsageError(
    `--listen ${listen.host}:${listen.port} can be reached from other machines: choose --anonymous allow to serve callers without credentials, or --anonymous refuse`,
  );
}

/** Returns the loopback names and the listen address, which are always allowed. */
function hostsOf({ host }: ListenAddress): readonly string[] {
  const own = host.includes(':') ? `[${host}]` : host;
  return [...new Set(['localhost', '127.0.0.1', '[::1]', own])];
}
