import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { claimsRevision } from '../../../reference-runtime/modern/era.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { onModernResult } from '../changes/modern.ts';
import { onOwnMessages } from '../changes/own-messages.ts';
import { listKeys, paged, pagesBy } from '../changes/paging.ts';
import { type Members, onEveryResult, onMessage, onRequest, onResult } from '../changes/runtime.ts';

/** Makes methods of the revisions with sessions unknown. */
function unserved(...methods: readonly string[]): Hooks {
  return onMessage((message) =>
    message.kind === 'request' && methods.includes(message.method) && !claimsRevision(message)
      ? { ...message, method: `unserved/${message.method}` }
      : message,
  );
}

/** Changes the capabilities that `initialize` declares. */
function declared(change: (capabilities: Members) => Members): Hooks {
  return onResult('initialize', (result) => ({
    ...result,
    capabilities: change(result['capabilities'] as Members),
  }));
}

/** Shorter than the time between two calls of a case, so that it merges only concurrent changes. */
const windowMs = 1;

/** Reports equal changes within `windowMs` as one. */
function coalescing(): Hooks {
  const reported = new WeakMap<Session, Map<string, number>>();
  return {
    *subscribersOf(sessions, uri) {
      const now = performance.now();
      for (const session of defaultHooks.subscribersOf(sessions, uri)) {
        const times = reported.get(session) ?? new Map<string, number>();
        reported.set(session, times);
        if (now - (times.get(uri) ?? Number.NEGATIVE_INFINITY) < windowMs) continue;
        times.set(uri, now);
        yield session;
      }
    },
  };
}

const negativeId = /"id":-(\d+)/;

/** Changes the results of a method in both eras. */
function onResultsOfBothEras(change: (result: Members, method: string) => Members): Hooks {
  return {
    ...onEveryResult((result, { method }) => change(result, method)),
    ...onModernResult((result, { method }) => change(result, method)),
  };
}

/** Returns an item without the members that MCP leaves optional. */
function withoutOptional({ title: _, description: __, mimeType: ___, ...required }: Members): Members {
  return required;
}

/** Variations of features, lists and notifications in the revisions with sessions. */
export const mcpChoicesVariations = variations([
  {
    name: 'no-logging',
    clause: 'MCP-2',
    about: 'The runtime neither declares logging nor sends log messages',
    servesLess: true,
    hooks: {
      ...declared(({ logging: _, ...others }) => others),
      ...unserved('logging/setLevel'),
      frameEvent: (event) =>
        event.data.includes('"method":"notifications/message"') ? '' : defaultHooks.frameEvent(event),
    },
  },
  {
    name: 'no-subscriptions',
    clause: 'MCP-2',
    about: 'The runtime serves resources without subscriptions',
    servesLess: true,
    hooks: {
      ...declared((capabilities) => ({ ...capabilities, resources: {} })),
      ...unserved('resources/subscribe', 'resources/unsubscribe'),
    },
  },
  {
    name: 'no-completion',
    clause: 'MCP-2',
    about: 'The runtime serves prompts and templates without completion',
    servesLess: true,
    hooks: {
      ...declared(({ completions: _, ...others }) => others),
      ...unserved('completion/complete'),
    },
  },
  {
    name: 'empty-pages',
    clause: 'MCP-3',
    about: 'The first page and the last page of every list are empty',
    hooks: paged({ pagesOf: (items) => [[], items, []] }),
  },
  {
    name: 'long-cursors-of-all-characters',
    clause: 'MCP-3',
    about: 'The runtime returns lists in pages of two items, with long cursors of any characters',
    hooks: paged({
      pagesOf: pagesBy(2),
      cursorOf: (page) => `{"seite":${page}}\t\\ \u0000\u2028 größe 😀 ${'%2B+/='.repeat(200)}`,
    }),
  },
  {
    name: 'changes-as-one',
    clause: 'MCP-15',
    about: 'The runtime reports equal changes within 1 ms as one',
    hooks: coalescing(),
  },
  {
    name: 'progress-without-a-total',
    clause: 'MCP-7',
    about: 'The runtime omits the total of progress notifications',
    hooks: {
      writeMessage(message, request) {
        const text = defaultHooks.writeMessage(message, request);
        return text.includes('"notifications/progress"') ? text.replace(/,"total":[\d.]+/, '') : text;
      },
    },
  },
  {
    name: 'requests-with-negative-ids',
    clause: 'MCP-9',
    about: 'The runtime uses negative numbers as ids of its requests',
    hooks: {
      ...onOwnMessages((message) =>
        typeof message['id'] === 'number' ? { ...message, id: -1 - message['id'] } : message,
      ),
      ...onRequest((request) => {
        const body = Buffer.from(request.body).toString('latin1');
        const id = negativeId.exec(body)?.[1];
        if (id === undefined || body.includes('"method"')) return;
        request.body = Buffer.from(body.replace(negativeId, `"id":${Number(id) - 1}`), 'latin1');
      }),
    },
  },
  {
    name: 'completions-without-counts',
    clause: 'MCP-11',
    about: 'The runtime completes values without total and hasMore',
    hooks: onResultsOfBothEras((result, method) => {
      if (method !== 'completion/complete') return result;
      const { values } = result['completion'] as Members;
      return { ...result, completion: { values } };
    }),
  },
  {
    name: 'lists-without-optional-members',
    clause: 'MCP-3',
    about: 'The runtime lists items without titles, descriptions and media types',
    hooks: onResultsOfBothEras((result, method) => {
      const key = listKeys[method];
      return key === undefined
        ? result
        : { ...result, [key]: (result[key] as Members[]).map(withoutOptional) };
    }),
  },
  {
    name: 'contents-without-media-types',
    clause: 'MCP-5',
    about: 'The runtime reads resources without media types, and renders prompts without a description',
    hooks: onResultsOfBothEras((result, method) => {
      if (method === 'prompts/get') return withoutOptional(result);
      const { contents } = result;
      if (method !== 'resources/read' || !Array.isArray(contents)) return result;
      return { ...result, contents: contents.map(withoutOptional) };
    }),
  },
]);
