import { type RequestRpc, rpcPath } from '../../../proto/index.ts';
import { parseDuration } from '../../case/duration.ts';
import { StepFailure } from '../../engine/failure.ts';
import type { CallEnd } from '../../wire/call-end.ts';
import type { RuntimeCall, RuntimeConnection } from '../../wire/runtime-call.ts';

/** Maximum size of a message in bytes, larger than any message that a case requests. */
export const receiveLimit = 6 << 20;

/** Maximum number of messages in a response before the call is aborted. */
const maxMessages = 50_000;
const maxBytes = 32 << 20;

/** The end of a call and its first messages. */
export type FinishedCall = Readonly<{ end: CallEnd; messages: readonly Buffer[] }>;

/** A unary call that the kit makes for its own purposes. */
export interface UnaryCall {
  readonly rpc: RequestRpc | 'HealthCheck';
  readonly bytes: Uint8Array;
  readonly deadlineMs: number;
  /** Default: `receiveLimit`. */
  readonly receiveLimit?: number;
}

/** Makes a unary call and reads its whole response. */
export async function callUnary(connection: RuntimeConnection, unary: UnaryCall): Promise<FinishedCall> {
  const { rpc, deadlineMs, receiveLimit: limit = receiveLimit } = unary;
  const call = connection.call({ path: rpcPath(rpc), receiveLimit: limit, deadlineMs });
  call.send(unary.bytes);
  call.sendEnd();
  return finish(call);
}

/** Reads the whole response of a call. */
export async function finish(call: RuntimeCall): Promise<FinishedCall> {
  const messages = await readAll(call);
  return { end: await call.ended, messages };
}

/**
 * Reads the messages of a call. Keeps the first two, to distinguish one message from several. Aborts a call that floods
 * the kit with messages.
 */
export async function readAll(call: RuntimeCall): Promise<readonly Buffer[]> {
  const kept: Buffer[] = [];
  let count = 0;
  let bytes = 0;
  for (let message = await call.next(); message !== undefined; message = await call.next()) {
    count += 1;
    bytes += message.length;
    if (kept.length < 2) kept.push(message);
    if (count > maxMessages || bytes > maxBytes) {
      call.refuse(`the call floods: more than ${count - 1} messages with ${bytes} bytes`);
    }
  }
  return kept;
}

/** Parses the deadline of a step into milliseconds. @throws StepFailure if it is not a duration */
export function deadlineOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const deadlineMs = parseDuration(written);
  if (deadlineMs === undefined)
    throw new StepFailure(`the deadline "${written}" is not a duration such as 500ms or 20s`);
  return deadlineMs;
}
