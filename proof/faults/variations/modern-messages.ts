import { variations } from '../../harness/fault.ts';
import { onModern } from '../changes/modern.ts';

/** Variations of log messages, progress and cancellation in MCP 2026-07-28. */
export const modernMessagesVariations = variations([
  {
    name: 'modern-notifications-with-more-members',
    clause: 'MODERN-68',
    about: 'The runtime adds _meta to log messages and progress',
    hooks: onModern((message) =>
      ['notifications/message', 'notifications/progress'].includes(message.method)
        ? { ...message, params: { ...message.params, _meta: { 'example.com/more': 1 } } }
        : message,
    ),
  },
  {
    name: 'modern-streams-begin-at-once',
    clause: 'MODERN-69',
    about: 'The runtime begins a stream before its request has sent anything',
    options: { limits: { headDelayMs: 1 } },
  },
]);
