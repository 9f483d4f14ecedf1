import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { whyUnreadable } from '../../../base/error-message.ts';
import { inheritFlag, startFlags } from '../../../runners/environment/target-flags.ts';
import { maxSocketPathBytes } from '../../../runners/socket-place.ts';
import type { GatewayPlan, GatewayTarget } from '../../check/check-gateway-target.ts';
import type { RunSettings } from '../../engine/result.ts';
import { defaultReadyMs } from '../../plan/defaults.ts';
import type { KnownFailuresRequest } from '../../plan/known-failures-files.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import type { CommandContext } from '../command-context.ts';
import { addLoopOptions, type LoopOptions, type LoopRequest, takeLoop } from '../loop/loop-options.ts';
import * as groups from '../option-groups.ts';
import { flag, several, text } from '../option-values.ts';

/** Environment variables for tokens, because command lines are visible in process lists and build logs. */
export const tokenVariables = {
  bearer: 'MCP_GATEWAY_BEARER',
  otherBearer: 'MCP_GATEWAY_OTHER_BEARER',
  expiredBearer: 'MCP_GATEWAY_EXPIRED_BEARER',
  namesakeBearer: 'MCP_GATEWAY_NAMESAKE_BEARER',
  withdrawnBearer: 'MCP_GATEWAY_WITHDRAWN_BEARER',
} as const;

/** The criteria for selecting gateway cases. */
export interface GatewaySelection extends Pick<RunSettings, 'level' | 'contract' | 'era'> {
  /** Globs of suites. */
  readonly suites: readonly string[];
  readonly cases: readonly string[];
}

/** The parsed options of a run against a gateway. */
export interface CheckGatewayRequest
  extends KnownFailuresRequest,
    Pick<GatewayPlan, 'target' | 'facilities' | 'bail' | 'caseTimeoutMs' | 'readyTimeoutMs'>,
    GatewaySelection {
  readonly failOnSkip: boolean;
  /** Number of times to run each case. Default: 1. */
  readonly repeat?: number;
  readonly output: groups.OutputRequest;
  readonly loop: LoopRequest;
  /** The options for the target and the callers as given, without tokens, for rerun commands. */
  readonly written: readonly string[];
}

/** The parsed command line of `check-gateway`. */
export type CheckGatewayInvocation =
  | { readonly kind: 'run'; readonly request: CheckGatewayRequest }
  | { readonly kind: 'list'; readonly selection: GatewaySelection }
  | { readonly kind: 'explain'; readonly subject: string };

interface Options
  extends Partial<GatewaySelection>,
    Partial<Pick<CheckGatewayRequest, 'failOnSkip' | 'bail' | 'readyTimeoutMs'>>,
    Pick<CheckGatewayRequest, 'knownFailures' | 'writeKnownFailures' | 'caseTimeoutMs' | 'repeat'>,
    LoopOptions,
    Partial<Record<keyof typeof tokenVariables, string>>,
    groups.OutputOptions {
  readonly url?: string;
  readonly socket?: string;
  readonly command?: string;
  readonly env?: readonly string[];
  readonly envInherit?: readonly string[];
  readonly header?: readonly string[];
  readonly identity?: string;
  readonly otherIdentity?: string;
  readonly fallback?: boolean;
  readonly list?: true;
  readonly explain?: string;
}

