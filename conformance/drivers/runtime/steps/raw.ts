import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../../../../base/package.ts';
import { type RequestRpc, rpcPath } from '../../../../proto/index.ts';
import { StreamReader } from '../../../observe/stream.ts';
import { type Observation, observeEnd, observeHealth, observeUnary } from '../../../observe/unary.ts';
import type { Call } from '../../../wire/call.ts';
import { encodeLengthPrefixed } from '../../../wire/length-prefix.ts';
import { deadlineOption, receiveLimit } from '../case-run.ts';
import { readAll } from '../read-all.ts';

import { askForSession } from '../room.ts';
import type { Scope } from '../scope.ts';
import { buildStepRequest } from './unary.ts';

type WrittenFrame =
  | { readonly message: unknown }
  | { readonly piece: { readonly message: unknown; readonly from?: number; readonly to?: number } }
  | { readonly hex: string }
  | { readonly base64: string }
  | { readonly gzip: { readonly zeros: number } | { readonly message: unknown } }
  | { readonly vector: string };

export interface RawArgument {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly frames: readonly WrittenFrame[];
  /** Whether the call is half-closed after the frames. Default true. */
  readonly end?: boolean;
  /** Whether the call is reset after the frames, instead of half-closed. */
  readonly reset?: boolean;
  readonly deadline?: string;
  readonly expect: unknown;
  readonly connection?: string;
  readonly target?: string;
}

/** `raw`: a call given byte by byte. */
export async function runRaw(scope: Scope, written: RawArgument): Promise<void> {
  // Messages in frames are resolved when they are built, and what stands in a variable may look like one itself.
  const { frames, ...others } = written;
  const argument = { ...scope.resolve<Omit<RawArgument, 'frames'>>(others), frames };
  const ask = (): Promise<Observation> => carryOut(scope, argument);
  // Some of the vectors ask for a session, and none is refused for want of anything but room.
  const mayAskForSession =
    argument.frames.some((frame) => 'vector' in frame) && argument.target === undefined;
  const observation = mayAskForSession ? await askForSession(scope.run, ask) : await ask();
  scope.run.noteRevision(observation);
  scope.compareOutcome({ expect: argument.expect, observation });
}

async function carryOut(scope: Scope, argument: RawArgument): Promise<Observation> {
  const frames = await Promise.all(argument.frames.map((frame) => encodeFrame(scope, argument.path, frame)));
  const connection = await scope.connection(argument);
  const call = connection.call({
    path: argument.path,
    receiveLimit,
    ...deadlineOption(argument.deadline),
    headers: argument.headers,
  });
  for (const frame of frames) {
    scope.run.parts.log.add(
      call.name,
      'sent',
      `${frame.length} bytes ${frame.subarray(0, 48).toString('hex')}`,
    );
    call.sendBytes(frame);
    // Each frame is DATA of its own: what is written together would be sent together.
    await call.flushed();
  }
  if (argument.reset) call.cancel();
  else if (argument.end ?? true) call.sendEnd();
  const observation = await observeBy(scope, argument.path, call);
  const { httpStatus } = await call.ended;
  return { ...observation, httpStatus };
}

async function observeBy(scope: Scope, path: string, call: Call): Promise<Observation> {
  if (path === rpcPath('InvokeStream')) return new StreamReader(call, scope.run.parts.log).finish();
  const messages = await readAll(call);
  const end = await call.ended;
  if (path === rpcPath('HealthCheck')) return observeHealth(end, messages);
  if (path === rpcPath('Invoke') || path === rpcPath('CloseSession')) return observeUnary(end, messages);
  return observeEnd(end);
}

async function encodeFrame(scope: Scope, path: string, frame: WrittenFrame): Promise<Buffer> {
  if ('hex' in frame) return Buffer.from(frame.hex.replace(/\s+/g, ''), 'hex');
  if ('base64' in frame) return Buffer.from(frame.base64, 'base64');
  if ('gzip' in frame) {
    const { gzip } = frame;
    const bytes =
      'zeros' in gzip ? Buffer.alloc(gzip.zeros) : buildStepRequest(scope, rpcOf(path), gzip.message).bytes;
    // How small it gets does not matter.
    return encodeLengthPrefixed(gzipSync(bytes, { level: 1 }), true);
  }
  if ('vector' in frame) {
    return encodeLengthPrefixed(
      await readFile(join(packageRoot(), 'fixtures', 'vectors', `${frame.vector}.bin`)),
    );
  }
  if ('piece' in frame) {
    const { message, from, to } = frame.piece;
    return encodeMessage(scope, path, message).subarray(from, to);
  }
  return encodeMessage(scope, path, frame.message);
}

function encodeMessage(scope: Scope, path: string, message: unknown): Buffer {
  return encodeLengthPrefixed(buildStepRequest(scope, rpcOf(path), message).bytes);
}

function rpcOf(path: string): RequestRpc {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === 'InvokeStream' || name === 'CloseSession' ? name : 'Invoke';
}
