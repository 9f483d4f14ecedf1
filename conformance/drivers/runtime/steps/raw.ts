import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed, prefixBytes } from '../../../../base/length-prefix.ts';
import { packageRoot } from '../../../../base/package.ts';
import {
  HealthResponseSchema,
  type McpRequest,
  McpRequestSchema,
  McpResponseSchema,
  McpRuntime,
  requestRpcs,
  rpcNames,
  rpcPath,
} from '../../../../proto/index.ts';
import { holds } from '../../../match/match.ts';
import { StreamReader } from '../../../observe/stream.ts';
import { type Observation, observeEnd, observeHealth, observeUnary } from '../../../observe/unary.ts';
import type { CallEnd } from '../../../wire/call-end.ts';
import type { StepContext } from '../step-context.ts';
import { deadlineOf, type FinishedCall, finish, receiveLimit } from '../unary-call.ts';
import { buildStepRequest, type CallSettings } from './unary.ts';

type WrittenFrame =
  | { readonly message: unknown }
  | { readonly piece: { readonly message: unknown; readonly from?: number; readonly to?: number } }
  | { readonly hex: string }
  | { readonly base64: string }
  | { readonly gzip: { readonly zeros: number } | { readonly message: unknown } }
  | { readonly vector: string };

/** The argument of `raw`. */
export interface RawArgument extends CallSettings {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Trailer fields that end the request. */
  readonly trailers?: Readonly<Record<string, string>>;
  readonly frames: readonly WrittenFrame[];
  /** Half-close the call after the frames. Default: true. */
  readonly end?: boolean;
  /** Reset the call after the frames instead of half-closing it. */
  readonly reset?: boolean;
  readonly expect: unknown;
}

/** Runs `raw`: a call specified byte by byte. */
export async function runRaw(context: StepContext, written: RawArgument): Promise<void> {
  // Variables in frames are replaced when the frames are built, because a variable's value may itself look like one.
  const { frames, ...others } = written;
  const argument = { ...context.resolve<Omit<RawArgument, 'frames'>>(others), frames };
  const { resources } = context;
  const ask = (): Promise<Observation> => runCall(context, argument);
  // Some vectors request a session. The case must not fail because the target has reached its session limit.
  const asksForSession = frames.some((frame) => 'vector' in frame) && argument.target === undefined;
  const observation = asksForSession ? await resources.askForSession(ask) : await ask();
  resources.noteRevision(observation);
  context.compare('answer', { expect: argument.expect, observation });
}

async function runCall(context: StepContext, argument: RawArgument): Promise<Observation> {
  const { path, headers, trailers, deadline, end = true } = argument;
  const frames = await Promise.all(argument.frames.map((frame) => encodeFrame(context, path, frame)));
  const connection = await context.connection(argument);
  const call = connection.call({ path, receiveLimit, deadlineMs: deadlineOf(deadline), headers, trailers });
  for (const frame of frames) {
    context.log.add(call.name, 'sent', `${frame.length} bytes ${frame.subarray(0, 48).toString('hex')}`);
    call.sendBytes(frame);
    // Flush each frame into a separate DATA frame. Writes would otherwise be combined.
    await call.flushed();
  }
  if (argument.reset) call.cancel();
  else if (end) call.sendEnd();
  const method = McpRuntime.methods[rpcNames.findIndex((rpc) => path === rpcPath(rpc))];
  const observation =
    method?.methodKind === 'server_streaming'
      ? await new StreamReader(call, { log: context.log }).finish()
      : observeBy(context, {
          call: await finish(call),
          answer: method?.output.typeName,
          expect: argument.expect,
        });
  const { httpStatus } = await call.ended;
  const request = requestIn(Buffer.concat(frames));
  if (request !== undefined && argument.target === undefined)
    context.resources.noteSession(request, observation);
  return { ...observation, httpStatus };
}

/** Reads the request that the bytes of a call contain, whose session must be closed later. Other bytes have none. */
function requestIn(bytes: Uint8Array): McpRequest | undefined {
  try {
    return fromBinary(McpRequestSchema, bytes.subarray(prefixBytes));
  } catch {
    return undefined;
  }
}

/** A finished call with its expectation. `answer` is its response message type, undefined for an unknown method. */
type FinishedRawCall = Readonly<{ call: FinishedCall; answer: string | undefined; expect: unknown }>;

function observeBy(context: StepContext, { call, answer, expect }: FinishedRawCall): Observation {
  const { end, messages } = call;
  // A wrong status is the failure. If the call should have failed, its message proves nothing.
  if (!hasExpectedStatus(context, expect, end)) return observeEnd(end);
  if (answer === HealthResponseSchema.typeName) return observeHealth(end, messages);
  if (answer === McpResponseSchema.typeName) return observeUnary(end, messages);
  return observeEnd(end);
}

function hasExpectedStatus(context: StepContext, expect: unknown, end: CallEnd): boolean {
  const { grpc } = Object(expect);
  return grpc === undefined || holds(context.match('answer', { grpc }, observeEnd(end)));
}

async function encodeFrame(context: StepContext, path: string, frame: WrittenFrame): Promise<Buffer> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const rpc = requestRpcs.find((each) => each === name) ?? 'Invoke';
  const bytesOf = (message: unknown) => buildStepRequest(context, rpc, message).bytes;
  if ('hex' in frame) return Buffer.from(frame.hex.replace(/\s+/g, ''), 'hex');
  if ('base64' in frame) return Buffer.from(frame.base64, 'base64');
  if ('gzip' in frame) {
    const { gzip } = frame;
    const bytes = 'zeros' in gzip ? Buffer.alloc(gzip.zeros) : bytesOf(gzip.message);
    // The compression ratio does not matter.
    return encodeLengthPrefixed(gzipSync(bytes, { level: 1 }), true);
  }
  if ('vector' in frame) {
    const file = join(packageRoot(), 'fixtures', 'vectors', `${frame.vector}.bin`);
    return encodeLengthPrefixed(await readFile(file));
  }
  if ('message' in frame) return encodeLengthPrefixed(bytesOf(frame.message));
  const { message, from, to } = frame.piece;
  return encodeLengthPrefixed(bytesOf(message)).subarray(from, to);
}
