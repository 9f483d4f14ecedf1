import { checkWritable } from '../../../base/write-file.ts';
import { splitCommand } from '../../../runners/command/split-command.ts';
import { RunnerError } from '../../../runners/runner.ts';
import { defaultConcurrency } from '../../engine/options.ts';
import { type LoadedSuite, loadSuite } from '../../load/load-suite.ts';
import { nearest } from '../../load/nearest.ts';
import type { Configuration } from '../../plan/config-file.ts';
import { type KnownFailuresInput, readKnownFailuresFiles } from '../../plan/known-failures-files.ts';
import type { Selection } from '../../plan/select-cases.ts';
import { checkCapabilities, selectCases } from '../../plan/select-cases.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { listed } from '../../text/text.ts';
import type { RunRequest } from '../options.ts';
import { parseReports, type ReportRequest } from '../report-request.ts';
import { defaultTogether, type WrittenTargetOptions } from './command-line.ts';
import { parseTarget } from './target-value.ts';
import { chooseTargets, findConfig, type NamedTarget } from './targets.ts';

/** Everything that had to be found out before targets are started. */
export interface MatrixPlan {
  readonly suite: LoadedSuite;
  readonly cases: LoadedSuite['cases'];
  readonly targets: readonly PlannedTarget[];
  readonly level: 'core' | 'strict';
  /** How many targets run side by side. */
  readonly together: number;
  readonly verbose: boolean;
  readonly reports: readonly ReportRequest[];
  readonly colour: boolean | undefined;
}

/** A target with the run that it will be held against. */
export interface PlannedTarget extends NamedTarget {
  readonly request: RunRequest;
  readonly failures: KnownFailuresInput;
}

export interface PlanContext {
  /** In which the configuration is looked for. Default: the working folder. */
  readonly folder?: string;
  /** The targets where neither command line nor configuration names one. Default: none. */
  readonly fallback?: readonly NamedTarget[];
}

/**
 * Puts the command line and the configuration together and checks all of it; the command line is stronger.
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function makeMatrixPlan(
  written: WrittenTargetOptions,
  { folder = process.cwd(), fallback = [] }: PlanContext = {},
): Promise<MatrixPlan> {
  const values = (written.target ?? []).map(parseTarget);
  const config = await findConfig(written.config, folder);
  const chosen = chooseTargets(values, config.targets);
  const targets = withKnownFailures(chosen.length > 0 ? chosen : fallback, written.knownFailures ?? []);
  const selection = selectionOf(written, config);
  const suite = await loadSuite(selection.fixtures);
  for (const { capabilities } of [selection, ...targets]) checkCapabilities(capabilities, suite.cases);
  const cases = selectCases(suite.cases, selection);
  const reports = parseReports(written.report ?? []);
  for (const { path } of reports) await checkWritable(path);
  const caseIds = new Set(suite.cases.map(({ id }) => id));
  const planned: PlannedTarget[] = [];
  for (const target of targets) {
    checkCommand(target);
    const request = requestOf(target, selection, { written, config });
    planned.push({ ...target, request, failures: await readKnownFailuresFiles(request, caseIds) });
  }
  return {
    suite,
    cases,
    targets: planned,
    level: selection.level,
    together: written.together ?? config.together ?? defaultTogether,
    verbose: written.verbose ?? false,
    reports,
    colour: written.color === false ? false : undefined,
  };
}

interface Sources {
  readonly written: WrittenTargetOptions;
  readonly config: Configuration;
}

function selectionOf(written: WrittenTargetOptions, config: Configuration): Selection {
  const fixtures = written.fixtures ?? config.fixtures;
  return {
    level: written.level ?? config.level ?? 'strict',
    capabilities: [...new Set(written.capability ?? config.capabilities ?? [])],
    suites: written.suite ?? [],
    cases: written.case ?? [],
    fixtures,
  };
}

function requestOf(
  { target, capabilities, knownFailures }: NamedTarget,
  selection: Selection,
  { written, config }: Sources,
): RunRequest {
  const timeout = written.timeout ?? config.timeoutSeconds;
  return {
    target,
    selection: { ...selection, capabilities: [...new Set([...selection.capabilities, ...capabilities])] },
    knownFailures,
    failOnSkip: written.failOnSkip ?? config.failOnSkip ?? false,
    bail: false,
    caseTimeoutMs: timeout && timeout * 1_000,
    readyTimeoutMs: (written.readyTimeout ?? config.readyTimeoutSeconds ?? 30) * 1_000,
    concurrency: written.concurrency ?? config.concurrency ?? defaultConcurrency,
    // The answers of those that pass are what the others are held next to.
    verbose: true,
    reports: [],
  };
}

/** What can be found wrong with a command without starting it is told before any target is started. */
function checkCommand({ name, target }: NamedTarget): void {
  if (target.kind !== 'command') return;
  try {
    splitCommand(target.command);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    throw new UsageError(`target ${name}: ${error.message} ${error.advice}`);
  }
}

function withKnownFailures(
  targets: readonly NamedTarget[],
  values: readonly string[],
): readonly NamedTarget[] {
  const files = new Map<string, string>();
  for (const value of values) {
    const [, name = '', file = ''] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
    if (file === '') {
      throw new UsageError(`--known-failures ${value}: write NAME=FILE, the target's name and its file`);
    }
    const names = targets.map((target) => target.name);
    if (!names.includes(name)) {
      const near = nearest(name, names);
      const hint = near === undefined ? `targets are ${listed(names)}` : `did you mean ${near}?`;
      throw new UsageError(`--known-failures ${value}: there is no target ${name}; ${hint}`);
    }
    if (files.has(name)) throw new UsageError(`--known-failures ${value}: ${name} has a file already`);
    files.set(name, file);
  }
  return targets.map((target) => {
    const knownFailures = files.get(target.name);
    return knownFailures === undefined ? target : { ...target, knownFailures };
  });
}
