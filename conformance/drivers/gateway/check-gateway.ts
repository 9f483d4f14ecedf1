import { errorMessage } from '../../../base/error-message.ts';
import type { LogReader } from '../../../runners/runner.ts';
import type { Coverage } from '../../case/case.ts';
import { appliesInEras, eras, erasIn } from '../../case/era.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import { appliesTo, newestRelease } from '../../case/release.ts';
import type { CaseAttempt, CaseContext, Driver, RunningTarget } from '../../engine/driver.ts';
import { StepFailure } from '../../engine/failure.ts';
import { type EngineOptions, TargetError } from '../../engine/options.ts';
import type { ContractFacts, EraFacts, RunResult } from '../../engine/result.ts';
import { runCases } from '../../engine/run-cases.ts';
import { SchemaSet } from '../../match/schema-set.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { arrangeCases, disturbsOthers } from './case-order.ts';
import { expiryOf, type Facilities, reasonToSkip } from './facilities.ts';
import { Patience } from './patience.ts';
import { PlayedRuntime, SocketTakenError } from './played-runtime.ts';
import { reach, settle } from './settle.ts';
import { Stage, type Turn } from './stage.ts';
import { StepContext, type StepContextOptions } from './step-context.ts';
import { runSteps } from './steps/index.ts';

/** Options for a run against a gateway. */
export interface GatewayRunOptions extends Omit<EngineOptions<GatewayCase>, 'concurrency'> {
  /** Description of the gateway for people. */
  readonly label: string;
  /** Path of the socket on which the kit plays the runtime. */
  readonly socketPath: string;
  readonly facilities: Facilities;
  /** Time limit for the gateway to notice the played runtime, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** Aborted when the gateway has exited, with the exit as the reason. Only set if the kit started the gateway. */
  readonly ended?: AbortSignal;
  /** Starts the gateway, if the kit is to start it. Called once the played runtime listens. */
  readonly start?: () => Promise<LogReader>;
}

/** Maximum number of cases that have begun: one on stage, and those that wait. */
const maxConcurrency = 16;

/** Reduced time limit for a gateway that has failed to notice the runtime before, in milliseconds. */
const shortReadyTimeoutMs = 1_000;
const lastLines = 20;
const notReadyAdvice =
  'Check that the URL is that of the gateway, that --socket is the path of its runtime socket, and that --bearer ' +
  'or --header give the credentials that it requires.';

/**
 * Plays the runtime on the socket and runs the cases against the gateway. One case at a time uses the played runtime,
 * but long waits overlap with other cases. Cases with the same capabilities run together, because the played runtime
 * restarts when its capabilities change. Closes everything that it opened.
 * @throws TargetError if no request passes through the gateway, or the socket path cannot be used
 */
export async function checkGateway(options: GatewayRunOptions): Promise<RunResult> {
  await using runtime = new PlayedRuntime(options.socketPath);
  return await runCases(makeDriver(runtime, options), { ...options, concurrency: maxConcurrency });
}

/** Makes a driver that acts as both sides of the gateway: as the HTTP caller and as the runtime on the socket. */
function makeDriver(runtime: PlayedRuntime, options: GatewayRunOptions): Driver<GatewayCase, GatewayTurn> {
  const { label, facilities, readyTimeoutMs, ended, cases, settings } = options;
  const shared = { runtime, facilities, readyTimeoutMs, schemas: new SchemaSet(), patience: new Patience() };
  const stage = new Stage();
  const unnoticed = new Set<string>();
  // A gateway declares no release.
  const release = settings.contract ?? newestRelease;
  const isInRelease = ({ since }: GatewayCase) => appliesTo(since, { release, hasSessions: true });
  const checked = settings.era === undefined ? eras : erasIn(settings.era);
  const isInEra = (testCase: GatewayCase) => appliesInEras(testCase, checked);
  const eraFacts: EraFacts = {
    checked,
    origin: settings.era === undefined ? 'default' : 'requested',
    leftOut: cases.filter((testCase) => !isInEra(testCase)).length,
  };
  const contract: ContractFacts = {
    release,
    origin: settings.contract === undefined ? 'default' : 'requested',
    leftOut: cases.filter((testCase) => !isInRelease(testCase)).length,
  };
  let logs: LogReader | undefined;

  const targetError = (code: string, message: string, advice = '') =>
    new TargetError(code, message, { advice, logs: logs?.last(lastLines) ?? [] });

  /** Checks that a request passes through the gateway. Without that, no case proves anything. */
  const findGateway = async (): Promise<void> => {
    const signal = AbortSignal.any([options.signal, ...(ended === undefined ? [] : [ended])]);
    try {
      await runtime.start(options.cases[0]?.capabilities ?? []);
      logs = await options.start?.();
      using context = new StepContext({ ...shared, log: new WireLog(), signal });
      await reach(context);
    } catch (error) {
      if (signal.aborted) throw targetError('gateway-ended', `${errorMessage(signal.reason)}.`);
      if (error instanceof SocketTakenError) {
        throw targetError(error.code, error.message, 'Choose another path with --socket.');
      }
      if (!(error instanceof StepFailure)) throw error;
      const where = `at ${facilities.url.origin} within ${readyTimeoutMs / 1_000} s`;
      throw targetError('gateway-not-ready', `${error.message}, ${where}.`, notReadyAdvice);
    }
  };

  return {
    async start() {
      const started = performance.now();
      const ready = findGateway();
      return {
        ready,
        facts: ready.then(() => {
          const readyMs = performance.now() - started;
          return { label, kind: 'gateway', contract, eras: eraFacts, readyMs };
        }),
        attempt: (testCase, { turn }, context) =>
          attemptCase(testCase, { ...shared, ...context, turn, unnoticed }),
      };
    },
    arrange: arrangeCases,
    mayBegin: (_, phase) => phase !== 'starting',
    applies: (testCase) => isInRelease(testCase) && isInEra(testCase),
    reasonNotToRun(testCase) {
      const reason = reasonToSkip(testCase, facilities);
      return reason === undefined ? undefined : { kind: 'skipped', reason };
    },
    async acquire() {
      const turn = await stage.enter();
      if (!ended?.aborted) return { gone: ended, logs, turn, release: () => turn[Symbol.dispose]() };
      turn[Symbol.dispose]();
      throw targetError('gateway-ended', errorMessage(ended.reason));
    },
  };
}

