import { defaultTarget, type Target, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag } from '../../runners/target-kind.ts';
import { defaultConcurrency } from '../engine/options.ts';
import type { Selection } from '../plan/select-cases.ts';
import { flagsOfTargets, namingFlags, readTarget } from '../plan/target.ts';
import type { CliCommand } from './cli-command.ts';
import { choice, seconds, several, text, whole } from './option-values.ts';
import { parseReports, type ReportRequest } from './report-request.ts';

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

/** The target that the flags of `addTargetFlags` and `addStartFlags` name. @throws UsageError */
export function targetOfOptions(command: CliCommand, own: readonly string[] = []): Target {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const values = command.options
    .filter((option) => !own.includes(option.name()))
    .map((option) => [option.name(), options[option.attributeName()]]);
  return readTarget(Object.fromEntries(values), command.targetArguments, defaultTarget);
}

/** What `addSelectionOptions` leaves. */
export interface SelectionOptions {
  readonly level?: 'core' | 'strict';
  readonly capability?: readonly string[];
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly fixtures?: string;
}

/** @param whom the target or targets, in a sentence */
export function addSelectionOptions(command: CliCommand, whom: 'it' | 'them'): void {
  command
    .optionsGroup('What is checked:')
    .addOption(
      choice('--level <level>', `the level to hold ${whom} to (default: strict)`, ['core', 'strict']),
    )
    .addOption(several('--capability <name>', 'a capability that has to be declared; several'));
  addCaseOptions(command);
  command.addOption(text('--fixtures <folder>', "cases from this folder in place of the kit's own"));
}

/** Adds the options that choose among cases. */
export function addCaseOptions(command: CliCommand): void {
  command
    .optionsGroup('What is checked:')
    .addOption(several('--suite <glob>', 'only these suites; several'))
    .addOption(several('--case <glob>', 'only these cases, by id or by name; several'));
}

/** The selection that the options mean; what they leave open is absent. */
export function selectionOf(options: SelectionOptions): Partial<Selection> {
  const { level, capability, suite: suites, case: cases, fixtures } = options;
  return { level, capabilities: capability && [...new Set(capability)], suites, cases, fixtures };
}

/** What `addJudgingOptions` leaves. */
export interface JudgingOptions {
  readonly knownFailures?: string;
  readonly writeKnownFailures?: string;
  readonly failOnSkip?: true;
  readonly bail?: true;
}

/** Adds the options about the verdict on one target. */
export function addJudgingOptions(command: CliCommand): void {
  command
    .optionsGroup('How it is judged:')
    .addOption(text('--known-failures <file>', 'failures that do not count, each with a reason'))
    .addOption(text('--write-known-failures <file>', 'write what fails now as such a file'));
  addFailOnSkip(command);
  command.option('--bail', 'stop after the first failure');
}

/** Adds `--fail-on-skip`. */
export function addFailOnSkip(command: CliCommand): void {
  command.option('--fail-on-skip', 'a case that cannot be checked counts as a failure');
}

/** What `addTimeOptions` and `addConcurrency` leave. */
export interface TimeOptions {
  readonly timeout?: number;
  readonly readyTimeout?: number;
  readonly concurrency?: number;
}

/**
 * Adds the limits of cases and of a start.
 * @param cases what the limit of cases means
 */
export function addTimeOptions(
  command: CliCommand,
  cases = 'limit of a case, 3x that for the largest (default: 20)',
) {
  command.optionsGroup('Time:').addOption(seconds('--timeout <seconds>', cases));
  addReadyTimeout(command, 'limit until a target is ready');
}

/** Adds `--ready-timeout`. */
export function addReadyTimeout(command: CliCommand, description: string): void {
  command.addOption(seconds('--ready-timeout <seconds>', `${description} (default: 30)`));
}

/** Adds `--concurrency`. */
export function addConcurrency(command: CliCommand): void {
  const description = `cases side by side on one target (default: ${defaultConcurrency})`;
  command.addOption(whole('--concurrency <number>', description, 256));
}

/** The limits in milliseconds, as a run takes them. */
export function limitsOf({ timeout, readyTimeout }: TimeOptions) {
  return { caseTimeoutMs: timeout && timeout * 1_000, readyTimeoutMs: readyTimeout && readyTimeout * 1_000 };
}

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
  command
    .optionsGroup('Output:')
    .option('--verbose', verbose)
    .addOption(several('--report <kind=file,...>', 'also write json, junit or markdown; several'));
  addColourOption(command);
}

/** Adds `--no-color`. */
export function addColourOption(command: CliCommand): void {
  command.option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are heeded too)');
}

/** @throws UsageError for a report that cannot be meant */
export function outputOf({ verbose = false, report = [], color }: OutputOptions): OutputRequest {
  return { verbose, reports: parseReports(report), colour: color ? undefined : false };
}
