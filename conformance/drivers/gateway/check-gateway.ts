import { errorMessage } from '../../../base/error-message.ts';
import { groupBy } from '../../../base/group.ts';
import type { LogReader } from '../../../runners/runner.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import type { CaseAttempt, CaseContext, Driver, RunningTarget } from '../../engine/driver.ts';
import { StepFailure } from '../../engine/failure.ts';
import { type EngineOptions, TargetError } from '../../engine/options.ts';
import type { RunResult } from '../../engine/result.ts';
import { runCases } from '../../engine/run-cases.ts';
import { SchemaSet } from '../../match/schema-set.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { expiryOf, type Facilities, reasonToSkip } from './facilities.ts';
import { PlayedRuntime, SocketTakenError } from './played-runtime.ts';
import { reach, settle } from './settle.ts';
import { StepContext, type StepContextOptions } from './step-context.ts';
import { runSteps } from './steps/index.ts';

/** What a run against a gateway needs to know. */
export interface GatewayRunOptions extends Omit<EngineOptions<GatewayCase>, 'concurrency'> {
  /** For people. */
  readonly label: string;
  /** Where the kit plays the runtime. */
  readonly socketPath: string;
  readonly facilities: Facilities;
  /** How long the gateway may take to notice that the played runtime is there, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** Aborted, with the reason, when the gateway has ended: known where the kit has started it. */
  readonly ended?: AbortSignal;
  /** Starts the gateway, where that is the kit's to do. Called when the played runtime listens. */
  readonly start?: () => Promise<LogReader>;
}

/** A gateway that did not notice the runtime once is not waited for as long again, in milliseconds. */
const shortReadyTimeoutMs = 1_000;
const lastLines = 20;
const notReadyAdvice =
  'Is it the gateway that listens there, does its runtime socket have the path of --socket, and are the ' +
  'credentials that it asks for given with --bearer or --header?';

/**
 * Plays the runtime on the socket and holds the cases against the gateway, one after the other: those of the same
 * capabilities together, since the played runtime starts anew for others. Everything it opened is closed when it returns.
 * @throws TargetError where no request comes through the gateway at all, or the socket cannot be used
 */
export async function checkGateway(options: GatewayRunOptions): Promise<RunResult> {
  await using runtime = new PlayedRuntime(options.socketPath);
  return await runCases(makeDriver(runtime, options), { ...options, concurrency: 1 });
}

/** A driver that reaches a gateway from both sides: it is the caller over HTTP and the runtime at the socket. */
function makeDriver(runtime: PlayedRuntime, options: GatewayRunOptions): Driver<GatewayCase, RunningTarget> {
  const { label, facilities, readyTimeoutMs, ended } = options;
  const shared = { runtime, facilities, readyTimeoutMs, schemas: new SchemaSet() };
  const unnoticed = new Set<string>();
  let logs: LogReader | undefined;

  const targetError = (code: string, message: string, advice = '') =>
    new TargetError(code, message, { advice, logs: logs?.last(lastLines) ?? [] });

  /** Sees that there is a gateway: before that, nothing can be said about it. */
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
        throw targetError(error.code, error.message, 'Name another path with --socket.');
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
        facts: ready.then(() => ({ label, kind: 'gateway', readyMs: performance.now() - started })),
        attempt: (testCase, _target, context) => attemptCase(testCase, { ...shared, ...context, unnoticed }),
      };
    },
    // Cases of one set of capabilities come where the first of them stands.
    arrange: (cases) => [...groupBy(cases, ({ capabilities }) => capabilities.join()).values()].flat(),
    mayBegin: (_, phase) => phase !== 'starting',
    reasonNotToRun(testCase) {
      const reason = reasonToSkip(testCase, facilities);
      return reason === undefined ? undefined : { kind: 'skipped', reason };
    },
    async acquire() {
      if (ended?.aborted) throw targetError('gateway-ended', errorMessage(ended.reason));
      return { gone: ended, logs };
    },
  };
}

interface AttemptOptions extends StepContextOptions, CaseContext {
  /** Sets of capabilities that the gateway did not notice once; an attempt that finds another adds it. */
  readonly unnoticed: Set<string>;
}

/** An attempt at a case that is held against a gateway. */
function attemptCase({ capabilities, steps }: GatewayCase, options: AttemptOptions): CaseAttempt {
  const { runtime, facilities, unnoticed, clock, onStep } = options;
  const key = capabilities.join();
  const patienceMs = unnoticed.has(key) ? shortReadyTimeoutMs : Number.POSITIVE_INFINITY;
  const readyTimeoutMs = Math.min(options.readyTimeoutMs, patienceMs);
  const context = new StepContext({ ...options, readyTimeoutMs });
  let running: Promise<void> | undefined;

  /** Sees that the played runtime is there as the case wants it, and that the gateway has noticed. */
  const prepare = async (): Promise<void> => {
    const served = runtime.capabilities && [...runtime.capabilities].sort().join();
    if (served !== key) await runtime.start(capabilities);
    await settle(context).catch((error: unknown) => {
      if (error instanceof StepFailure) unnoticed.add(key);
      throw error;
    });
  };

  const carryOut = async (): Promise<void> => {
    const { url, bearer } = facilities;
    context.variables.set('origin', url.origin).set('host', url.host);
    const expiry = expiryOf(bearer);
    if (expiry !== undefined) context.variables.set('bearer-expiry-ms', expiry);
    await clock.stopFor(prepare);
    await runSteps(context, steps, onStep);
  };

  return {
    run() {
      running = carryOut();
      return running;
    },
    timeUp: () => context.timeUp(),
    overview: () => context.overview(),
    async [Symbol.asyncDispose]() {
      context[Symbol.dispose]();
      // The next case plays the same runtime: this one must be done with it.
      await running?.catch(() => undefined);
    },
  };
}
