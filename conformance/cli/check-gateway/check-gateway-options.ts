import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { whyUnreadable } from '../../../base/error-message.ts';
import { maxSocketPathBytes } from '../../../runners/socket-place.ts';
import type { GatewayPlan, GatewayTarget } from '../../check/check-gateway-target.ts';
import { defaultReadyMs } from '../../plan/defaults.ts';
import type { KnownFailuresRequest } from '../../plan/known-failures-files.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import type { CommandContext } from '../command-context.ts';
import * as groups from '../option-groups.ts';
import { flag, several, text } from '../option-values.ts';

/** Carry tokens where the options do not: a command line shows in lists of processes and in build logs. */
export const tokenVariables = {
  bearer: 'MCP_GATEWAY_BEARER',
  otherBearer: 'MCP_GATEWAY_OTHER_BEARER',
  expiredBearer: 'MCP_GATEWAY_EXPIRED_BEARER',
} as const;

/** A run against a gateway as it was asked for. */
export interface CheckGatewayRequest
  extends KnownFailuresRequest,
    Pick<GatewayPlan, 'target' | 'facilities' | 'bail' | 'caseTimeoutMs' | 'readyTimeoutMs'> {
  /** Globs. */
  readonly suites: readonly string[];
  readonly cases: readonly string[];
  readonly failOnSkip: boolean;
  readonly output: groups.OutputRequest;
  /** The options that name the target and the callers as they were written, without tokens: to run one case again. */
  readonly written: readonly string[];
}

/** What `check-gateway` is asked for. */
export type CheckGatewayInvocation =
  | { readonly kind: 'run'; readonly request: CheckGatewayRequest }
  | { readonly kind: 'list'; readonly suites: readonly string[]; readonly cases: readonly string[] }
  | { readonly kind: 'explain'; readonly subject: string };

interface Options
  extends Partial<Pick<CheckGatewayRequest, 'suites' | 'cases' | 'failOnSkip' | 'bail' | 'readyTimeoutMs'>>,
    Pick<CheckGatewayRequest, 'knownFailures' | 'writeKnownFailures' | 'caseTimeoutMs'>,
    Partial<Record<keyof typeof tokenVariables, string>>,
    groups.OutputOptions {
  readonly url?: string;
  readonly socket?: string;
  readonly command?: string;
  readonly header?: readonly string[];
  readonly identity?: string;
  readonly otherIdentity?: string;
  readonly fallback?: boolean;
  readonly list?: true;
  readonly explain?: string;
}

/** Makes a command `check-gateway`. */
export function declareCheckGateway(
  command: CliCommand,
  handle: (invocation: CheckGatewayInvocation) => Promise<void>,
  environment: CommandContext['environment'],
): void {
  command
    .description(
      'Checks a gateway: plays the runtime on a socket, sends HTTP requests to the gateway, and compares what reaches\n' +
        'the socket and what comes back with the chapter of the contract for gateways.',
    )
    .usage('--url URL --socket PATH [options]  or  --command COMMAND [options] [-- arguments]')
    .takesTargetArguments();
  command
    .addGroup(
      'Gateway:',
      text('--url <url>', 'where it listens, such as http://127.0.0.1:8080'),
      text('--socket <path>', 'where it expects its runtime; the kit listens there'),
      text(
        '--command <command>',
        'a program, which the kit starts; {socket}, {listen}, {port} and {url} in it are replaced',
      ),
    )
    .addGroup(
      'Callers:',
      several('--header <name: value>', 'a header field that makes a caller known to it; several'),
      text('--bearer <token>', `a token that it accepts (or ${tokenVariables.bearer})`),
      text('--identity <json>', 'the claims that this caller has at the runtime, or @FILE'),
      text('--other-bearer <token>', `a second caller's (or ${tokenVariables.otherBearer})`),
      text('--other-identity <json>', "the second caller's claims, or @FILE"),
      text('--expired-bearer <token>', `one that has ended (or ${tokenVariables.expiredBearer})`),
      flag('--fallback', 'something behind it takes what is not for the runtime'),
    );
  groups.addCaseOptions(command);
  command
    .option('--list', 'the cases, with their clauses, in place of a run')
    .addOption(text('--explain <case or clause>', 'what it says and checks, in place of a run'));
  groups.addJudgingOptions(command);
  groups.addTimeOptions(command, 'limit of every case, in place of its own');
  groups.addOutputOptions(command, 'every case, with what happened on both sides');
  command
    .addHelpText(
      'after',
      '\nExit code: 0 conformant, 1 not conformant, 2 wrong usage or fixtures, 3 the gateway could not be tested.',
    )
    .action(async (options: Options) =>
      handle(await invocationOf(options, command.targetArguments, environment)),
    );
}

