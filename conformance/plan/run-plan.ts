import { describeTarget, kindOf, type Target } from '../../runners/kinds.ts';
import { type EraChoice, erasIn, modernCapability } from '../case/era.ts';
import type { ContractRelease } from '../case/release.ts';
import type { OwnItems } from '../case/roles.ts';
import { httpIdOf, splitHttpId } from '../case/transport.ts';
import { defaultConcurrency } from '../engine/options.ts';
import type { RunSettings } from '../engine/result.ts';
import { type LoadedSuite, loadSuite } from '../load/load-suite.ts';
import { defaultReadyMs } from './defaults.ts';
import {
  type KnownFailuresInput,
  type KnownFailuresRequest,
  readKnownFailuresFiles,
} from './known-failures-files.ts';
import { checkCapabilities, type Selection, selectCases, withOnly } from './select-cases.ts';
import { dealCases, type ShardChoice } from './shard.ts';
import { UsageError } from './usage-error.ts';

/** Options for selecting and running cases on any target. Missing options have their defaults. */
export interface RunLimits extends Partial<Selection> {
  /** The release of the contract to check against. Default: the one that the target declares. */
  readonly contract?: ContractRelease;
  /** The eras of MCP to check. Default: those that the target declares. */
  readonly era?: EraChoice;
  /** Whether a skipped case counts as a failure. */
  readonly failOnSkip?: boolean;
  /** Replaces the default time limit of cases; see `RunOptions`. */
  readonly caseTimeoutMs?: number;
  /** Time limit for the target to become ready, in milliseconds. Default: 30 000. */
  readonly readyTimeoutMs?: number;
  /** Number of cases that run concurrently. Default: 16. */
  readonly concurrency?: number;
  /** Number of times to run each case. Default: 1. */
  readonly repeat?: number;
  /** Items of the target's own, by the role that each plays in cases. */
  readonly own?: OwnItems;
}

/** A request to run cases on a target. Default: every case, at level strict. */
export interface RunRequest extends RunLimits, KnownFailuresRequest {
  readonly target: Target;
  /** Stop after this number of cases with failures that count. Default: never. */
  readonly bail?: number;
  /** Ids of the cases to run, among the selected ones. Default: all selected cases. */
  readonly only?: ReadonlySet<string>;
  /** Ids of the cases to begin before the others. */
  readonly first?: ReadonlySet<string>;
  /** The part of the selected cases to run. Default: all of them. */
  readonly shard?: ShardChoice;
  /** Whether to also keep the wire events of passing cases. */
  readonly keepWire?: boolean;
  /** Whether to gather what each case sends and receives, for an HTML report. */
  readonly keepEvidence?: boolean;
  /** The configuration file that `own` comes from, if the request named it. */
  readonly config?: string;
}

/** The plan of a run, complete before the target starts. */
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
 * Loads and selects the cases of a run, and reads its files of known failures. Throws for mistakes in the request,
 * before a target is started.
 * @param suite the loaded cases. Default: the cases in `request.fixtures`, or the kit's own
 * @throws UsageError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function makeRunPlan(request: RunRequest, suite?: LoadedSuite): Promise<RunPlan> {
  const { level = 'strict', suites = [], cases = [], fixtures, repeat = 1 } = request;
  const capabilities = requiredCapabilities(request);
  checkTransport(request);
  const loaded = suite ?? (await loadSuite(fixtures));
  checkCapabilities(request.capabilities ?? [], loaded.cases);
  const only = request.only && new Set([...request.only].map((id) => splitHttpId(id).id));
  const selected = withOnly(selectCases(loaded.cases, request), only);
  // The only shard is the whole.
  const shard = request.shard?.of === 1 ? undefined : request.shard;
  return {
    request,
    suite: loaded,
    cases: shard === undefined ? selected : dealCases(selected, shard),
    settings: {
      level,
      ...(request.contract && { contract: request.contract }),
      ...(request.era && { era: request.era }),
      ...(request.transport && request.transport !== 'grpc' && { transport: request.transport }),
      capabilities,
      // Cases from the user's own fixtures do not prove conformance at a level either.
      narrowed: suites.length > 0 || cases.length > 0 || fixtures !== undefined || request.only !== undefined,
      failOnSkip: request.failOnSkip ?? false,
      ...(repeat > 1 ? { repeat } : {}),
      ...(shard && { shard: { ...shard, total: selected.length } }),
    },
    failures: await readKnownFailuresFiles(
      request,
      new Set(loaded.cases.flatMap(({ id }) => [id, httpIdOf(id)])),
    ),
    readyTimeoutMs: request.readyTimeoutMs ?? defaultReadyMs,
    concurrency: request.concurrency ?? defaultConcurrency,
  };
}

/** @throws UsageError if the target or the request permits only one protocol */
function checkTransport({ target, transport, shard }: RunRequest): void {
  if (transport !== 'both') return;
  if (kindOf(target).socketOf !== undefined) {
    throw new UsageError(
      `--transport both: ${describeTarget(target)} serves one protocol; check each socket with --transport grpc or http`,
    );
  }
  if (shard !== undefined && shard.of > 1) {
    throw new UsageError(
      '--shard cannot be combined with "--transport both"; check each protocol in a separate run',
    );
  }
}

/** Returns the capabilities that the target must declare. A requested modern era requires its capability. */
function requiredCapabilities({ capabilities = [], era = 'legacy' }: RunRequest): readonly string[] {
  return [...new Set([...capabilities, ...(erasIn(era).includes('modern') ? [modernCapability] : [])])];
}
