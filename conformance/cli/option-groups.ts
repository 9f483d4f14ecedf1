import { defaultTarget, type Target, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag } from '../../runners/target-kind.ts';
import { defaultConcurrency } from '../engine/options.ts';
import { formatNames } from '../formats/index.ts';
import type { ReportRequest } from '../formats/publish.ts';
import { flagsOfTargets, namingFlags, readTarget } from '../plan/target.ts';
import { listed } from '../text/text.ts';
import type { CliCommand } from './cli-command.ts';
import { choice, flag, seconds, several, text, whole } from './option-values.ts';
import { parseReports } from './report-request.ts';

/** Adds the flags that name a target. */
export function addTargetFlags(command: CliCommand, title: string): void {
  command.takesTargetArguments().optionsGroup(title);
  for (const { flag } of targetKinds) addFlag(command, flag);
}

/** Adds the flags that say how a target is started, by the kinds they go with; flags that the command has already aside. */
export function addStartFlags(command: CliCommand): void {
  const taken = new Set(command.options.map((option) => option.name()));
  for (const [flag, kinds] of flagsOfTargets()) {
    if (taken.has(flag.name)) continue;
    command.optionsGroup(`With ${namingFlags(kinds)}:`);
    addFlag(command, flag);
  }
}

function addFlag(command: CliCommand, { name, placeholder, description, takes }: TargetFlag): void {
  const flags = `--${name} <${placeholder}>`;
  if (takes === 'list') command.addOption(several(flags, description));
  else command.addOption(takes ? choice(flags, description, takes) : text(flags, description));
}

/**
 * Parts a command's options into the target that its flags name, and the rest.
 * @param own flags that are the command's own, although targets have one of that name
 * @throws UsageError
 */
export function takeTarget<Options>(
  command: CliCommand,
  own: readonly string[] = [],
): readonly [target: Target, options: Options] {
  const flags = new Set(
    [...targetKinds.map(({ flag }) => flag), ...flagsOfTargets().keys()]
      .map(({ name }) => name)
      .filter((name) => !own.includes(name)),
  );
  const options: Record<string, unknown> = { ...command.opts() };
  const values: Record<string, unknown> = {};
  for (const option of command.options.filter((one) => flags.has(one.name()))) {
    values[option.name()] = options[option.attributeName()];
    delete options[option.attributeName()];
  }
  return [readTarget(values, command.targetArguments, defaultTarget), options as Options];
}

/**
 * Adds the options that choose cases: the members of a `Selection`.
 * @param whom the target or targets, in a sentence
 */
export function addSelectionOptions(command: CliCommand, whom: 'it' | 'them'): void {
  command.addGroup(
    'What is checked:',
    choice('--level <level>', `the level to hold ${whom} to (default: strict)`, ['core', 'strict']),
    several('--capability <name>', 'a capability that has to be declared; several', 'capabilities'),
  );
  addCaseOptions(command);
  command.addOption(text('--fixtures <folder>', "cases from this folder in place of the kit's own"));
}

/** Adds the options that choose among cases. */
export function addCaseOptions(command: CliCommand): void {
  command.addGroup(
    'What is checked:',
    several('--suite <glob>', 'only these suites; several', 'suites'),
    several('--case <glob>', 'only these cases, by id or by name; several', 'cases'),
  );
}

/** Adds the options about the verdict on one target: `knownFailures`, `writeKnownFailures`, `failOnSkip`, `bail`. */
export function addJudgingOptions(command: CliCommand): void {
  command.addGroup(
    'How it is judged:',
    text('--known-failures <file>', 'failures that do not count, each with a reason'),
    text('--write-known-failures <file>', 'write what fails now as such a file'),
    failOnSkip(),
    flag('--bail', 'stop after the first failure'),
  );
}

/** The option `failOnSkip`. */
export const failOnSkip = () => flag('--fail-on-skip', 'a case that cannot be checked counts as a failure');

/**
 * Adds the limits of cases and of a start: `caseTimeoutMs`, `readyTimeoutMs`.
 * @param cases what the limit of cases means
 */
export function addTimeOptions(
  command: CliCommand,
  cases = 'limit of a case, 3x that for the largest (default: 20)',
): void {
  const timeout = seconds('--timeout <seconds>', cases, 'caseTimeoutMs');
  command.addGroup('Time:', timeout, readyTimeout('limit until a target is ready'));
}

/** The option `readyTimeoutMs`. */
export const readyTimeout = (description: string) =>
  seconds('--ready-timeout <seconds>', `${description} (default: 30)`, 'readyTimeoutMs');

/** The option `concurrency`. */
export const concurrency = () =>
  whole('--concurrency <number>', `cases side by side on one target (default: ${defaultConcurrency})`, 256);

/** What `addOutputOptions` leaves. */
export interface OutputOptions {
  readonly verbose?: boolean;
  readonly report?: readonly string[];
  /** False with `--no-color`, true where nothing was said. */
  readonly color: boolean;
}

/** What a command shows and writes. */
export interface OutputRequest {
  readonly verbose: boolean;
  readonly reports: readonly ReportRequest[];
  /** False with `--no-color`; undefined where nothing was said. */
  readonly colour: boolean | undefined;
}

/** @param verbose what `--verbose` shows */
export function addOutputOptions(command: CliCommand, verbose: string): void {
  const report = several('--report <kind=file,...>', `also write ${listed(formatNames)}; several`);
  command.addGroup('Output:', flag('--verbose', verbose), report, colourOption());
}

/** The option `--no-color`. */
export const colourOption = () => flag('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are heeded too)');

/**
 * Parts options into those about the output, and the rest.
 * @throws UsageError for a report that cannot be meant
 */
export function takeOutput<O extends OutputOptions & { readonly writeKnownFailures?: string }>({
  verbose = false,
  report = [],
  color,
  ...rest
}: O): readonly [output: OutputRequest, rest: Omit<O, keyof OutputOptions>] {
  const reports = parseReports(report, rest.writeKnownFailures);
  return [{ verbose, reports, colour: color ? undefined : false }, rest];
}
