import { isObject } from '../../../base/is-object.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { asks, type Message, onModern, onModernRequest, onModernResult } from '../changes/modern.ts';

const hints = { ttlMs: 0, cacheScope: 'private' };
const pageKey = 'example.com/page';

/** Changes the results of every method, with their call. */
function onResult(change: (result: Message, call: ModernCall) => object): Hooks {
  return onModern((message, call) =>
    'result' in message ? { ...message, result: change(message.result, call) } : message,
  );
}

/** Adds hints to the results of a method, which must not have them. */
const hintsOn = (method: string) => onModernResult((result) => ({ ...result, ...hints }), method);

const isQuestion = ({ resultType }: Message) => resultType === 'input_required';
const isOwn = ({ contents }: Message) => contents?.[0]?.uri === 'test://whoami';
const emailOf = ({ caller }: ModernCall) => (caller.kind === 'known' ? caller.email : 'anonymous');

/** Splits the list of tools in two pages, and changes the second one. */
function twoPages(changeSecond: (page: Message) => object): Hooks {
  return {
    ...onModernRequest(({ method, params }) => {
      if (method !== 'tools/list' || !isObject(params) || params['cursor'] !== 'second') return {};
      const { cursor: _, ...others } = params;
      return { params: { ...others, [pageKey]: 2 } };
    }),
    ...onResult((result, { message }) => {
      if (!asks(message, 'tools/list')) return result;
      const half = Math.ceil(result.tools.length / 2);
      return pageKey in Object(message.params)
        ? changeSecond({ ...result, tools: result.tools.slice(half) })
        : { ...result, tools: result.tools.slice(0, half), nextCursor: 'second' };
    }),
  };
}

/** Faults in the caching hints of MCP 2026-07-28. */
export const modernCachingFaults = runtimeFaults([
  {
    name: 'modern-own-resources-without-hints',
    clause: 'MODERN-12',
    about: 'The runtime omits the hints of resources that depend on the caller',
    hooks: onResult((result) => {
      const { ttlMs: _, cacheScope: __, ...others } = result;
      return isOwn(result) ? others : result;
    }),
  },
  {
    name: 'modern-binary-resources-with-a-fractional-ttl',
    clause: 'MODERN-12',
    about: 'The runtime sends a ttlMs with a fraction for binary resources',
    hooks: onResult((result) => (result.contents?.[0]?.blob ? { ...result, ttlMs: 0.5 } : result)),
  },
  {
    name: 'modern-streams-without-hints',
    clause: 'MODERN-12',
    about: 'The runtime omits the hints of streamed answers',
    hooks: onResult((result, { call }) => {
      const { ttlMs: _, cacheScope: __, ...others } = result;
      return call.rpc === 'InvokeStream' ? others : result;
    }),
  },
  {
    name: 'modern-answered-resources-without-hints',
    clause: 'MODERN-12',
    about: 'The runtime omits the hints of a result that needed input',
    hooks: onResult((result, { message }) => {
      const { ttlMs: _, cacheScope: __, ...others } = result;
      return message.kind === 'request' && 'inputResponses' in Object(message.params) ? others : result;
    }),
  },
  ...['tools/call', 'prompts/get', 'completion/complete'].map((method) => ({
    name: `modern-hints-on-${method.replace('/', '-')}`,
    clause: 'MODERN-49',
    about: `The runtime adds hints to the results of ${method}`,
    hooks: hintsOn(method),
  })),
  {
    name: 'modern-failures-with-hints',
    clause: 'MODERN-49',
    about: 'The runtime adds hints to the results of failed tools',
    hooks: onResult((result) => (result.isError === true ? { ...result, ...hints } : result)),
  },
  ...['tools/call', 'prompts/get', 'resources/read'].map((method) => ({
    name: `modern-hints-on-questions-of-${method.replace('/', '-')}`,
    clause: 'MODERN-49',
    about: `The runtime adds hints to questions of ${method}`,
    hooks: onModernResult((result) => (isQuestion(result) ? { ...result, ...hints } : result), method),
  })),
  {
    name: 'modern-second-page-is-private',
    clause: 'MODERN-50',
    about: 'The runtime calls the second page of a public list private',
    hooks: twoPages((page) => ({ ...page, cacheScope: 'private' })),
  },
  {
    name: 'modern-own-resources-are-public',
    clause: 'MODERN-51',
    about: 'The runtime calls resources public that depend on the caller',
    hooks: onResult((result) => (isOwn(result) ? { ...result, cacheScope: 'public' } : result)),
  },
  {
    name: 'modern-own-resources-of-admins-are-public',
    clause: 'MODERN-51',
    about: 'The runtime calls resources that depend on the caller public if the caller is an administrator',
    hooks: onResult((result, { caller }) =>
      isOwn(result) && caller.claims.isAdmin ? { ...result, cacheScope: 'public' } : result,
    ),
  },
  {
    name: 'modern-tools-of-the-caller-are-public',
    clause: 'MODERN-51',
    about: 'The runtime hides a tool from all callers but administrators, in a public list',
    hooks: onResult((result, { caller }) =>
      Array.isArray(result.tools) && !caller.claims.isAdmin
        ? { ...result, tools: result.tools.filter(({ name }: Message) => name !== 'conformance_repeat') }
        : result,
    ),
  },
  {
    name: 'modern-prompts-for-the-caller-are-public',
    clause: 'MODERN-51',
    about: 'The runtime writes the name of the caller into the public list of prompts',
    hooks: onResult((result, call) =>
      Array.isArray(result.prompts)
        ? {
            ...result,
            prompts: result.prompts.map((prompt: Message) => ({ ...prompt, title: emailOf(call) })),
          }
        : result,
    ),
  },
  {
    name: 'modern-discovery-of-the-caller-is-public',
    clause: 'MODERN-51',
    about: 'The runtime declares completions only to administrators, in a public answer',
    alsoBreaks: [
      { clause: 'MODERN-39', reason: 'Other callers can use completions, which are not declared to them.' },
    ],
    hooks: onResult((result, { caller, message }) => {
      if (!asks(message, 'server/discover') || caller.claims.isAdmin) return result;
      const { completions: _, ...capabilities } = result.capabilities;
      return { ...result, capabilities };
    }),
  },
  {
    name: 'modern-own-resources-of-servers-are-public',
    clause: 'MODERN-51',
    about: 'The runtime calls resources public that depend on the virtual server',
    hooks: onResult((result, { call }) =>
      isOwn(result) && call.serverId !== '' ? { ...result, cacheScope: 'public' } : result,
    ),
  },
]);
