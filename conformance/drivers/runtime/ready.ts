import { setTimeout as pause } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { HealthRequestSchema } from '../../../proto/index.ts';
import type { Address, Instance, RunnerDiagnosis } from '../../../runners/runner.ts';
import { TargetError } from '../../engine/options.ts';
import type { TargetFacts } from '../../engine/result.ts';
import { type Observation, ObservationError, observeHealth } from '../../observe/unary.ts';
import { ConnectError } from '../../wire/connect-socket.ts';
import { openConnection } from '../../wire/open-connection.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { callUnary } from './unary-call.ts';

/**
 * Time limit of one attempt. An attempt that is accepted but never answered must not use up the whole ready timeout.
 */
const attemptMs = 2000;
const minAttemptMs = 100;
const firstPauseMs = 5;
const maxPauseMs = 25;
const shownLogLines = 20;
/** Maximum size of a health response in bytes. */
const receiveLimit = 1 << 20;

/** Options for waiting until a target is ready. */
export interface ReadyOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The health response of a ready target. */
export type HealthFacts = NonNullable<TargetFacts['health']>;

/**
 * Waits until a target is ready: a connection succeeds and HealthCheck returns "ok" (LIFE-3).
 * @throws TargetError with the cause, if the target exits or the time limit passes before the target is ready
 */
export async function awaitReady(instance: Instance, options: ReadyOptions): Promise<HealthFacts> {
  const { signal } = options;
  const deadline = performance.now() + options.timeoutMs;
  let exited = false as boolean;
  void instance.exit.then(() => {
    exited = true;
  });
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, maxPauseMs)) {
    const timeoutMs = Math.max(minAttemptMs, Math.min(attemptMs, deadline - performance.now()));
    const attempt = await askHealth(instance, { timeoutMs, signal });
    if (attempt.kind === 'ready') return attempt.health;
    if (exited) {
      const { code, signal: by, cause } = await instance.exit;
      const why = cause === undefined ? '' : ` (${cause})`;
      const how = by === null ? `with exit code ${code}` : `by signal ${by}${why}`;
      const message = `the target exited ${how} before it was ready`;
      throw notReady('exited', message, instance, await instance.diagnose());
    }
    if (signal.aborted) throw notReady('interrupted', 'the run was interrupted', instance);
    if (performance.now() >= deadline) {
      const diagnosis = await instance.diagnose();
      const cause = diagnosis?.cause ?? attempt.reason;
      const message = `the target was not ready within ${options.timeoutMs / 1000} s: ${cause}`;
      throw notReady('not-ready', message, instance, diagnosis);
    }
    await Promise.race([instance.exit, pause(pauseMs)]);
  }
}

/** The outcome of one HealthCheck. */
export type HealthAnswer =
  | { readonly kind: 'ready'; readonly health: HealthFacts }
  | { readonly kind: 'not-yet'; readonly reason: string };

/** Calls HealthCheck once on a new connection. Never rejects because of the target. Ends within the time limit. */
export async function askHealth(instance: Instance, options: ReadyOptions): Promise<HealthAnswer> {
  const deadlineMs = Math.ceil(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(deadlineMs)]);
  const over = new AbortController();
  try {
    const { address } = instance;
    using connection = await openConnection({ address, name: 'ready', log: new WireLog(), signal });
    const destroy = () => connection.destroy();
    options.signal.addEventListener('abort', destroy, { once: true, signal: over.signal });
    const bytes = toBinary(HealthRequestSchema, create(HealthRequestSchema));
    const call = await callUnary(connection, { rpc: 'HealthCheck', bytes, deadlineMs, receiveLimit });
    return judge(observeHealth(call.end, call.messages));
  } catch (error) {
    if (!(error instanceof ConnectError || error instanceof ObservationError)) throw error;
    return { kind: 'not-yet', reason: error.message };
  } finally {
    over.abort();
  }
}

function judge({ grpc, grpcMessage, health: said }: Observation): HealthAnswer {
  if (grpc !== 'OK') {
    return { kind: 'not-yet', reason: `HealthCheck ended with ${String(grpc)}: ${String(grpcMessage)}` };
  }
  const health = said as HealthFacts;
  return health.status === 'ok'
    ? { kind: 'ready', health }
    : { kind: 'not-yet', reason: `HealthCheck returned status "${health.status}", not "ok"` };
}

function adviceFor({ transport }: Address): string {
  return transport === 'http'
    ? 'the target must serve HTTP on the socket named by MCP_RUNTIME_HTTP_UDS and answer GET /health with "ok"; see its log'
    : 'the target must serve gRPC on the socket named by MCP_RUNTIME_GRPC_UDS and answer HealthCheck with "ok"; see its log';
}

function notReady(
  code: string,
  message: string,
  { address, logs }: Instance,
  known?: RunnerDiagnosis,
): TargetError {
  const { advice = adviceFor(address) } = known ?? {};
  return new TargetError(code, message, { advice, logs: logs.last(shownLogLines) });
}
