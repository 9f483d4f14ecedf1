import { kindOf } from '../../runners/kinds.ts';
import { RunnerError } from '../../runners/runner.ts';
import { type LoadedSuite, loadSuite } from '../load/load-suite.ts';
import { defaultTogether } from './defaults.ts';
import { makeRunPlan, type RunPlan } from './run-plan.ts';
import { checkCapabilities, type Selection, selectCases } from './select-cases.ts';
import type { NamedTarget } from './target.ts';
import { chooseTargets, findConfig, withKnownFailures } from './targets.ts';
import { UsageError } from './usage-error.ts';

/** Runs of the same cases on several targets, as they are asked for. What is absent is up to the configuration. */
export interface MatrixRequest extends Partial<Selection> {
  /** `NAME=KIND:VALUE`, or names of configured targets. Default: all configured ones. */
  readonly targets?: readonly string[];
  /** A configuration file. Default: the one of the working folder, where it is. */
  readonly config?: string;
  /** `NAME=FILE`: failures of a target that do not count. */
  readonly knownFailures?: readonly string[];
  /** A case that cannot be checked counts as a failure. */
  readonly failOnSkip?: boolean;
  /** Takes the place of the default deadline of cases, in seconds. */
  readonly timeout?: number;
  /** Seconds until a target is ready. Default: 30. */
  readonly readyTimeout?: number;
  /** Cases side by side on one target. Default: 16. */
  readonly concurrency?: number;
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
  const config = await findConfig(request.config, folder);
  const chosen = chooseTargets(request.targets ?? [], config.targets);
  const targets = withKnownFailures(chosen.length > 0 ? chosen : fallback, request.knownFailures ?? []);
  const selection: Selection = {
    level: request.level ?? config.level ?? 'strict',
    capabilities: [...new Set(request.capabilities ?? config.capabilities ?? [])],
    suites: request.suites ?? [],
    cases: request.cases ?? [],
    fixtures: request.fixtures ?? config.fixtures,
  };
  const timeout = request.timeout ?? config.timeout;
  const readyTimeout = request.readyTimeout ?? config.readyTimeout;
  const suite = await loadSuite(selection.fixtures);
  checkCapabilities(selection.capabilities, suite.cases);
  const planned: PlannedTarget[] = [];
  for (const named of targets) {
    checkTargetOptions(named);
    const capabilities = [...new Set([...selection.capabilities, ...(named.capabilities ?? [])])];
    const plan = await makeRunPlan(
      {
        target: named.target,
        selection: { ...selection, capabilities },
        knownFailures: named.knownFailures,
        failOnSkip: request.failOnSkip ?? config.failOnSkip,
        caseTimeoutMs: timeout && timeout * 1_000,
        readyTimeoutMs: readyTimeout && readyTimeout * 1_000,
        concurrency: request.concurrency ?? config.concurrency,
        // The answers of those that pass are what the others are held next to.
        keepWire: true,
      },
      suite,
    );
    planned.push({ ...named, plan });
  }
  return {
    suite,
    cases: selectCases(suite.cases, selection),
    targets: planned,
    level: selection.level,
    together: request.together ?? config.together ?? defaultTogether,
  };
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
