import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { maxSocketPathBytes } from '../../../runners/socket-place.ts';
import { JsonError, parseJson } from '../../match/json.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CommandContext } from '../command-context.ts';
import { defaultReadySeconds, parseWords, seconds, several, text } from '../command-parts.ts';
import { checkApart, parseReports, type ReportRequest } from '../report-request.ts';

/** Carry tokens where the options do not: a command line shows in lists of processes and in build logs. */
export const tokenVariables = {
  bearer: 'MCP_GATEWAY_BEARER',
  otherBearer: 'MCP_GATEWAY_OTHER_BEARER',
  expiredBearer: 'MCP_GATEWAY_EXPIRED_BEARER',
} as const;

/** The gateway as it is reached. */
export type GatewayTarget =
  | { readonly kind: 'url'; readonly url: URL; readonly socketPath: string }
  /** The kit starts it and chooses what is left open. */
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly args: readonly string[];
      readonly url?: URL;
      readonly socketPath?: string;
    };

/** A run against a gateway as it was asked for. */
export interface CheckGatewayRequest {
  readonly target: GatewayTarget;
  readonly headers: readonly string[];
  readonly bearer?: string;
  readonly otherBearer?: string;
  readonly expiredBearer?: string;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly otherIdentity?: Readonly<Record<string, unknown>>;
  readonly hasFallback: boolean;
  /** Globs. */
  readonly suites: readonly string[];
  readonly cases: readonly string[];
  readonly knownFailures?: string;
  readonly writeKnownFailures?: string;
  readonly failOnSkip: boolean;
  readonly bail: boolean;
  readonly caseTimeoutMs?: number;
  readonly readyTimeoutMs: number;
  readonly verbose: boolean;
  readonly reports: readonly ReportRequest[];
  /** False with `--no-color`; undefined where nothing was said. */
  readonly colour?: boolean;
  /** The options that name the target and the callers as they were written, without tokens: to run one case again. */
  readonly written: readonly string[];
}

/** What the command line asks for. */
export type CheckGatewayInvocation =
  | { readonly kind: 'run'; readonly request: CheckGatewayRequest }
  | { readonly kind: 'list'; readonly suites: readonly string[]; readonly cases: readonly string[] }
  | { readonly kind: 'explain'; readonly subject: string }
  /** Help: to be written as it is. */
  | { readonly kind: 'text'; readonly text: string };

interface WrittenOptions {
  readonly url?: string;
  readonly socket?: string;
  readonly command?: string;
  readonly header?: readonly string[];
  readonly bearer?: string;
  readonly identity?: string;
  readonly otherBearer?: string;
  readonly otherIdentity?: string;
  readonly expiredBearer?: string;
  readonly fallback?: true;
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly list?: true;
  readonly explain?: string;
  readonly knownFailures?: string;
  readonly writeKnownFailures?: string;
  readonly failOnSkip?: true;
  readonly bail?: true;
  readonly timeout?: number;
  readonly readyTimeout: number;
  readonly verbose?: true;
  readonly report?: readonly string[];
  readonly color: boolean;
}

