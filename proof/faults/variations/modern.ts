import { variations } from '../../harness/fault.ts';
import { onModern, onModernResult } from '../changes/modern.ts';
import { isOlder, modernOnly } from '../changes/modern-only.ts';
import { encoder } from '../changes/streams.ts';

const legacy = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** Variations of MCP 2026-07-28. */
export const modernVariations = variations([
  {
    name: 'modern-versions-with-those-of-sessions',
    clause: 'MODERN-3',
    about: 'The runtime also lists the revisions with sessions, in errors and in server/discover',
    hooks: onModern((message) => {
      const { error, result } = message;
      if (error?.code === -32022) error.data.supported.push(...legacy);
      result?.supportedVersions?.push(...legacy);
      return message;
    }),
  },
  {
    name: 'modern-results-with-more-members',
    clause: 'MODERN-9',
    about: 'The runtime adds unknown members to results and to their _meta',
    hooks: onModernResult((result) => ({
      ...result,
      'example.com/more': true,
      _meta: { ...result._meta, 'example.com/more': 1 },
    })),
  },
  {
    name: 'modern-null-for-unreadable-ids',
    clause: 'MODERN-11',
    about: 'The runtime answers an unreadable id with the id null',
    hooks: { unreadableId: () => 'null' },
  },
  {
    name: 'modern-nothing-is-cached',
    clause: 'MODERN-12',
    about: 'The runtime lets nobody cache lists, discovery and resources',
    hooks: onModernResult((result) =>
      'ttlMs' in result ? { ...result, ttlMs: 0, cacheScope: 'private' } : result,
    ),
  },
  {
    name: 'modern-answers-are-events',
    clause: 'MODERN-9',
    about: 'The runtime answers every modern request with server-sent events',
    hooks: {
      modernResponse(response) {
        const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
        if (response.status !== 200 || !isJson || response.body === null) return response;
        const framed = new TransformStream<Uint8Array, Uint8Array>({
          start: (controller) => controller.enqueue(encoder.encode('data: ')),
          flush: (controller) => controller.enqueue(encoder.encode('\n\n')),
        });
        return new Response(response.body.pipeThrough(framed), {
          headers: { 'content-type': 'text/event-stream' },
        });
      },
    },
  },
  {
    name: 'modern-only',
    clause: 'MODERN-80',
    about: 'The runtime serves MCP 2026-07-28 alone',
    servesLess: true,
    hooks: modernOnly(),
  },
  {
    name: 'modern-only-with-404',
    clause: 'MODERN-81',
    about: 'The runtime serves MCP 2026-07-28 alone and answers 404 to other requests',
    servesLess: true,
    hooks: modernOnly({
      modernResponse: (response, { message }) =>
        isOlder(message) ? new Response(response.body, { status: 404, headers: response.headers }) : response,
    }),
  },
]);
