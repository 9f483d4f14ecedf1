import type { Failure } from '../../engine/result.ts';
import type { Difference } from '../../match/diff.ts';
import { nothing } from '../../match/matcher.ts';
import { type Head, memberOf } from './failure-tests.ts';

/** Returns whether `InvokeStream` did not carry out the request that it carried. */
export function isNotStreamed(failure: Failure, head: Head): boolean {
  const { differences, actual } = failure;
  const isRefused = Number(memberOf(actual, 'status')) >= 400 || Number(memberOf(actual, 'refused')) >= 400;
  return isOfStream(failure, head) && (differences.length === 0 || isRefused);
}

/** Returns whether a failure is in the answer to a request that `InvokeStream` carried. */
export function isOfStream(failure: Failure, { needs }: Head): boolean {
  const method = memberOf(failure.request, 'method');
  const isStep = ['openStream', 'receive', 'end'].includes(failure.step?.verb ?? '');
  return (
    needs?.capabilities?.includes('stream-post') === true &&
    (isStep || memberOf(failure.request, 'rpc') === 'InvokeStream') &&
    (method === undefined || method === 'POST')
  );
}

/** Returns whether a step waited in vain for an event of a stream, or a stream has data but no events. */
export function isWithoutEvents(failure: Failure, head: Head): boolean {
  const { differences, actual } = failure;
  const events = memberOf(actual, 'events');
  const isEmpty = Array.isArray(events) && events.length === 0 && Number(memberOf(actual, 'bytes')) > 0;
  return isOfStream(failure, head) && (differences.length === 0 || isEmpty);
}

/** Returns whether the answer to a request that `InvokeStream` carried has another status than expected. */
export function isOtherStatusOfStream(failure: Failure, head: Head): boolean {
  return (
    isOfStream(failure, head) && /^\/(?:status|refused|errorStatus)$/.test(failure.differences[0]?.path ?? '')
  );
}

/** Returns whether a runtime opened a stream to refuse the request that it carried. */
export function isRefusedInStream(failure: Failure, head: Head): boolean {
  const { step, expected, actual } = failure;
  const mayBeRefused = /\b4\d\d\b/.test(JSON.stringify(expected ?? null));
  const isError = step?.verb === 'end' || memberOf(memberOf(actual, 'message'), 'error') !== undefined;
  return isOfStream(failure, head) && mayBeRefused && isError && memberOf(actual, 'status') === 200;
}

/** Returns whether a text has a replacement character, which stands for bytes that are not UTF-8. */
export function isWithReplacement({ expected, actual }: Difference): boolean {
  return actual.includes('\uFFFD') && !expected.includes('\uFFFD');
}

/** Returns whether a live stream ended although it should stay open. */
export function isEndedStream({ step, summary, differences }: Failure): boolean {
  if (step?.verb === 'receive') return summary.includes('the stream ended before the message: gRPC OK');
  const [first] = differences;
  const isDone = first?.path === '/done' && first.actual === 'true';
  return step?.verb === 'end' && (isDone || (first?.path === '/grpc' && first.actual === '"OK"'));
}

/** Returns whether a message of a request arrived on the live stream, or is missing among the request's messages. */
export function isOnOtherStream({ summary, differences }: Failure): boolean {
  const [first] = differences;
  const isMissing = differences.some(
    ({ path, actual }) => /^\/messages\/\d+$/.test(path) && actual === nothing,
  );
  return (
    summary.includes('`never` forbids') ||
    /^\/messages(?:\/\d+)?(?:\/method)?$/.test(first?.path ?? '') ||
    (first?.path.startsWith('/messages/') === true && isMissing)
  );
}

/** Returns whether a runtime refuses a live stream because it still treats the session's earlier stream as open. */
export function isHeldStream({ step, actual }: Failure): boolean {
  const verbs = ['openStream', 'receive', 'end'];
  return verbs.includes(step?.verb ?? '') && Number(memberOf(actual, 'refused')) === 409;
}
