import { once, setMaxListeners } from 'node:events';
import { errorMessage } from '../../../base/error-message.ts';
import type { LogReader } from '../../../runners/runner.ts';
import type { Step } from '../../case/case.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import { boundFailure, StepFailure } from '../../engine/failure.ts';
import type { CaseOutcome, CaseResult, Failure } from '../../engine/result.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { CheckRun, type Facilities, NotCheckable } from './check-run.ts';
import type { PlayedRuntime } from './played-runtime.ts';
import { settle } from './settle.ts';
import { runSteps } from './steps/index.ts';

/** Long enough for the end of a process to be told after its connections broke. */
const graceMs = 50;

export interface RunCaseOptions {
  readonly facilities: Facilities;
  readonly runtime: PlayedRuntime;
  readonly schemas: SchemaSet;
  /** For the steps, in milliseconds: waiting for the gateway beforehand does not count. */
  readonly deadlineMs: number;
  /** How long the gateway may take to notice that the played runtime is there. */
  readonly readyTimeoutMs: number;
  readonly keepWire: boolean;
  /** What the gateway writes, where the kit has started it. */
  readonly logs: LogReader | undefined;
  /** Aborted, with the reason, when the gateway has ended. */
  readonly ended: AbortSignal | undefined;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** Holds one case against the gateway. Never rejects, and ends when its time is up. */
export async function runCase(testCase: GatewayCase, options: RunCaseOptions): Promise<CaseResult> {
  const startedAt = Date.now();
  const started = performance.now();
  const log = new WireLog();
  const outcome = await carryOut(testCase, options, log);
  return {
    case: testCase,
    outcome,
    startedAt,
    durationMs: performance.now() - started,
    wire: outcome.kind === 'passed' && !options.keepWire ? [] : log.events(),
    logs: outcome.kind === 'passed' ? [] : (options.logs?.between(startedAt, Date.now()) ?? []),
  };
}

async function carryOut(testCase: GatewayCase, options: RunCaseOptions, log: WireLog): Promise<CaseOutcome> {
  const { runtime, facilities, schemas, readyTimeoutMs } = options;
  const time = new AbortController();
  const { ended } = options;
  const signal = AbortSignal.any([options.signal, time.signal, ...(ended === undefined ? [] : [ended])]);
  setMaxListeners(0, signal);
  runtime.log = log;
  using run = new CheckRun({
    facilities,
    runtime,
    log,
    schemas,
    variables: initialVariables(facilities),
    signal,
    readyTimeoutMs,
  });
  let current: Step | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await prepare(testCase, run);
    timer = setTimeout(() => time.abort(), options.deadlineMs);
    await runSteps(run, testCase.steps, (step) => {
      current = step;
    });
    return { kind: 'passed' };
  } catch (error) {
    if (options.signal.aborted) return { kind: 'not-run', reason: 'the run was cut short' };
    if (ended !== undefined && (await hasEnded(ended))) {
      const summary = `${messageOf(ended.reason)} while this case ran`;
      return failed({ summary, actual: run.overview(), differences: [] }, testCase, current);
    }
    if (error instanceof NotCheckable) return { kind: 'skipped', reason: error.message };
    if (error instanceof StepFailure) return failed(error.failure, testCase, current);
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind: 'broken', reason: reason.replace(/\s+/g, ' ') };
  } finally {
    clearTimeout(timer);
    time.abort();
  }
}

/** A connection that broke because the gateway ended tells less than that it ended, which is known a moment later. */
async function hasEnded(ended: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.timeout(graceMs);
  if (!ended.aborted) await once(AbortSignal.any([ended, limit]), 'abort');
  return ended.aborted;
}

/** Sees that the played runtime is there as the case wants it, and that the gateway has noticed. */
async function prepare({ capabilities }: GatewayCase, run: CheckRun): Promise<void> {
  const { runtime } = run.parts;
  const isReady = runtime.isServing && [...runtime.capabilities].sort().join() === capabilities.join();
  if (!isReady) await runtime.start(capabilities);
  await settle(run);
}

/** What every case may refer to. */
function initialVariables({ url, bearer }: Facilities): Map<string, unknown> {
  const expiry = expiryOf(bearer);
  return new Map<string, unknown>([
    ['origin', url.origin],
    ['host', url.host],
    ...(expiry === undefined ? [] : [['bearer-expiry-ms', expiry] as const]),
  ]);
}

/** When a bearer token says that it ends, in milliseconds since the epoch; undefined where it is no JWT that says so. */
export function expiryOf(token: string | undefined): number | undefined {
  const payload = token?.split('.').length === 3 ? token.split('.')[1] : undefined;
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const expiry = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined;
    return typeof expiry === 'number' ? expiry * 1_000 : undefined;
  } catch {
    return undefined;
  }
}

function failed(whole: Omit<Failure, 'step'>, testCase: GatewayCase, step: Step | undefined): CaseOutcome {
  const failure = boundFailure(whole);
  if (step === undefined) return { kind: 'failed', failure };
  const number = testCase.steps.indexOf(step) + 1;
  const { file, line } = step.source;
  return { kind: 'failed', failure: { ...failure, step: { number, verb: step.verb, file, line } } };
}

/** What an abort was for, in words. */
export function messageOf(reason: unknown): string {
  return errorMessage(reason);
}
