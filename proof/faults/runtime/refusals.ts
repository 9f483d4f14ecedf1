import type { RequestRpc } from '../../../proto/index.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { methodIn, type Reason, refusedButDone } from '../changes/proxy.ts';

/** The messages that change something that the owner of a session can see. */
const messages = {
  'set-level': 'logging/setLevel',
  subscribe: 'resources/subscribe',
  unsubscribe: 'resources/unsubscribe',
  tool: 'tools/call',
  cancelled: 'notifications/cancelled',
  answer: 'response',
} as const;

type Message = keyof typeof messages;

const allMessages = Object.keys(messages) as readonly Message[];
const carriers = ['Invoke', 'InvokeStream'] as const;

/** A fault that refuses a message for a reason, and carries it out. */
function carriedOut(clause: string, reason: Reason, message: Message, rpc: RequestRpc) {
  return {
    name: `${message}-by-${rpc === 'Invoke' ? 'invoke' : 'stream'}-carried-out-though-${reason}`,
    clause,
    about: `The runtime refuses ${messages[message]} on ${rpc} (${reason}), but carries it out`,
    hooks: refusedButDone(
      (found, request, carrier) =>
        found === reason && carrier === rpc && methodIn(request) === messages[message],
    ),
  };
}

/** Faults of every message, on both RPCs. */
function ofEveryMessage(clause: string, reason: Reason) {
  return allMessages.flatMap((message) => carriers.map((rpc) => carriedOut(clause, reason, message, rpc)));
}

/** Faults of two messages, one on each RPC. */
function ofTwo(clause: string, reason: Reason, first: Message, second: Message) {
  return [carriedOut(clause, reason, first, 'Invoke'), carriedOut(clause, reason, second, 'InvokeStream')];
}

/** A fault that refuses CloseSession for a reason, and closes the session. */
function closed(clause: string, reason: Reason) {
  return {
    name: `closed-though-${reason}`,
    clause,
    about: `The runtime refuses CloseSession (${reason}), but closes the session`,
    hooks: refusedButDone((found, _request, rpc) => found === reason && rpc === 'CloseSession'),
  };
}

/** Faults in which the message of another caller takes effect. */
export const authEffectFaults = runtimeFaults([
  ...ofEveryMessage('AUTH-2', 'another-owner'),
  ...ofTwo('AUTH-3', 'nobody', 'set-level', 'unsubscribe'),
  ...ofTwo('AUTH-3', 'nobody', 'cancelled', 'tool'),
  ...ofTwo('AUTH-7', 'not-authenticated', 'subscribe', 'cancelled'),
  closed('AUTH-3', 'nobody'),
]);

/** Faults in which a message in another scope takes effect. */
export const sessionEffectFaults = runtimeFaults([
  ...ofTwo('SESSION-5', 'another-scope', 'unsubscribe', 'set-level'),
  ...ofTwo('SESSION-5', 'another-scope', 'answer', 'cancelled'),
  ...ofTwo('SESSION-5', 'another-scope', 'tool', 'subscribe'),
  closed('SESSION-5', 'another-scope'),
]);

/** Faults in which a call with an invalid field takes effect. */
export const errorEffectFaults = runtimeFaults([
  ...ofEveryMessage('ERROR-6', 'expired'),
  ...ofTwo('ERROR-6', 'unreadable', 'tool', 'cancelled'),
  ...ofTwo('ERROR-6', 'another-path', 'cancelled', 'set-level'),
  ...ofTwo('ERROR-6', 'another-method', 'set-level', 'subscribe'),
  ...ofTwo('ERROR-6', 'control-character', 'unsubscribe', 'tool'),
  ...ofTwo('ERROR-6', 'bad-fields', 'subscribe', 'answer'),
  ...ofTwo('ERROR-6', 'unserved-revision', 'answer', 'unsubscribe'),
  closed('ERROR-6', 'expired'),
  closed('ERROR-6', 'unserved-revision'),
]);

/** Faults in which a refused request of MCP 2026-07-28 takes effect. */
export const errorModernEffectFaults = runtimeFaults(
  (['expired', 'unreadable', 'another-path', 'bad-fields', 'control-character'] as const).flatMap((reason) =>
    carriers.map((rpc) => ({
      name: `modern-tool-by-${rpc === 'Invoke' ? 'invoke' : 'stream'}-run-though-${reason}`,
      clause: 'ERROR-6',
      about: `The runtime refuses a tools/call of MCP 2026-07-28 on ${rpc} (${reason}), but runs the tool`,
      hooks: refusedButDone(
        (found, request, carrier) =>
          found === reason &&
          carrier === rpc &&
          request.headers['mcp-protocol-version'] === '2026-07-28' &&
          methodIn(request) === 'tools/call',
      ),
    })),
  ),
);
