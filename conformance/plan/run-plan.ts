import type { Target } from '../../runners/kinds.ts';
import { defaultConcurrency } from '../engine/options.ts';
import type { RunSettings } from '../engine/result.ts';
import { type LoadedSuite, loadSuite } from '../load/load-suite.ts';
import { defaultReadyMs } from './defaults.ts';
import {
  type KnownFailuresInput,
  type KnownFailuresRequest,
  readKnownFailuresFiles,
} from './known-failures-files.ts';
import { checkCapabilities, type Selection, selectCases } from './select-cases.ts';

/** How cases are chosen and run, on whatever target; absent where the default will do. */
export interface RunLimits extends Partial<Selection> {
  /** A case that cannot be checked counts as a failure. */
  readonly failOnSkip?: boolean;
  /** Takes the place of the default deadline of cases; see `RunOptions`. */
  readonly caseTimeoutMs?: number;
  /** How long the target may take until it is ready. Default: 30 000. */
  readonly readyTimeoutMs?: number;
  /** Cases side by side. Default: 16. */
  readonly concurrency?: number;
}

/** A run as it is asked for. Default: every case, at level strict. */
export interface RunRequest extends RunLimits, KnownFailuresRequest {
  readonly target: Target;
  /** Stop after the first failure. */
  readonly bail?: boolean;
  /** Keep the wire events of passing cases too. */
  readonly keepWire?: boolean;
}

/** A run with everything that had to be found out before it. */
export interface RunPlan {
  readonly request: RunRequest;
  readonly suite: LoadedSuite;
  /** The selected cases. */
  readonly cases: LoadedSuite['cases'];
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
  readonly readyTimeoutMs: number;
  readonly concurrency: number;
}

/**
 * Loads and selects the cases of a run, and reads its files of known failures. Mistakes in what was asked for show
 * here, before a target is started.
 * @param suite Default: the cases that the selection names
 * @throws UsageError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function makeRunPlan(request: RunRequest, suite?: LoadedSuite): Promise<RunPlan> {
  const { level = 'strict', suites = [], cases = [], fixtures } = request;
  const capabilities = [...new Set(request.capabilities)];
  const loaded = suite ?? (await loadSuite(fixtures));
  checkCapabilities(capabilities, loaded.cases);
  return {
    request,
    suite: loaded,
    cases: selectCases(loaded.cases, request),
    settings: {
      level,
      capabilities,
      // Cases of somebody's own say nothing about the level either.
      narrowed: suites.length > 0 || cases.length > 0 || fixtures !== undefined,
      failOnSkip: request.failOnSkip ?? false,
    },
    failures: await readKnownFailuresFiles(request, new Set(loaded.cases.map(({ id }) => id))),
    readyTimeoutMs: request.readyTimeoutMs ?? defaultReadyMs,
    concurrency: request.concurrency ?? defaultConcurrency,
  };
}
