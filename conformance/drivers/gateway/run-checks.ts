import { setMaxListeners } from 'node:events';
import type { LogReader } from '../../../runners/runner.ts';
import type { GatewayCase, GatewayNeed } from '../../case/gateway-case.ts';
import { StepFailure } from '../../engine/failure.ts';
import { TargetError } from '../../engine/options.ts';
import type { CaseOutcome, CaseResult, RunListener, RunResult, RunSettings } from '../../engine/result.ts';
import { SchemaSet } from '../../match/schema-set.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { CheckRun, type Facilities } from './check-run.ts';
import { remoteAddress } from './http-request.ts';
import { PlayedRuntime, SocketTakenError } from './played-runtime.ts';
import { expiryOf, messageOf, runCase } from './run-case.ts';
import { reach } from './settle.ts';

/** What a run against a gateway needs to know. */
export interface GatewayRunOptions {
  /** For people. */
  readonly label: string;
  /** Where the kit plays the runtime. */
  readonly socketPath: string;
  readonly facilities: Facilities;
  /** The cases to run, in the order of their files. */
  readonly cases: readonly GatewayCase[];
  readonly settings: RunSettings;
  /** Takes the place of every case's own deadline, in milliseconds. */
  readonly caseTimeoutMs?: number;
  /** How long the gateway may take to notice that the played runtime is there, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** Stop after the first failure that counts. */
  readonly bail: boolean;
  readonly keepWire: boolean;
  /** Reasons by case id. */
  readonly knownFailures: ReadonlyMap<string, { readonly reason: string }>;
  /** Ends the run early; the message of its reason says why. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
  /** Aborted, with the reason, when the gateway has ended: known where the kit has started it. */
  readonly ended?: AbortSignal;
  /** Starts the gateway, where that is the kit's to do. Called when the played runtime listens. */
  readonly start?: () => Promise<LogReader>;
}

/** A gateway that did not notice the runtime once is not waited for as long again, in milliseconds. */
const shortReadyTimeoutMs = 1_000;

const lastLines = 20;

/**
 * Plays the runtime on the socket and holds the cases against the gateway, one after the other: those of the same
 * capabilities together, since the played runtime starts anew for others. Everything it opened is closed when it returns.
 * @throws TargetError where no request comes through the gateway at all, or the socket cannot be used
 */
export async function checkGateway(options: GatewayRunOptions): Promise<RunResult> {
  const startedAt = Date.now();
  const started = performance.now();
  setMaxListeners(0, options.signal);
  const cases = byCapabilities(options.cases);
  await using runtime = new PlayedRuntime(options.socketPath);
  const schemas = new SchemaSet();
  const logs = await begin(options, { runtime, schemas, first: cases[0]?.capabilities ?? [] });
  const facts = { label: options.label, kind: 'gateway', readyMs: performance.now() - started };
  options.listener.onStart?.({ target: facts, cases: options.cases });
  const results = new Map<string, CaseResult>();
  const deaf = new Set<string>();
  let stopped: string | undefined;
  for (const testCase of cases) {
    const over = [options.signal, options.ended].find((signal) => signal?.aborted);
    if (over !== undefined) stopped ??= messageOf(over.reason);
    const key = testCase.capabilities.join();
    const result = settleKnown(
      await resultOf(testCase, options, { runtime, schemas, logs, stopped, isDeaf: deaf.has(key) }),
      options,
    );
    if (result.outcome.kind === 'failed' && result.outcome.failure.step === undefined) deaf.add(key);
    const fails = result.outcome.kind === 'failed' && result.known === undefined && !testCase.advisory;
    if (options.bail && fails) {
      stopped ??= 'an earlier case failed (--bail)';
    }
    results.set(testCase.id, result);
    options.listener.onCaseEnd?.(result);
  }
  return {
    settings: options.settings,
    target: facts,
    results: options.cases.flatMap(({ id }) => results.get(id) ?? []),
    startedAt,
    durationMs: performance.now() - started,
    interrupted: stopped,
  };
}

interface Played {
  readonly runtime: PlayedRuntime;
  readonly schemas: SchemaSet;
}

