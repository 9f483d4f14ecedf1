import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks, type RuntimeHooks } from '../../../reference-runtime/hooks.ts';
import { hasWiderObject } from '../../../reference-runtime/mcp/widest-object.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { onAnswerIf, refusalStatus } from '../changes/runtime.ts';

const mebibyte = 1024 * 1024;

/** Blocks the runtime for 25 seconds on some messages. */
function blockedBy(isExpensive: (body: Uint8Array) => boolean): Partial<RuntimeHooks> {
  return {
    parseMessage(body) {
      if (isExpensive(body)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25_000);
      return defaultHooks.parseMessage(body);
    },
  };
}

/** Faults in limits. */
export const limitFaults = runtimeFaults([
  {
    name: 'requests-of-512-kib',
    clause: 'LIMIT-1',
    about: 'The runtime refuses request bodies over 512 KiB',
    options: { limits: { maxBodyBytes: mebibyte / 2 } },
  },
  {
    name: 'responses-of-512-kib',
    clause: 'LIMIT-1',
    about: 'The runtime fails calls with responses over 512 KiB',
    hooks: {
      responseOf(answer) {
        if (answer.body.length > mebibyte / 2) throw new CallRefused('RATE_LIMITED', 'Too large');
        return defaultHooks.responseOf(answer);
      },
    },
  },
  {
    name: 'requests-of-any-size',
    clause: 'LIMIT-2',
    about: 'The runtime accepts request bodies of any size',
    options: { limits: { maxBodyBytes: 64 * mebibyte } },
  },
  {
    name: 'large-requests-are-internal',
    clause: 'LIMIT-2',
    about: 'The runtime answers an oversized request body with 500',
    hooks: refusalStatus(413, 500),
  },
  {
    name: 'responses-cut',
    clause: 'LIMIT-3',
    about: 'The runtime truncates responses at 4 MiB',
    alsoBreaks: [{ clause: 'JSONRPC-10', reason: 'The body of a truncated response is not JSON.' }],
    hooks: onAnswerIf(
      ({ body }) => body.length > 4 * mebibyte,
      (answer) => ({ ...answer, body: answer.body.subarray(0, 4 * mebibyte) }),
    ),
  },
  {
    name: 'compressed-size-counts',
    clause: 'LIMIT-4',
    about: 'The runtime decompresses messages without a size limit',
    hooks: {
      messageLimits: (limits) => ({
        ...defaultHooks.messageLimits(limits),
        'grpc.max_receive_message_length': -1,
      }),
    },
  },
  {
    name: 'expensive-members',
    clause: 'LIMIT-5',
    about: 'The runtime blocks for 25 seconds to parse an object with hundreds of thousands of members',
    hooks: blockedBy((body) => hasWiderObject(body, 100_000)),
  },
  {
    name: 'expensive-levels',
    clause: 'LIMIT-5',
    about: 'The runtime blocks for 25 seconds to parse a deeply nested message',
    hooks: blockedBy((body) => Buffer.from(body).includes('{"a":['.repeat(1000))),
  },
  {
    name: 'few-members-accepted',
    clause: 'LIMIT-5',
    about: 'The runtime refuses objects with more than 500 members',
    hooks: {
      parseMessage(body) {
        if (hasWiderObject(body, 500))
          throw refused('INVALID_ARGUMENT', 'too_many_members', 'Too many members');
        return defaultHooks.parseMessage(body);
      },
    },
  },
]);
