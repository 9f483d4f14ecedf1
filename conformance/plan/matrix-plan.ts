import { withDefaults } from '../../base/with-defaults.ts';
import { kindOf } from '../../runners/kinds.ts';
import { RunnerError } from '../../runners/runner.ts';
import { type LoadedSuite, loadSuite } from '../load/load-suite.ts';
import type { Configuration } from './config-file.ts';
import { defaultTogether } from './defaults.ts';
import { makeRunPlan, type RunLimits, type RunPlan } from './run-plan.ts';
import { checkCapabilities, selectCases } from './select-cases.ts';
import type { NamedTarget } from './target.ts';
import { chooseTargets, findConfig, withKnownFailures } from './targets.ts';
import { UsageError } from './usage-error.ts';

/** Runs of the same cases on several targets, as they are asked for. What is absent is up to the configuration. */
export interface MatrixRequest extends RunLimits {
  /** `NAME=KIND:VALUE`, or names of configured targets. Default: all configured ones. */
  readonly targets?: readonly string[];
  /** A configuration file. Default: the one of the working folder, where it is. */
  readonly config?: string;
  /** `NAME=FILE`: failures of a target that do not count. */
  readonly knownFailures?: readonly string[];
  /** Targets side by side. Default: half as many as there are cores. */
  readonly together?: number;
}

/** Everything that had to be found out before targets are started. */
export interface MatrixPlan {
  readonly suite: LoadedSuite;
  readonly cases: LoadedSuite['cases'];
  readonly targets: readonly PlannedTarget[];
  readonly level: 'core' | 'strict';
  /** How many targets run side by side. */
  readonly together: number;
}

/** A target with the run that it will be held against. */
export interface PlannedTarget extends NamedTarget {
  readonly plan: RunPlan;
}

/** What a plan of a matrix depends on besides the request. */
export interface PlanContext {
  /** In which the configuration is looked for. Default: the working folder. */
  readonly folder?: string;
  /** The targets where neither request nor configuration names one. Default: none. */
  readonly fallback?: readonly NamedTarget[];
}

/**
 * Puts the request and the configuration together and checks all of it; the request is stronger.
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function makeMatrixPlan(
  request: MatrixRequest,
  { folder = process.cwd(), fallback = [] }: PlanContext = {},
): Promise<MatrixPlan> {
  const { targets: values = [], config: path, knownFailures: files = [], ...given } = request;
  const { targets: configured, ...config } = await findConfig(path, folder);
  const chosen = chooseTargets(values, configured);
  const targets = withKnownFailures(chosen.length > 0 ? chosen : fallback, files);
  const { together = defaultTogether, ...limits } = withDefaults<Omit<Configuration, 'targets'>>(
    config,
    given,
  );
  const suite = await loadSuite(limits.fixtures);
  checkCapabilities(limits.capabilities ?? [], suite.cases);
  const planned: PlannedTarget[] = [];
  for (const named of targets) {
    checkTargetOptions(named);
    const { target, knownFailures } = named;
    const capabilities = [...(limits.capabilities ?? []), ...(named.capabilities ?? [])];
    // The answers of cases that pass are what those of other targets are held next to.
    const run = { ...limits, target, capabilities, knownFailures, keepWire: true };
    planned.push({ ...named, plan: await makeRunPlan(run, suite) });
  }
  const cases = selectCases(suite.cases, limits);
  return { suite, cases, targets: planned, level: limits.level ?? 'strict', together };
}

/** What can be found wrong with a target without starting it shows before any target is started. */
function checkTargetOptions({ name, target }: NamedTarget): void {
  try {
    kindOf(target).check?.(target);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    throw new UsageError(`target ${name}: ${error.message} ${error.advice}`);
  }
}
