import { create, toBinary } from '@bufbuild/protobuf';
import { HealthRequestSchema, rpcPath } from '../../../proto/index.ts';
import type { Instance } from '../../../runners/runner.ts';
import { TargetError } from '../../engine/options.ts';
import { type Observation, ObservationError, observeHealth } from '../../observe/unary.ts';
import { ConnectError, Connection } from '../../wire/connection.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { healthReceiveLimit } from './case-run.ts';
import { readAll } from './read-all.ts';

/** One attempt may take this long: a target that accepts and says nothing must not use up the whole time in one. */
const attemptMs = 2000;
const minAttemptMs = 100;
const firstPauseMs = 5;
const maxPauseMs = 25;
const shownLogLines = 20;

export interface ReadyOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a ready target said of itself. */
export interface HealthFacts {
  readonly status: string;
  readonly mode: string;
  readonly version: string;
  readonly capabilities: readonly string[];
}

/**
 * Waits until a target is ready: a connection succeeds and HealthCheck answers "ok" (LIFE-3).
 * @throws TargetError with the cause, when the target ends or the time passes before that
 */
export async function awaitReady(instance: Instance, options: ReadyOptions): Promise<HealthFacts> {
  const deadline = performance.now() + options.timeoutMs;
  const state: { exited: boolean; last: string } = { exited: false, last: 'nothing was tried' };
  void instance.exit.then(() => {
    state.exited = true;
  });
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, maxPauseMs)) {
    const attempt = await askHealth(instance, {
      timeoutMs: Math.max(minAttemptMs, Math.min(attemptMs, deadline - performance.now())),
      signal: options.signal,
    });
    if (attempt.kind === 'ready') return attempt.health;
    state.last = attempt.reason;
    if (state.exited) throw await exitedError(instance);
    if (options.signal.aborted) throw notReady('interrupted', 'the run was interrupted', instance);
    if (performance.now() >= deadline) throw await timeoutError(instance, options.timeoutMs, state.last);
    await Promise.race([instance.exit, new Promise((resolve) => setTimeout(resolve, pauseMs))]);
  }
}

/** What a target says of its health. */
export type HealthAnswer =
  | { readonly kind: 'ready'; readonly health: HealthFacts }
  | { readonly kind: 'not-yet'; readonly reason: string };

/** Asks once, on a connection of its own. Never rejects for what the target does; ends within the time. */
export async function askHealth(instance: Instance, options: ReadyOptions): Promise<HealthAnswer> {
  const { signal } = options;
  const timeoutMs = Math.ceil(options.timeoutMs);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const over = new AbortController();
  try {
    using connection = await Connection.open({
      address: instance.address,
      name: 'ready',
      log: new WireLog(),
      signal: limited,
    });
    signal.addEventListener('abort', () => connection.destroy(), { once: true, signal: over.signal });
    const call = connection.call({
      path: rpcPath('HealthCheck'),
      receiveLimit: healthReceiveLimit,
      deadlineMs: timeoutMs,
    });
    call.send(toBinary(HealthRequestSchema, create(HealthRequestSchema)));
    call.sendEnd();
    const messages = await readAll(call);
    return judge(observeHealth(await call.ended, messages));
  } catch (error) {
    if (error instanceof ConnectError || error instanceof ObservationError) {
      return { kind: 'not-yet', reason: error.message };
    }
    throw error;
  } finally {
    over.abort();
  }
}

function judge(observation: Observation): HealthAnswer {
  if (observation['grpc'] !== 'OK') {
    const reason = `HealthCheck ended with ${String(observation['grpc'])}: ${String(observation['grpcMessage'])}`;
    return { kind: 'not-yet', reason };
  }
  const health = observation['health'] as HealthFacts;
  return health.status === 'ok'
    ? { kind: 'ready', health }
    : { kind: 'not-yet', reason: `HealthCheck answers status "${health.status}", not "ok"` };
}

async function exitedError(instance: Instance): Promise<TargetError> {
  const { code, signal } = await instance.exit;
  const how = signal === null ? `with exit code ${code}` : `by signal ${signal}`;
  const diagnosis = await instance.diagnose();
  return notReady('exited', `the target ended ${how} before it was ready`, instance, diagnosis?.advice);
}

async function timeoutError(instance: Instance, timeoutMs: number, last: string): Promise<TargetError> {
  const diagnosis = await instance.diagnose();
  return notReady(
    'not-ready',
    `the target was not ready within ${timeoutMs / 1000} s: ${diagnosis?.cause ?? last}`,
    instance,
    diagnosis?.advice,
  );
}

function notReady(code: string, message: string, instance: Instance, advice?: string): TargetError {
  return new TargetError(code, message, {
    advice:
      advice ??
      'it has to serve gRPC on the socket named by MCP_RUNTIME_GRPC_UDS and answer HealthCheck with "ok"; see what it logged',
    logs: instance.logs.last(shownLogLines),
  });
}
