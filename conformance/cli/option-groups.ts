import { defaultTarget, type Target, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag } from '../../runners/target-kind.ts';
import { eraChoices } from '../case/era.ts';
import { contractReleases } from '../case/release.ts';
import { transportChoices } from '../case/transport.ts';
import { defaultConcurrency } from '../engine/options.ts';
import { formatNames } from '../formats/index.ts';
import type { ReportRequest } from '../formats/publish.ts';
import { parseShard } from '../plan/shard.ts';
import { flagsOfTargets, namingFlags, readTarget } from '../plan/target.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';
import type { CliCommand } from './cli-command.ts';
import { choice, flag, optionalWhole, seconds, several, text, whole } from './option-values.ts';
import { parseReports } from './report-request.ts';

/** Adds the flags that select a target. */
export function addTargetFlags(command: CliCommand, title: string): void {
  command.takesTargetArguments().optionsGroup(title);
  for (const { flag } of targetKinds) addFlag(command, flag);
}

/**
 * Adds the start options of targets, grouped by the kinds that support them. Skips options that the command already
 * has.
 */
export function addStartFlags(command: CliCommand): void {
  const taken = new Set(command.options.map((option) => option.name()));
  for (const [flag, kinds] of flagsOfTargets()) {
    if (taken.has(flag.name)) continue;
    command.optionsGroup(`With ${namingFlags(kinds)}:`);
    addFlag(command, flag);
  }
}

/** Adds the flag of a target. */
export function addFlag(command: CliCommand, flag: TargetFlag): void {
  const { name, placeholder, description, takes, omitted } = flag;
  const flags = `--${name} ${omitted === undefined ? `<${placeholder}>` : `[${placeholder}]`}`;
  if (omitted !== undefined) command.addOption(several(flags, description).preset(omitted));
  else if (takes === 'list') command.addOption(several(flags, description));
  else command.addOption(takes ? choice(flags, description, takes) : text(flags, description));
}

/**
 * Splits a command's options into the target that its flags select and the other options.
 * @throws UsageError
 */
export function takeTarget<Options>(command: CliCommand): readonly [target: Target, options: Options] {
  const flags = new Set(
    [...targetKinds.map(({ flag }) => flag), ...flagsOfTargets().keys()].map(({ name }) => name),
  );
  const options: Record<string, unknown> = { ...command.opts() };
  const values: Record<string, unknown> = {};
  for (const option of command.options.filter((one) => flags.has(one.name()))) {
    values[option.name()] = options[option.attributeName()];
    delete options[option.attributeName()];
  }
  return [readTarget(values, command.targetArguments, defaultTarget), options as Options];
}

/** Adds the options that select cases: the members of a `Selection`. */
export function addSelectionOptions(command: CliCommand): void {
  addLevelOption(command);
  command.addGroup(
    'Selection:',
    contractOption(),
    eraOption(),
    transportOption(),
    several('--capability <name>', 'require this capability; repeatable', 'capabilities'),
  );
  addCaseOptions(command);
  command.addOption(text('--fixtures <folder>', 'use the cases in this folder instead of the built-in ones'));
}

/** Adds the option `level`. */
export function addLevelOption(command: CliCommand): void {
  const levels = ['core', 'strict'];
  command.addGroup(
    'Selection:',
    choice('--level <level>', 'level to check against (default: strict)', levels),
  );
}

/** Makes the option `contract`. */
export const contractOption = (fallback = 'the one that the target declares') =>
  choice('--contract <release>', `release of the contract to check against (default: ${fallback})`, [
    ...contractReleases,
  ]);

/** Makes the option `transport`. Earlier versions had another option of that name, so its values get a hint. */
export const transportOption = () => {
  const option = choice(
    '--transport <protocol>',
    'protocol of the socket: gRPC, HTTP/1.1, or both, one after the other (default: grpc)',
    transportChoices,
  );
  const read = option.parseArg;
  return option.argParser((value: string, previous: unknown) => {
    if (['auto', 'bind', 'relay'].includes(value)) {
      throw new UsageError(
        `--transport ${value}: write --socket-access ${value}; --transport chooses ${listed(transportChoices)}`,
      );
    }
    return read?.(value, previous);
  });
};