async function invocationOf(
  { list, explain, ...given }: Options,
  args: readonly string[],
  environment: CommandContext['environment'],
): Promise<CheckGatewayInvocation> {
  const [output, options] = groups.takeOutput(given);
  const { suites = [], cases = [] } = options;
  if (explain !== undefined) return { kind: 'explain', subject: explain };
  if (list) return { kind: 'list', suites, cases };
  const token = (name: keyof typeof tokenVariables): string | undefined => {
    const value = options[name] ?? (environment[tokenVariables[name]] || undefined);
    return value === undefined ? undefined : checkedToken(value, tokenVariables[name]);
  };
  const bearer = token('bearer');
  const otherBearer = token('otherBearer');
  const { identity, otherIdentity, knownFailures, writeKnownFailures, header = [] } = options;
  if (identity !== undefined && bearer === undefined && header.length === 0) {
    throw new UsageError('--identity goes with --bearer or --header, which make the caller known');
  }
  if (otherIdentity !== undefined && otherBearer === undefined) {
    throw new UsageError('--other-identity goes with --other-bearer, which is not given');
  }
  const { failOnSkip = false, bail = false, caseTimeoutMs, readyTimeoutMs = defaultReadyMs } = options;
  const request: CheckGatewayRequest = {
    target: targetOf(options, args),
    facilities: {
      fields: header.map(readHeader),
      bearer,
      otherBearer,
      expiredBearer: token('expiredBearer'),
      identity: await readClaims('--identity', identity),
      otherIdentity: await readClaims('--other-identity', otherIdentity),
      hasFallback: options.fallback ?? false,
    },
    ...{ suites, cases, knownFailures, writeKnownFailures, failOnSkip, bail, caseTimeoutMs, readyTimeoutMs },
    output,
    written: writtenWords(options),
  };
  return { kind: 'run', request };
}

function targetOf(
  options: Pick<Options, 'url' | 'socket' | 'command'>,
  args: readonly string[],
): GatewayTarget {
  const url = options.url === undefined ? undefined : readOrigin(options.url);
  const { command, socket } = options;
  if (socket !== undefined) checkSocketPath(socket);
  if (command !== undefined) {
    return { kind: 'command', command, args, url, socketPath: socket };
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

function readHeader(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*$/.test(line)) {
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }
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

async function readClaims(
  flag: string,
  value: string | undefined,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (value === undefined) return undefined;
  const { JsonError, parseJson } = await import('../../match/json.ts');
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
    throw new UsageError(`${flag} @${path}: ${whyUnreadable(error)}`);
  }
}

/** Tokens and header fields are secrets, and reports end up in build logs: tokens come from the environment again. */
function writtenWords(options: Omit<Options, keyof groups.OutputOptions>): readonly string[] {
  const { url, socket, command, identity, otherIdentity, fallback, caseTimeoutMs, header = [] } = options;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    ...option('--url', url),
    ...option('--socket', socket),
    ...option('--command', command),
    ...header.flatMap((line) => ['--header', `${line.split(':')[0]}: …`]),
    ...option('--identity', identity),
    ...option('--other-identity', otherIdentity),
    ...(fallback ? ['--fallback'] : []),
    ...(caseTimeoutMs ? ['--timeout', `${caseTimeoutMs / 1_000}`] : []),
  ];
}
