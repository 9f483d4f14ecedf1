import { variations } from '../../harness/fault.ts';
import { onModern, onModernResult } from '../changes/modern.ts';
import { isOlder, modernOnly } from '../changes/modern-only.ts';
import { catalogWithoutModernItems, ownItems } from '../changes/own-items.ts';
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
    clause: 'MODERN-71',
    about: 'The runtime serves MCP 2026-07-28 alone',
    servesLess: true,
    hooks: modernOnly(),
  },
  {
    name: 'modern-only-with-404',
    clause: 'MODERN-72',
    about: 'The runtime serves MCP 2026-07-28 alone and answers 404 to other requests',
    servesLess: true,
    hooks: modernOnly({
      modernResponse: (response, call) =>
        isOlder(call) ? new Response(response.body, { status: 404, headers: response.headers }) : response,
    }),
  },
  {
    name: 'modern-own-items',
    clause: 'MODERN-4',
    about: 'The runtime serves its own tools, resources and prompts in both eras',
    servesLess: true,
    options: { catalog: ownItems },
  },
  {
    name: 'modern-only-own-items',
    clause: 'MODERN-71',
    about: 'The runtime serves its own tools, resources and prompts in MCP 2026-07-28 alone',
    servesLess: true,
    options: { catalog: ownItems },
    hooks: modernOnly(),
  },
  {
    name: 'modern-only-nothing-served',
    clause: 'MODERN-71',
    about: 'The runtime serves MCP 2026-07-28 alone, without tools, resources and prompts',
    servesLess: true,
    options: { catalog: 'empty' },
    hooks: modernOnly(),
  },
  {
    name: 'modern-without-its-own-tools',
    clause: 'MODERN-4',
    about: 'The runtime serves the catalog of older revisions in both eras',
    servesLess: true,
    options: { catalog: catalogWithoutModernItems },
  },
]);
