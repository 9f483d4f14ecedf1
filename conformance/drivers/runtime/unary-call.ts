import { type RequestRpc, rpcPath } from '../../../proto/index.ts';
import { parseDuration } from '../../case/duration.ts';
import { StepFailure } from '../../engine/failure.ts';
import type { Call } from '../../wire/call.ts';
import type { CallEnd } from '../../wire/call-end.ts';
import type { Connection } from '../../wire/connection.ts';

/** A message larger than this many bytes is refused; larger than any case asks for. */
export const receiveLimit = 6 << 20;

/** A call that answers with more messages than this floods; no case asks for so many. */
const maxMessages = 50_000;
const maxBytes = 32 << 20;

/** How a call has ended, and its first messages. */
export type FinishedCall = Readonly<{ end: CallEnd; messages: readonly Buffer[] }>;

/** A unary call that the kit makes for itself. */
export interface UnaryCall {
  readonly rpc: RequestRpc | 'HealthCheck';
  readonly bytes: Uint8Array;
  readonly deadlineMs: number;
  /** Default: `receiveLimit`. */
  readonly receiveLimit?: number;
}

/** Makes a unary call and reads it to its end. */
export async function callUnary(connection: Connection, unary: UnaryCall): Promise<FinishedCall> {
  const { rpc, deadlineMs, receiveLimit: limit = receiveLimit } = unary;
  const call = connection.call({ path: rpcPath(rpc), receiveLimit: limit, deadlineMs });
  call.send(unary.bytes);
  call.sendEnd();
  return finish(call);
}

/** Reads a call to its end. */
export async function finish(call: Call): Promise<FinishedCall> {
  const messages = await readAll(call);
  return { end: await call.ended, messages };
}

/**
 * Reads the messages of a call. The first two are kept: what has one is told from what has more. A call that floods is
 * given up.
 */
export async function readAll(call: Call): Promise<readonly Buffer[]> {
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

/** The deadline of a step in milliseconds. @throws StepFailure where it is not a duration */
export function deadlineOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const deadlineMs = parseDuration(written);
  if (deadlineMs === undefined)
    throw new StepFailure(`the deadline "${written}" is no duration such as 500ms or 20s`);
  return deadlineMs;
}
