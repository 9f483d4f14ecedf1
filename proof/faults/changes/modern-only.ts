import { isObject } from '../../../base/is-object.ts';
import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { namesModernRevision } from '../../../reference-runtime/modern/era.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { modernCapability } from '../../../reference-runtime/runtime-options.ts';
import type { Hooks } from '../../harness/fault.ts';

/** The capabilities of the runtime when it serves MCP 2026-07-28 alone. */
const capabilities: readonly string[] = ['stream-head', 'stream-post', modernCapability, 'modern-only'];

/**
 * Returns whether a call is a request of an older revision, which names the revision neither in its body nor in a
 * field.
 */
export function isOlder({ message, call }: ModernCall): boolean {
  if (message.kind !== 'request' || namesModernRevision(call.headers)) return false;
  return !(isObject(message.params) && isObject(message.params['_meta']));
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
