import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { onModern } from '../changes/modern.ts';
import { isOlder, modernOnly } from '../changes/modern-only.ts';

/** Faults of runtimes that serve MCP 2026-07-28 alone. */
export const modernOnlyFaults = runtimeFaults([
  {
    name: 'modern-only-without-the-revision',
    clause: 'MODERN-71',
    about: 'The runtime declares modern-only but not mcp-2026-07-28',
    hooks: modernOnly({
      health: (state) =>
        defaultHooks.health({ ...state, capabilities: ['stream-head', 'stream-post', 'modern-only'] }),
    }),
  },
  {
    name: 'modern-only-with-handshake',
    clause: 'MODERN-72',
    about: 'The runtime declares modern-only but serves initialize',
    hooks: modernOnly({
      isModern: (message, headers) =>
        !(message.kind === 'request' && message.method === 'initialize') &&
        defaultHooks.isModern(message, headers),
      checkProtocolVersion: () => undefined,
    }),
  },
  {
    name: 'modern-only-refuses-with-200',
    clause: 'MODERN-72',
    about: 'The runtime refuses requests of older revisions with status 200',
    hooks: modernOnly({
      modernResponse: (response, call) =>
        isOlder(call) ? new Response(response.body, { headers: response.headers }) : response,
    }),
  },
  {
    name: 'modern-only-looks-for-the-session',
    clause: 'MODERN-72',
    about: 'The runtime answers 500 to a call that names a session',
    hooks: modernOnly({
      modernCall(received) {
        if (received.call.sessionId === '') return received;
        throw refused('INTERNAL', 'no_session_store', 'There is no session store');
      },
    }),
  },
  {
    name: 'modern-only-hides-its-revision',
    clause: 'MODERN-73',
    about: 'The refusal of initialize does not list the served revisions',
    hooks: modernOnly(
      onModern((message, call) =>
        isOlder(call) ? { ...message, error: { ...message.error, data: {} } } : message,
      ),
    ),
  },
  {
    name: 'modern-only-asks-for-a-session',
    clause: 'MODERN-74',
    about: 'The runtime answers 400 to live streams and to the end of a session',
    hooks: modernOnly({ checkProtocolVersion: () => undefined }),
  },
]);
