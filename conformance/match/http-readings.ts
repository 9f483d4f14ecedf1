import type { GrpcStatusName } from '../../base/grpc-status.ts';
import { isObject, memberOf } from './canonical.ts';

/** The gRPC statuses of each HTTP status of a refusal (ERROR-4, LIMIT-2). */
const grpcOfHttp: ReadonlyMap<number, readonly GrpcStatusName[]> = new Map([
  [400, ['INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'UNIMPLEMENTED', 'OUT_OF_RANGE']],
  [401, ['UNAUTHENTICATED']],
  [403, ['PERMISSION_DENIED']],
  [404, ['NOT_FOUND', 'UNIMPLEMENTED']],
  [405, ['UNIMPLEMENTED']],
  [409, ['ALREADY_EXISTS', 'ABORTED']],
  [412, ['FAILED_PRECONDITION']],
  [413, ['RESOURCE_EXHAUSTED', 'OUT_OF_RANGE']],
  [429, ['RESOURCE_EXHAUSTED']],
  [431, ['RESOURCE_EXHAUSTED', 'INVALID_ARGUMENT']],
  [500, ['INTERNAL']],
  [501, ['UNIMPLEMENTED']],
  [502, ['UNKNOWN']],
  [503, ['UNAVAILABLE']],
]);

/**
 * Returns the observations that mean the same as this one. Over HTTP, a refusal is an answer, and also a call that
 * failed with a gRPC status of the same category (ERROR-4). An expectation holds if one reading fulfils it.
 */
export function readingsOf(observation: unknown): readonly unknown[] {
  if (!isObject(observation) || observation['transport'] !== 'http' || observation['grpc'] !== 'OK') {
    return [observation];
  }
  const { status, refused } = observation;
  const statuses = grpcOfHttp.get(Number(status ?? refused)) ?? [];
  const failed = {
    grpcMessage: messageOf(observation),
    transport: 'http',
    ...('done' in observation && {
      done: false,
      errorStatus: 0,
      refused: 0,
      messages: [],
      events: [],
      bytes: 0,
    }),
  };
  return [observation, ...statuses.map((grpc) => ({ grpc, ...failed }))];
}

/** Returns the text of a refusal, which is the message of the failed call. */
function messageOf({ message, text }: Readonly<Record<string, unknown>>): string {
  const inner = memberOf(memberOf(message, 'error')?.value, 'message')?.value;
  return typeof inner === 'string' ? inner : String(text ?? '');
}
