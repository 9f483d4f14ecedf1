import { Command } from 'commander';
import { isLoopbackAddress } from '../../../client/index.ts';
import { UsageError } from '../../plan/usage-error.ts';
import {
  choice,
  defaultReadySeconds,
  parseWords,
  seconds,
  several,
  targetOptions,
  text,
} from '../command-parts.ts';
import { optionValue } from '../option-values.ts';
import { readTarget, type TargetOptions, type WrittenTargetOptions } from '../target-options.ts';
import { type ListenAddress, readAddress } from './address.ts';

/** A gateway as it was asked for. */
export interface GatewayRequest {
  readonly target: TargetOptions;
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

/** What the command line asks for. */
export type GatewayInvocation =
  | { readonly kind: 'serve'; readonly request: GatewayRequest }
  /** Help: to be written as it is. */
  | { readonly kind: 'text'; readonly text: string };

interface WrittenOptions extends Omit<WrittenTargetOptions, 'transport'> {
  readonly transport: 'grpc' | 'http';
  readonly listen: string;
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
  readonly readyTimeout: number;
}

function makeCommand(): Command {
  const command = new Command('mcp-runtime-conformance gateway')
    .description(
      'Serves MCP over HTTP in front of a runtime behind gRPC over a Unix domain socket.\n' +
        'Without a target it serves the reference runtime that comes with it.',
    )
    .usage('[options] [-- arguments of the target]')
    .allowExcessArguments(true)
    .showSuggestionAfterError(false)
    .exitOverride();

  command.optionsGroup('Runtime (one of them):');
  for (const option of targetOptions.names()) command.addOption(option);
  command.addOption(
    choice('--transport <kind>', 'how it is reached: gRPC, or HTTP on a socket of its own', [
      'grpc',
      'http',
    ]).default('grpc'),
  );

  command
    .optionsGroup('HTTP:')
    .addOption(text('--listen <address:port>', 'where it listens; port 0 is any').default('127.0.0.1:8080'))
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
    .addOption(
      text('--max-body <bytes>', 'the largest request body (default: 4194304)').argParser(
        optionValue('--max-body').wholeNumber({ from: 1, to: 1_073_741_824 }),
      ),
    )
    .addOption(seconds('--deadline <seconds>', 'the deadline of a call (default: 60)'))
    .addOption(seconds('--stream-idle <seconds>', 'how long a stream may be silent (default: 300)'))
    .addOption(seconds('--drain <seconds>', 'how long calls may go on at the end (default: 5)'))
    .addOption(
      seconds('--ready-timeout <seconds>', 'limit until the runtime is ready').default(defaultReadySeconds),
    );

  command.optionsGroup('With --image or --command:');
  for (const option of targetOptions.started()) command.addOption(option);
  command.optionsGroup('With --image:');
  for (const option of targetOptions.image()) command.addOption(option);
  command.optionsGroup('Other:').helpOption('--help', 'this text');
  return command.addHelpText(
    'after',
    '\nIt serves until it gets SIGINT or SIGTERM.\n' +
      'Exit code: 0 stopped as asked, 2 wrong usage, 3 it could not serve.',
  );
}

/**
 * Reads the command line of `gateway`.
 * @param words what follows the verb
 * @throws UsageError
 */
export function parseGatewayOptions(words: readonly string[]): GatewayInvocation {
  const separator = words.indexOf('--');
  const command = makeCommand();
  const parsed = parseWords(command, separator < 0 ? words : words.slice(0, separator));
  if (parsed.kind === 'text') return parsed;
  const [stray] = parsed.args;
  if (stray !== undefined) {
    throw new UsageError(
      `unexpected argument ${stray}: options begin with --, arguments of the target follow --`,
    );
  }
  const options = command.opts<WrittenOptions>();
  const { transport, ...named } = options;
  const target = readTarget(named, separator < 0 ? [] : words.slice(separator + 1));
  const listen = readAddress('--listen', options.listen);
  return {
    kind: 'serve',
    request: {
      target,
      transport,
      listen,
      anonymous: options.anonymous ?? (options.jwks === undefined ? anonymousOn(listen) : 'refuse'),
      bearer: bearerOf(options),
      fallback: fallbackOf(options),
      metrics: options.metrics === undefined ? undefined : readAddress('--metrics', options.metrics),
      allowedHosts: [...hostsOf(listen), ...(options.allowHost ?? [])],
      allowedOrigins: options.allowOrigin ?? [],
      maxBodyBytes: options.maxBody,
      callMs: milliseconds(options.deadline),
      streamIdleMs: milliseconds(options.streamIdle),
      drainMs: milliseconds(options.drain),
      readyTimeoutMs: options.readyTimeout * 1000,
    },
  };
}

function bearerOf({ jwks, issuer, audience }: WrittenOptions): BearerRequest | undefined {
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

function fallbackOf({ fallback, fallbackWhenDown }: WrittenOptions): GatewayRequest['fallback'] {
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

function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** Whom everybody can reach has to be told what to do with callers without credentials. */
function anonymousOn(listen: ListenAddress): 'allow' {
  if (isLoopback(listen)) return 'allow';
  throw new UsageError(
    `--listen ${listen.host}:${listen.port} can be reached from other machines: say --anonymous allow to serve callers without credentials, or --anonymous refuse`,
  );
}

/** The names that a browser on this machine, or the address itself, gives the gateway. */
function hostsOf({ host }: ListenAddress): readonly string[] {
  const own = host.includes(':') ? `[${host}]` : host;
  return [...new Set(['localhost', '127.0.0.1', '[::1]', own])];
}