/** Sees that there is a gateway: before that, nothing can be said about it. */
async function begin(
  options: GatewayRunOptions,
  { runtime, schemas, first }: Played & { readonly first: readonly string[] },
): Promise<LogReader | undefined> {
  const { facilities, ended, readyTimeoutMs } = options;
  const signal = ended === undefined ? options.signal : AbortSignal.any([options.signal, ended]);
  let logs: LogReader | undefined;
  try {
    await runtime.start(first);
    logs = await options.start?.();
    const log = new WireLog();
    runtime.log = log;
    using run = new CheckRun({
      facilities,
      runtime,
      log,
      schemas,
      variables: new Map(),
      signal,
      readyTimeoutMs,
    });
    await reach(run);
    return logs;
  } catch (error) {
    const last = logs?.last(lastLines) ?? [];
    if (signal.aborted) {
      throw new TargetError('gateway-ended', `${messageOf(signal.reason)}.`, { advice: '', logs: last });
    }
    if (error instanceof SocketTakenError) {
      throw new TargetError(error.code, error.message, {
        advice: 'Name another path with --socket.',
        logs: [],
      });
    }
    if (!(error instanceof StepFailure)) throw error;
    const { url } = facilities;
    throw new TargetError(
      'gateway-not-ready',
      `${error.message}, at ${url.origin} within ${readyTimeoutMs / 1_000} s.`,
      {
        advice:
          'Is it the gateway that listens there, does its runtime socket have the path of --socket, and are the ' +
          'credentials that it asks for given with --bearer or --header?',
        logs: last,
      },
    );
  }
}

async function resultOf(
  testCase: GatewayCase,
  options: GatewayRunOptions,
  state: Played & {
    readonly logs: LogReader | undefined;
    readonly stopped: string | undefined;
    readonly isDeaf: boolean;
  },
): Promise<CaseResult> {
  if (state.stopped !== undefined) return withoutRun(testCase, { kind: 'not-run', reason: state.stopped });
  const reason = reasonToSkip(testCase, options.facilities);
  if (reason !== undefined) return withoutRun(testCase, { kind: 'skipped', reason });
  options.listener.onCaseStart?.(testCase);
  return runCase(testCase, {
    facilities: options.facilities,
    runtime: state.runtime,
    schemas: state.schemas,
    deadlineMs: options.caseTimeoutMs ?? testCase.deadlineMs,
    readyTimeoutMs: state.isDeaf
      ? Math.min(options.readyTimeoutMs, shortReadyTimeoutMs)
      : options.readyTimeoutMs,
    keepWire: options.keepWire,
    logs: state.logs,
    ended: options.ended,
    signal: options.signal,
  });
}

/** Stable: cases of one set of capabilities keep their order, and come where the first of them stands. */
function byCapabilities(cases: readonly GatewayCase[]): readonly GatewayCase[] {
  const groups = new Map<string, GatewayCase[]>();
  for (const each of cases) {
    const key = each.capabilities.join();
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flat();
}

const needReasons: Readonly<Record<GatewayNeed, string>> = {
  bearer: 'no token is given (--bearer)',
  identity: 'whom the credentials stand for is not given (--identity)',
  'other-bearer': "no second caller's token and identity are given (--other-bearer, --other-identity)",
  'expired-bearer': 'no expired token is given (--expired-bearer)',
  expiry: 'the token of --bearer is no JWT with an end (exp)',
  'no-fallback': 'a fallback takes what is not for the runtime (--fallback)',
  'remote-address': 'this machine has no address but loopback ones, or the gateway is not on it',
  'short-deadline': '',
};

/** Why a case is not held against the gateway; undefined where it is. */
export function reasonToSkip({ gatewayNeeds }: GatewayCase, facilities: Facilities): string | undefined {
  const missing = gatewayNeeds.find((need) => !has(need, facilities));
  return missing === undefined ? undefined : needReasons[missing];
}

function has(need: GatewayNeed, facilities: Facilities): boolean {
  switch (need) {
    case 'bearer':
      return facilities.bearer !== undefined;
    case 'identity':
      return facilities.identity !== undefined;
    case 'other-bearer':
      return facilities.otherBearer !== undefined && facilities.otherIdentity !== undefined;
    case 'expired-bearer':
      return facilities.expiredBearer !== undefined;
    case 'expiry':
      return expiryOf(facilities.bearer) !== undefined;
    case 'no-fallback':
      return !facilities.hasFallback;
    case 'remote-address':
      return remoteAddress() !== undefined && isLoopback(facilities.url.hostname);
    case 'short-deadline':
      // How long a deadline is shows in the case's first call.
      return true;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127\./.test(host);
}

function settleKnown(result: CaseResult, { knownFailures }: GatewayRunOptions): CaseResult {
  const known = knownFailures.get(result.case.id);
  return known === undefined ? result : { ...result, known };
}

function withoutRun(testCase: GatewayCase, outcome: CaseOutcome): CaseResult {
  return { case: testCase, outcome, startedAt: Date.now(), durationMs: 0, wire: [], logs: [] };
}