/** Declares the command `check-gateway`. */
export function declareCheckGateway(
  command: CliCommand,
  handle: (invocation: CheckGatewayInvocation) => Promise<void>,
  environment: CommandContext['environment'],
): void {
  command
    .description(
      'Checks a gateway: plays the runtime on a socket, sends HTTP requests to the gateway, and compares calls ' +
        'and responses with the gateway chapter of the contract.',
    )
    .usage(
      '--url URL --socket PATH [options]\n' +
        '   or: mcp-runtime-conformance check-gateway --command CMD [options] [-- ARGS]',
    )
    .takesTargetArguments();
  command.addGroup(
    'Gateway:',
    text('--url <url>', 'URL of a running gateway, such as http://127.0.0.1:8080'),
    text('--socket <path>', 'socket of its runtime, on which the kit listens'),
    text(
      '--command <command>',
      'command that starts the gateway; the kit fills in {socket}, {listen}, {port} and {url}',
    ),
  );
  for (const each of [startFlags[0], inheritFlag]) groups.addFlag(command, each);
  command.addGroup(
    'Callers:',
    several('--header <name: value>', 'header field that authenticates a caller; repeatable'),
    text('--bearer <token>', `token of a caller (or set ${tokenVariables.bearer})`),
    text('--identity <json>', 'expected claims of this caller at the runtime, or @FILE'),
    text('--other-bearer <token>', `token of a second caller (or set ${tokenVariables.otherBearer})`),
    text('--other-identity <json>', 'expected claims of the second caller, or @FILE'),
    text('--expired-bearer <token>', `expired token (or set ${tokenVariables.expiredBearer})`),
    text(
      '--namesake-bearer <token>',
      `token of another issuer or subject with the same email (or set ${tokenVariables.namesakeBearer})`,
    ),
    text(
      '--withdrawn-bearer <token>',
      `token whose key was withdrawn (or set ${tokenVariables.withdrawnBearer})`,
    ),
    flag('--fallback', 'the gateway sends requests that are not for the runtime to a fallback'),
  );
  groups.addLevelOption(command);
  command.addOption(groups.contractOption('the newest'));
  command.addOption(groups.eraOption('both'));
  groups.addCaseOptions(command);
  command
    .option('--list', 'list the cases with their clauses, without a run')
    .addOption(text('--explain <id>', 'show a case, clause or suite in full, without a run'));
  groups.addJudgingOptions(command);
  groups.addTimeOptions(command, 'time limit of every case (default: set by the case)');
  addLoopOptions(command);
  groups.addOutputOptions(command, 'print every case with its wire events');
  command
    .addHelpText(
      'after',
      '\nExit code: 0 conformant, 1 not conformant, 2 invalid usage or fixtures,\n3 the gateway could not be tested.',
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
  const [output, more] = groups.takeOutput(given);
  const [loop, options] = takeLoop(more);
  const { level = 'strict', contract, era, suites = [], cases = [] } = options;
  const selection: GatewaySelection = { level, contract, era, suites, cases };
  if (explain !== undefined) return { kind: 'explain', subject: explain };
  if (list && loop.failed) throw new UsageError('--list and --failed exclude each other');
  if (list) return { kind: 'list', selection };
  const token = (name: keyof typeof tokenVariables): string | undefined => {
    const value = options[name] ?? (environment[tokenVariables[name]] || undefined);
    return value === undefined ? undefined : checkedToken(value, tokenVariables[name]);
  };
  const bearer = token('bearer');
  const otherBearer = token('otherBearer');
  const { identity, otherIdentity, knownFailures, writeKnownFailures, header = [] } = options;
  if (identity !== undefined && bearer === undefined && header.length === 0) {
    throw new UsageError('--identity requires --bearer or --header');
  }
  if (otherIdentity !== undefined && otherBearer === undefined) {
    throw new UsageError('--other-identity requires --other-bearer');
  }
  const { failOnSkip = false, bail, caseTimeoutMs, readyTimeoutMs = defaultReadyMs } = options;
  const request: CheckGatewayRequest = {
    target: targetOf(options, args),
    facilities: {
      fields: header.map(readHeader),
      bearer,
      otherBearer,
      expiredBearer: token('expiredBearer'),
      namesakeBearer: token('namesakeBearer'),
      withdrawnBearer: token('withdrawnBearer'),
      identity: await readClaims('--identity', identity),
      otherIdentity: await readClaims('--other-identity', otherIdentity),
      hasFallback: options.fallback ?? false,
    },
    ...selection,
    ...{ knownFailures, writeKnownFailures, failOnSkip, bail, caseTimeoutMs, readyTimeoutMs },
    repeat: options.repeat,
    output,
    loop,
    written: writtenWords(options),
  };
  return { kind: 'run', request };
}

function targetOf(
  options: Pick<Options, 'url' | 'socket' | 'command' | 'env' | 'envInherit'>,
  args: readonly string[],
): GatewayTarget {
  const url = options.url === undefined ? undefined : readOrigin(options.url);
  const { command, socket, env = [], envInherit: inherit = [] } = options;
  if (socket !== undefined) checkSocketPath(socket);
  if (command !== undefined) {
    return { kind: 'command', command, args, env, inherit, url, socketPath: socket };
  }
  if (env.length > 0) throw new UsageError('--env requires --command');
  if (inherit.length > 0) throw new UsageError('--env-inherit requires --command');
  if (args.length > 0) throw new UsageError('arguments after -- require --command');
  if (url === undefined || socket === undefined) {
    throw new UsageError(
      'specify the gateway: --url and --socket for a running one, or --command for one that the kit starts',
    );
  }
  return { kind: 'url', url, socketPath: socket };
}

function checkSocketPath(socket: string): void {
  const length = Buffer.byteLength(resolve(socket));
  if (length > maxSocketPathBytes) {
    throw new UsageError(
      `--socket ${socket}: the absolute path has ${length} bytes, over the system limit of ${maxSocketPathBytes}`,
    );
  }
}

function readOrigin(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`--url must be a URL such as http://127.0.0.1:8080, not ${value}`);
  }
  if (!/^\/(mcp)?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new UsageError(`--url must not have a path: use ${url.origin}, not ${value}`);
  }
  return new URL(url.origin);
}

function readHeader(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*$/.test(line)) {
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }
  throw new UsageError(`--header must be a header field such as "x-api-key: 1", not ${line.split(':')[0]}…`);
}

/** Checks that a header field can carry the token. RFC 6750 section 2.1 allows fewer characters than this check. */
function checkedToken(token: string, variable: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const flag = `--${variable.replace('MCP_GATEWAY_', '').replaceAll('_', '-').toLowerCase()}`;
  throw new UsageError(
    `${flag} (or ${variable}) contains a character that is invalid in a token: check for spaces and line ends`,
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
  throw new UsageError(`${flag} must be a JSON object such as {"email":"a@example.org"}, or @FILE`);
}

function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag} @${path}: ${whyUnreadable(error)}`);
  }
}

/** Renders options for reruns, without tokens and header values, because reports end up in build logs. */
function writtenWords(
  options: Omit<Options, keyof groups.OutputOptions | keyof LoopOptions>,
): readonly string[] {
  const { url, socket, command, identity, otherIdentity, fallback, header = [], env = [] } = options;
  const { envInherit = [] } = options;
  const { contract, era, caseTimeoutMs, repeat = 1 } = options;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    ...option('--url', url),
    ...option('--socket', socket),
    ...option('--command', command),
    ...env.flatMap((each) => ['--env', startFlags[0].shown(each)]),
    ...envInherit.flatMap((name) => ['--env-inherit', name]),
    ...header.flatMap((line) => ['--header', `${line.split(':')[0]}: …`]),
    ...option('--identity', identity),
    ...option('--other-identity', otherIdentity),
    ...(fallback ? ['--fallback'] : []),
    ...option('--contract', contract),
    ...option('--era', era),
    ...(caseTimeoutMs ? ['--timeout', `${caseTimeoutMs / 1_000}`] : []),
    ...(repeat === 1 ? [] : ['--repeat', `${repeat}`]),
  ];
}