/** Makes the option `era`. */
export const eraOption = (fallback = 'those that the target declares') =>
  choice('--era <era>', `eras of MCP to check: with sessions, without, or both (default: ${fallback})`, [
    ...eraChoices,
  ]);

/** Adds the options that filter cases. */
export function addCaseOptions(command: CliCommand): void {
  command.addGroup(
    'Selection:',
    several('--suite <glob>', 'only matching suites; repeatable', 'suites'),
    several('--case <glob>', 'only cases whose id or name matches; repeatable', 'cases'),
  );
}

/** Makes the option `shard`. */
export const shardOption = (what: string) =>
  text('--shard <index/number>', `only this part of ${what}, such as 2/5; see report merge`, parseShard);

/** Adds the options for the verdict on one target: `knownFailures`, `writeKnownFailures`, `failOnSkip`, `bail`. */
export function addJudgingOptions(command: CliCommand): void {
  command.addGroup(
    'Verdict:',
    text('--known-failures <file>', 'file of failures that do not count, with reasons'),
    text('--write-known-failures <file>', 'write the failures of this run to a known-failures file'),
    failOnSkip(),
    optionalWhole('--bail [number]', 'stop after this number of failed cases (default: 1)', {
      to: 1_000_000,
      omitted: 1,
    }),
  );
}

/** The option `failOnSkip`. */
export const failOnSkip = () => flag('--fail-on-skip', 'count skipped cases as failures');

/**
 * Adds the time limits of cases and of target starts: `caseTimeoutMs`, `readyTimeoutMs`.
 * @param cases description of the time limit of cases
 */
export function addTimeOptions(
  command: CliCommand,
  cases = 'per-case time limit; the largest cases get 3x (default: 20)',
): void {
  const timeout = seconds('--timeout <seconds>', cases, 'caseTimeoutMs');
  command.addGroup('Execution:', timeout, readyTimeout('time limit until a target is ready'));
}

/** Makes the option `readyTimeoutMs`. */
export const readyTimeout = (description: string) =>
  seconds('--ready-timeout <seconds>', `${description} (default: 30)`, 'readyTimeoutMs');

/** Makes the option `concurrency`. */
export const concurrency = () =>
  whole('--concurrency <number>', `concurrent cases per target (default: ${defaultConcurrency})`, 256);

/** The values of the options that `addOutputOptions` adds. */
export interface OutputOptions {
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly open?: boolean;
  readonly report?: readonly string[];
  /** False with `--no-color`, otherwise true. */
  readonly color: boolean;
}

/** The output options of a command. */
export interface OutputRequest {
  readonly verbose: boolean;
  /** Whether to print only the verdict and the reasons for it. */
  readonly quiet: boolean;
  /** Whether to open the HTML report. */
  readonly open: boolean;
  readonly reports: readonly ReportRequest[];
  /** False with `--no-color`, otherwise undefined. */
  readonly colour: boolean | undefined;
}

/** @param verbose description of `--verbose` */
export function addOutputOptions(command: CliCommand, verbose: string): void {
  const quiet = flag('--quiet', 'print only the verdict and the reasons for it');
  command.addGroup('Output:', flag('--verbose', verbose), quiet);
  addReportOptions(command);
}

/** Adds the output options of a command without `--verbose` and `--quiet`. */
export function addReportOptions(command: CliCommand, formats = formatNames): void {
  const report = several('--report <kind=file,...>', `also write a ${listed(formats)} report; repeatable`);
  const open = flag('--open', 'open the html report, in a temporary file without --report html=FILE');
  command.addGroup('Output:', report, open, colourOption());
}

/** Makes the option `--no-color`. */
export const colourOption = () => flag('--no-color', 'disable colours (also: NO_COLOR, FORCE_COLOR)');

/**
 * Splits options into the output options and the others.
 * @throws UsageError for an invalid report request, or for `--verbose` with `--quiet`
 */
export function takeOutput<O extends OutputOptions & { readonly writeKnownFailures?: string }>({
  verbose = false,
  quiet = false,
  open = false,
  report = [],
  color,
  ...rest
}: O): readonly [output: OutputRequest, rest: Omit<O, keyof OutputOptions>] {
  if (verbose && quiet) throw new UsageError('--verbose and --quiet exclude each other');
  const reports = parseReports(report, rest.writeKnownFailures);
  return [{ verbose, quiet, open, reports, colour: color ? undefined : false }, rest];
}
