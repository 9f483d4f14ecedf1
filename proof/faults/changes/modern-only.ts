import { isObject } from '../../../base/is-object.ts';
import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { IncomingMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { modernCapability } from '../../../reference-runtime/runtime-options.ts';
import type { Hooks } from '../../harness/fault.ts';

/** The capabilities of the runtime when it serves MCP 2026-07-28 alone. */
const capabilities: readonly string[] = ['stream-head', 'stream-post', modernCapability, 'modern-only'];

/** Returns whether a message is a request of an older revision. */
export function isOlder(message: IncomingMessage): boolean {
  return message.kind === 'request' && !(isObject(message.params) && isObject(message.params['_meta']));
}

/** Makes the runtime serve MCP 2026-07-28 alone, with further hooks. */
export function modernOnly(more: Hooks = {}): Hooks {
  return {
    health: (state) => defaultHooks.health({ ...state, capabilities }),
    isModern: () => true,
    // Only calls without a message get here: the live stream and the end of a session.
    checkProtocolVersion() {
      const message = 'method: only POST is served';
      throw refused('UNSUPPORTED', 'method_not_served', message, { httpStatus: 405 });
    },
    ...more,
  };
}