function makeCommand(): Command {
  const command = new Command('mcp-runtime-conformance check-gateway')
    .description(
      'Checks a gateway: plays the runtime on a socket, sends HTTP requests to the gateway, and compares what reaches\n' +
        'the socket and what comes back with the chapter of the contract for gateways.',
    )
    .usage('--url URL --socket PATH [options]  or  --command COMMAND [options] [-- arguments]')
    .allowExcessArguments(true)
    .showSuggestionAfterError(false)
    .exitOverride();
  command
    .optionsGroup('Gateway:')
    .addOption(text('--url <url>', 'where it listens, such as http://127.0.0.1:8080'))
    .addOption(text('--socket <path>', 'where it expects its runtime; the kit listens there'))
    .addOption(
      text(
        '--command <command>',
        'a program, which the kit starts; {socket}, {listen}, {port} and {url} in it are replaced',
      ),
    );
  command
    .optionsGroup('Callers:')
    .addOption(several('--header <name: value>', 'a header field that makes a caller known to it; several'))
    .addOption(text('--bearer <token>', `a token that it accepts (or ${tokenVariables.bearer})`))
    .addOption(text('--identity <json>', 'the claims that this caller has at the runtime, or @FILE'))
    .addOption(text('--other-bearer <token>', `a second caller's (or ${tokenVariables.otherBearer})`))
    .addOption(text('--other-identity <json>', "the second caller's claims, or @FILE"))
    .addOption(text('--expired-bearer <token>', `one that has ended (or ${tokenVariables.expiredBearer})`))
    .option('--fallback', 'something behind it takes what is not for the runtime');
  command
    .optionsGroup('What is checked:')
    .addOption(several('--suite <glob>', 'only these suites; several'))
    .addOption(several('--case <glob>', 'only these cases, by id or by name; several'))
    .option('--list', 'the cases, with their clauses, in place of a run')
    .addOption(text('--explain <case or clause>', 'what it says and checks, in place of a run'));
  command
    .optionsGroup('How it is judged:')
    .addOption(text('--known-failures <file>', 'failures that do not count, each with a reason'))
    .addOption(text('--write-known-failures <file>', 'write what fails now as such a file'))
    .option('--fail-on-skip', 'a case that cannot be checked counts as a failure')
    .option('--bail', 'stop after the first failure');
  command
    .optionsGroup('Time:')
    .addOption(seconds('--timeout <seconds>', 'limit of a case; longer ones scale with it (default: 20)'))
    .addOption(
      seconds('--ready-timeout <seconds>', 'limit until it notices the played runtime').default(
        defaultReadySeconds,
      ),
    );
  command
    .optionsGroup('Output:')
    .option('--verbose', 'every case, with what happened on both sides')
    .addOption(several('--report <kind=file,...>', 'also write json, junit or markdown; several'))
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are heeded too)')
    .helpOption('--help', 'this text');
  return command.addHelpText(
    'after',
    '\nExit code: 0 conformant, 1 not conformant, 2 wrong usage or fixtures, 3 the gateway could not be tested.',
  );
}

/**
 * Reads the command line of `check-gateway`.
 * @param words what follows the verb
 * @throws UsageError
 */
export function parseCheckGatewayOptions(
  words: readonly string[],
  environment: CommandContext['environment'],
): CheckGatewayInvocation {
  const separator = words.indexOf('--');
  const command = makeCommand();
  const parsed = parseWords(command, separator < 0 ? words : words.slice(0, separator));
  if (parsed.kind === 'text') return parsed;
  const [stray] = parsed.args;
  if (stray !== undefined) throw new UsageError(`unexpected argument ${stray}: options begin with --`);
  const options = command.opts<WrittenOptions>();
  const args = separator < 0 ? [] : words.slice(separator + 1);
  if (options.explain !== undefined) return { kind: 'explain', subject: options.explain };
  if (options.list) return { kind: 'list', suites: options.suite ?? [], cases: options.case ?? [] };
  return { kind: 'run', request: requestOf(options, args, environment) };
}

