import { createHash } from 'node:crypto';
import { isObject } from '../../../base/is-object.ts';
import type { Catalog } from '../../../reference-runtime/catalog/catalog.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Caller } from '../../../reference-runtime/identity/caller.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import {
  asks,
  type Message,
  onModern,
  onModernMeta,
  onModernRequest,
  onModernResult,
  refusedByCode,
} from '../changes/modern.ts';
import { modernPaged, pagesBy } from '../changes/paging.ts';
import { catalogWith } from '../changes/runtime.ts';

const listen = 'subscriptions/listen';
const levelKey = 'io.modelcontextprotocol/logLevel';
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Changes the capabilities that `server/discover` declares. */
function declared(change: (capabilities: Message) => object): Hooks {
  return onModernResult(
    (result) => ({ ...result, capabilities: change(result.capabilities) }),
    'server/discover',
  );
}

/** Optional params of the questions of a result. */
const moreParams: Readonly<Record<string, object>> = {
  'sampling/createMessage': {
    modelPreferences: { hints: [{ name: 'any' }], speedPriority: 0.5 },
    systemPrompt: 'Be kind.',
    temperature: 0.5,
    stopSequences: ['never'],
    metadata: { variation: true },
  },
};

/** Returns a name that depends on a caller and does not reveal it. */
function nameFor(caller: Caller): string {
  const email = caller.kind === 'known' ? caller.email : '';
  return `tool-${createHash('sha256').update(`variation ${email}`).digest('hex').slice(0, 12)}`;
}

/** A duration that becomes shorter with every answer. */
function runningDown(): () => number {
  let left = 86_400_000_000;
  return () => left--;
}
const ttl = runningDown();

/** Removes tools from the catalog of MCP 2026-07-28. */
function withoutModernTools(names: RegExp): { readonly catalog: Catalog } {
  return catalogWith(({ tools = [] }) => ({
    tools: tools.flatMap((entry) => {
      if (!names.test(entry.tool.name)) return [entry];
      return entry.era === 'modern' ? [] : [{ ...entry, era: 'legacy' as const }];
    }),
  }));
}