/** The gateway, with the turn of a case on the stage. */
interface GatewayTurn extends RunningTarget {
  readonly turn: Turn;
}

/** The cases that check the setup of every case: the gateway notices the runtime, and forwards a request. */
const restartCoverage: Coverage = { case: 'recovery/other-capabilities', clause: 'GW-3' };
const callCoverage: Coverage = { case: 'calls/post', clause: 'GW-1' };
/** Clauses whose cases the setup itself may fail: the gateway must serve the runtime that the case plays. */
const setupClauses: ReadonlySet<string> = new Set(['GW-1', 'GW-3', 'COMPAT-3', 'COMPAT-4']);

interface AttemptOptions extends Omit<StepContextOptions, 'clock'>, CaseContext {
  readonly turn: Turn;
  /** Sets of capabilities that the gateway has failed to notice. Attempts at cases add to this set. */
  readonly unnoticed: Set<string>;
}

/** Makes an attempt at a gateway case. */
function attemptCase(testCase: GatewayCase, options: AttemptOptions): CaseAttempt {
  const {
    capabilities,
    steps,
    clauses: [main],
  } = testCase;
  const { runtime, facilities, unnoticed, clock, turn, onStep } = options;
  const key = capabilities.join();
  const patienceMs = unnoticed.has(key) ? shortReadyTimeoutMs : Number.POSITIVE_INFINITY;
  const readyTimeoutMs = Math.min(options.readyTimeoutMs, patienceMs);
  const context = new StepContext({ ...options, readyTimeoutMs });
  let running: Promise<void> | undefined;

  /** Starts the played runtime with the capabilities of the case, and waits for the gateway to notice. */
  const prepare = async (): Promise<void> => {
    const served = runtime.capabilities && [...runtime.capabilities].sort().join();
    const isOther = served !== key;
    if (isOther || disturbsOthers(testCase)) await context.alone();
    if (isOther) await runtime.start(capabilities);
    await settle(context).catch((error: unknown) => {
      if (!(error instanceof StepFailure)) throw error;
      unnoticed.add(key);
      const coverage = isOther ? restartCoverage : callCoverage;
      // If the case checks the setup itself, its failure does not block the case.
      const isSubject = main !== undefined && setupClauses.has(main);
      throw new StepFailure(error.message, {
        ...error.failure,
        ...(isSubject ? { violated: main } : { blockedBy: coverage }),
      });
    });
  };

  const execute = async (): Promise<void> => {
    const { url, bearer } = facilities;
    context.variables.set('origin', url.origin).set('host', url.host);
    const expiry = expiryOf(bearer);
    if (expiry !== undefined) context.variables.set('bearer-expiry-ms', expiry);
    await clock.stopFor(prepare);
    await runSteps(context, steps, onStep);
  };

  return {
    run() {
      running = execute();
      return running;
    },
    timeUp: () => context.timeUp(),
    overview: () => context.overview(),
    async [Symbol.asyncDispose]() {
      context[Symbol.dispose]();
      turn.finish();
      // The next case uses the same played runtime, so this case must have ended completely.
      await running?.catch(() => undefined);
      turn[Symbol.dispose]();
    },
  };
}