function requestOf(
  options: WrittenOptions,
  args: readonly string[],
  environment: CommandContext['environment'],
): CheckGatewayRequest {
  const token = (name: keyof typeof tokenVariables): string | undefined => {
    const value = options[name] ?? (environment[tokenVariables[name]] || undefined);
    return value === undefined ? undefined : checkedToken(value, tokenVariables[name]);
  };
  const bearer = token('bearer');
  const otherBearer = token('otherBearer');
  const expiredBearer = token('expiredBearer');
  const { identity, otherIdentity, knownFailures, writeKnownFailures } = options;
  if (identity !== undefined && bearer === undefined && options.header === undefined) {
    throw new UsageError('--identity goes with --bearer or --header, which make the caller known');
  }
  if (otherIdentity !== undefined && otherBearer === undefined) {
    throw new UsageError('--other-identity goes with --other-bearer, which is not given');
  }
  const reports = parseReports(options.report ?? []);
  checkApart(writeKnownFailures, reports);
  return {
    target: targetOf(options, args),
    headers: (options.header ?? []).map(checkedHeader),
    bearer,
    otherBearer,
    expiredBearer,
    identity: identity === undefined ? undefined : readClaims('--identity', identity),
    otherIdentity: otherIdentity === undefined ? undefined : readClaims('--other-identity', otherIdentity),
    hasFallback: options.fallback ?? false,
    suites: options.suite ?? [],
    cases: options.case ?? [],
    knownFailures,
    writeKnownFailures,
    failOnSkip: options.failOnSkip ?? false,
    bail: options.bail ?? false,
    caseTimeoutMs: options.timeout && options.timeout * 1_000,
    readyTimeoutMs: options.readyTimeout * 1_000,
    verbose: options.verbose ?? false,
    reports,
    ...(options.color === false ? { colour: false } : {}),
    written: writtenWords(options),
  };
}

function targetOf(options: WrittenOptions, args: readonly string[]): GatewayTarget {
  const url = options.url === undefined ? undefined : readOrigin(options.url);
  const { command, socket } = options;
  if (socket !== undefined) checkSocketPath(socket);
  if (command !== undefined) {
    return {
      kind: 'command',
      command,
      args,
      url,
      socketPath: socket,
    };
  }
  if (args.length > 0) throw new UsageError('arguments after -- are those of --command, which is not given');
  if (url === undefined || socket === undefined) {
    throw new UsageError(
      'name the gateway: --url and --socket for one that runs, or --command for one that the kit starts',
    );
  }
  return { kind: 'url', url, socketPath: socket };
}

function checkSocketPath(socket: string): void {
  const length = Buffer.byteLength(resolve(socket));
  if (length > maxSocketPathBytes) {
    throw new UsageError(
      `--socket ${socket}: the path has ${length} bytes in full, and the system allows ${maxSocketPathBytes}`,
    );
  }
}

function readOrigin(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`--url has to be a URL such as http://127.0.0.1:8080, not ${value}`);
  }
  if (!/^\/(mcp)?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new UsageError(`--url names the gateway, not a path on it: ${url.origin}, not ${value}`);
  }
  return new URL(url.origin);
}

function checkedHeader(line: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*$/.test(line)) return line;
  throw new UsageError(
    `--header has to be a header field such as "x-api-key: 1", not ${line.split(':')[0]}…`,
  );
}

/** RFC 6750 section 2.1 takes fewer characters; a header takes these. */
function checkedToken(token: string, variable: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const flag = `--${variable.replace('MCP_GATEWAY_', '').replaceAll('_', '-').toLowerCase()}`;
  throw new UsageError(
    `${flag} (or ${variable}) has a character that a token cannot have: look for blanks and line ends`,
  );
}

function readClaims(flag: string, value: string): Readonly<Record<string, unknown>> {
  const source = value.startsWith('@') ? readText(flag, value.slice(1)) : value;
  try {
    const claims = parseJson(source);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return { ...claims };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new UsageError(`${flag} has to be a JSON object such as {"email":"a@example.org"}, or @FILE`);
}

function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UsageError(`${flag} @${path}: ${reason}`);
  }
}

/** Tokens and header fields are secrets, and reports end up in build logs: tokens come from the environment again. */
function writtenWords(options: WrittenOptions): readonly string[] {
  const option = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value]);
  return [
    ...option('--url', options.url),
    ...option('--socket', options.socket),
    ...option('--command', options.command),
    ...(options.header ?? []).flatMap((line) => ['--header', `${line.split(':')[0]}: …`]),
    ...option('--identity', options.identity),
    ...option('--other-identity', options.otherIdentity),
    ...(options.fallback ? ['--fallback'] : []),
    ...option('--timeout', options.timeout === undefined ? undefined : `${options.timeout}`),
  ];
}
