import { withDefaults } from '../../base/with-defaults.ts';
import { kindOf } from '../../runners/kinds.ts';
import { RunnerError } from '../../runners/runner.ts';
import { type LoadedSuite, loadSuite } from '../load/load-suite.ts';
import type { Configuration } from './config-file.ts';
import { defaultTogether } from './defaults.ts';
import { makeRunPlan, type RunLimits, type RunPlan } from './run-plan.ts';
import { checkCapabilities, selectCases, withOnly } from './select-cases.ts';
import { dealTargets, type ShardChoice } from './shard.ts';
import type { NamedTarget } from './target.ts';
import { chooseTargets, findConfig, withKnownFailures } from './targets.ts';
import { UsageError } from './usage-error.ts';

/** A request to run the same cases on several targets. The configuration fills in missing settings. */
export interface MatrixRequest extends RunLimits {
  /** `NAME=KIND:VALUE`, or names of configured targets. Default: all configured targets. */
  readonly targets?: readonly string[];
  /** A configuration file. Default: the one in the working folder, if any. */
  readonly config?: string;
  /** `NAME=FILE`: a target and its file of known failures. */
  readonly knownFailures?: readonly string[];
  /** Number of targets that run concurrently. Default: half the number of cores. */
  readonly together?: number;
  /** The part of the targets and cases to run. Default: all of them. */
  readonly shard?: ShardChoice;
  /** Ids of the cases to run, among the selected ones. Default: all selected cases. */
  readonly only?: ReadonlySet<string>;
  /** Ids of the cases to begin before the others. */
  readonly first?: ReadonlySet<string>;
  /** Whether to gather what each case sends and receives, for an HTML report. */
  readonly keepEvidence?: boolean;
}

/** The plan of a matrix, complete before any target starts. */
export interface MatrixPlan {
  readonly suite: LoadedSuite;
  /** The selected cases. A target in a shard may run only some of them. */
  readonly cases: LoadedSuite['cases'];
  readonly targets: readonly PlannedTarget[];
  /** Set if the plan is a part of a matrix. */
  readonly shard?: PlannedShard;
  readonly level: 'core' | 'strict';
  /** Number of targets that run concurrently. */
  readonly together: number;
}

/** A part of a matrix. */
export interface PlannedShard extends ShardChoice {
  /** Names of the targets of the whole matrix, in their order. */
  readonly targets: readonly string[];
}

/** A target with the plan of its run. */
export interface PlannedTarget extends NamedTarget {
  readonly plan: RunPlan;
}

/** Inputs of a matrix plan in addition to the request. */
export interface PlanContext {
  /** The folder to search for the configuration. Default: the working folder. */
  readonly folder?: string;
  /** The targets if neither the request nor the configuration names any. Default: none. */
  readonly fallback?: readonly NamedTarget[];
}

/**
 * Merges and checks the request and the configuration. The request takes precedence.
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function makeMatrixPlan(
  request: MatrixRequest,
  { folder = process.cwd(), fallback = [] }: PlanContext = {},
): Promise<MatrixPlan> {
  const {
    targets: values = [],
    config: path,
    knownFailures: files = [],
    only,
    first,
    keepEvidence,
    ...more
  } = request;
  const { shard = { index: 1, of: 1 }, ...given } = more;
  const { targets: configured, ...config } = await findConfig(path, folder);
  const chosen = chooseTargets(values, configured);
  const targets = withKnownFailures(chosen.length > 0 ? chosen : fallback, files);
  const { together = defaultTogether, ...limits } = withDefaults<Omit<Configuration, 'targets'>>(
    config,
    given,
  );
  const suite = await loadSuite(limits.fixtures);
  checkCapabilities(limits.capabilities ?? [], suite.cases);
  const cases = withOnly(selectCases(suite.cases, limits), only);
  const planned: PlannedTarget[] = [];
  for (const named of targets) checkTargetOptions(named);
  for (const { target: named, part } of dealTargets(targets, cases.length, shard)) {
    const { target, knownFailures, own = limits.own } = named;
    const capabilities = [...(limits.capabilities ?? []), ...(named.capabilities ?? [])];
    // The responses in passing cases are kept, because they are compared between targets.
    const run = {
      ...limits,
      target,
      capabilities,
      knownFailures,
      own,
      only,
      first,
      shard: part,
      keepWire: true,
      keepEvidence,
    };
    planned.push({ ...named, plan: await makeRunPlan(run, suite) });
  }
  const names = targets.map(({ name }) => name);
  return {
    suite,
    cases,
    targets: planned,
    ...(shard.of > 1 && { shard: { ...shard, targets: names } }),
    level: limits.level ?? 'strict',
    together,
  };
}

/** Reports invalid options of a target before any target is started. */
function checkTargetOptions({ name, target }: NamedTarget): void {
  try {
    kindOf(target).check?.(target);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    throw new UsageError(`target ${name}: ${error.message} ${error.advice}`);
  }
}