/** Variations of what a runtime may choose in MCP 2026-07-28. */
export const modernFreedomsVariations = variations([
  {
    name: 'modern-lists-in-pages-of-three',
    clause: 'MODERN-50',
    about: 'The runtime returns lists in pages of three items',
    hooks: modernPaged({ pagesOf: pagesBy(3), cursorOf: (page) => `größe "${page}" ${'=/+'.repeat(100)}` }),
  },
  {
    name: 'modern-empty-pages',
    clause: 'MODERN-50',
    about: 'The first page and the last page of every list are empty',
    hooks: modernPaged({ pagesOf: (items) => [[], items, []] }),
  },
  {
    name: 'modern-cache-time-runs-down',
    clause: 'MODERN-12',
    about: 'The runtime answers with a cache time of years, which becomes shorter with every answer',
    hooks: onModernResult((result) => ('ttlMs' in result ? { ...result, ttlMs: ttl() } : result)),
  },
  {
    name: 'modern-state-of-five-seconds',
    clause: 'MODERN-55',
    about: 'The runtime accepts state for five seconds',
    options: { limits: { requestStateMs: 5000 } },
  },
  {
    name: 'modern-declined-without-is-error',
    clause: 'MODERN-58',
    about: 'The runtime answers a declined form with a result that is not an error',
    hooks: onModernResult((result) => {
      const { isError, ...others } = result;
      const isDeclined = JSON.stringify(others.content ?? '').includes('The user did not answer');
      return isError === true && isDeclined ? others : result;
    }, 'tools/call'),
  },
  {
    name: 'modern-subscriptions-of-ten-seconds',
    clause: 'MODERN-20',
    about: 'The runtime ends every subscription with its result after ten seconds',
    hooks: {
      endAtExpiry(sink, id, expiresAt) {
        const latest = BigInt(Date.now() + 10_000);
        defaultHooks.endAtExpiry(sink, id, expiresAt !== 0n && expiresAt < latest ? expiresAt : latest);
      },
    },
  },
  {
    name: 'modern-subscriptions-end-before-expiry',
    clause: 'MODERN-20',
    about: 'The runtime ends subscriptions 100 ms before the credentials of the caller expire',
    hooks: {
      endAtExpiry: (sink, id, expiresAt) =>
        defaultHooks.endAtExpiry(sink, id, expiresAt === 0n ? 0n : expiresAt - 100n),
    },
  },
  {
    name: 'modern-lists-for-each-caller',
    clause: 'MODERN-51',
    about: 'The runtime lists a tool of its own for each caller, and lets no cache share the list',
    hooks: onModern((message, { message: request, caller }) => {
      if (!asks(request, 'tools/list') || !isObject(message.result)) return message;
      const own = { name: nameFor(caller), inputSchema: { type: 'object' } };
      const tools = [...(message.result['tools'] as readonly object[]), own];
      return { ...message, result: { ...message.result, tools, cacheScope: 'private' } };
    }),
  },
  {
    name: 'modern-without-changes',
    clause: 'MODERN-60',
    about: 'The runtime declares and reports no changes, and acknowledges subscriptions without any',
    servesLess: true,
    hooks: {
      ...declared(({ tools, resources, prompts, ...others }) => ({
        ...others,
        ...(tools && { tools: {} }),
        ...(resources && { resources: { subscribe: false } }),
        ...(prompts && { prompts: { listChanged: false } }),
      })),
      ...onModernRequest((request) => {
        const params = Object(request.params);
        const isFilter = asks(request, listen) && isObject(params.notifications);
        return isFilter ? { params: { ...params, notifications: {} } } : {};
      }),
    },
    options: withoutModernTools(/^(?:conformance_touch|test_trigger_\w+_change)$/),
  },
  {
    name: 'modern-without-logging',
    clause: 'MODERN-40',
    about: 'The runtime neither declares logging nor sends log messages',
    servesLess: true,
    hooks: {
      ...declared(({ logging: _, ...others }) => others),
      ...onModernMeta(({ [levelKey]: level, ...meta }) =>
        level === undefined || levels.includes(String(level)) ? meta : { ...meta, [levelKey]: level },
      ),
    },
    options: withoutModernTools(/^(?:conformance_(?:events|levels|report)|test_logging_tool)$/),
  },
  {
    name: 'modern-questions-with-optional-params',
    clause: 'MODERN-53',
    about: 'The runtime sends optional params with its questions',
    hooks: onModernResult((result) => {
      if (!isObject(result.inputRequests)) return result;
      const changed = Object.entries<Message>(result.inputRequests).map(([key, question]) => [
        key,
        { ...question, params: { ...question.params, ...moreParams[question.method] } },
      ]);
      return { ...result, inputRequests: Object.fromEntries(changed) };
    }),
  },
  {
    name: 'modern-sixteen-subscriptions-for-each-caller',
    clause: 'MODERN-64',
    about: 'The runtime allows 16 subscriptions for each caller',
    options: { limits: { maxListensPerCaller: 16 } },
  },
  {
    name: 'modern-progress-without-totals',
    clause: 'MODERN-68',
    about: 'The runtime omits the total and the message of progress',
    hooks: onModern((message) => {
      if (message.method !== 'notifications/progress') return message;
      const { total: _, message: __, ...params } = message.params;
      return { ...message, params };
    }),
  },
  {
    name: 'modern-log-messages-name-a-logger',
    clause: 'MODERN-19',
    about: 'The runtime names a logger in its log messages',
    hooks: onModern((message) =>
      message.method === 'notifications/message'
        ? { ...message, params: { logger: 'werkzeug/größe', ...message.params } }
        : message,
    ),
  },
  {
    name: 'modern-later-revision',
    clause: 'MODERN-38',
    about: 'The runtime also serves a later revision, whose requests equal those of 2026-07-28',
    hooks: servingLater('2027-01-31'),
  },
]);

/** Serves a later revision like 2026-07-28. */
function servingLater(later: string): Hooks {
  const revision = '2026-07-28';
  const versionKey = 'io.modelcontextprotocol/protocolVersion';
  const versionField = 'mcp-protocol-version';
  const { modernResponse } = onModern((message) => {
    message.result?.supportedVersions?.unshift(later);
    if (message.error?.code === -32022) message.error.data.supported.unshift(later);
    return message;
  });
  return {
    ...(modernResponse && { modernResponse }),
    modernCall(received) {
      const { call, message } = received;
      if (message.kind !== 'request') return received;
      const params = Object(message.params);
      const meta = Object(params._meta);
      if (meta[versionKey] !== later) return received;
      if (call.headers.get(versionField)?.trim() !== later) refusedByCode(-32020)(message);
      const headers = new Map([...call.headers, [versionField, revision]]);
      const served = { ...params, _meta: { ...meta, [versionKey]: revision } };
      return { ...received, call: { ...call, headers }, message: { ...message, params: served } };
    },
  };
}
