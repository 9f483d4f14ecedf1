import { toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import { McpRequestSchema, type RequestRpc } from '../../../proto/index.ts';
import type { Coverage } from '../../case/case.ts';
import { type Observation, observeUnary } from '../../observe/unary.ts';
import { cut, oneLine } from '../../text/text.ts';
import type { Channel } from '../../wire/channel.ts';
import { discoverOwn } from './discover-own.ts';
import { buildRequest, type Identities, type WrittenRequest } from './request.ts';
import { memberOf } from './sessions.ts';
import { outline } from './steps/session.ts';
import { callUnary } from './unary-call.ts';

/** The call at which a survey failed. Such a target proves nothing about the cases that need its catalog. */
export interface SurveyProblem {
  /** The reason on one line. */
  readonly summary: string;
  /** The case that checks the failed call. */
  readonly by: Coverage;
  /** Set if `initialize` did not create a session. Release 1.0 of the contract permits that. */
  readonly withoutSession?: true;
}

/** Time limit of the whole survey of an era, in time limits of a call. */
const callsOfTime = 2;
/** JSON-RPC error for a missing method. A server may lack one despite its capabilities (MCP 2025-11-25, lists). */
const methodNotFound = -32_601;
/** The cases that check the calls of a survey. */
export const checkedBy = {
  discover: { case: 'modern-discovery/shape', clause: 'MODERN-4' },
  lists: {
    'tools/list': { case: 'lists/pages-of-tools', clause: 'MCP-3' },
    'resources/list': { case: 'lists/pages-of-resources', clause: 'MCP-3' },
    'resources/templates/list': { case: 'lists/pages-of-resource-templates', clause: 'MCP-3' },
    'prompts/list': { case: 'lists/pages-of-prompts', clause: 'MCP-3' },
  },
} as const satisfies { readonly discover: Coverage; readonly lists: Readonly<Record<string, Coverage>> };
type ListMethod = keyof typeof checkedBy.lists;
const maxPages = 100;
const maxNames = 10_000;
const maxNameLength = 1_000;
const maxReasonLength = 500;

/** Returns a reason on one line. The target wrote a part of it. */
export function reasonOf(text: string): string {
  return oneLine(cut(text, maxReasonLength));
}

/** A request for a page of a list. */
type PageRequest = Readonly<{ id: string; method: string; params: Readonly<Record<string, unknown>> }>;

interface InquiryOptions {
  readonly channel: Channel;
  readonly identities: Identities;
  readonly callMs: number;
}

/** The calls of one survey. After one unanswered call, it makes no further calls. */
export class Inquiry {
  readonly #channel: Channel;
  readonly #identities: Identities;
  readonly #callMs: number;
  readonly #end: number;
  #isSilent = false;

  constructor({ channel, identities, callMs }: InquiryOptions) {
    this.#channel = channel;
    this.#identities = identities;
    this.#callMs = callMs;
    this.#end = performance.now() + callsOfTime * callMs;
  }

  async call(rpc: RequestRpc, written: WrittenRequest): Promise<Observation> {
    const defaults = { rpc, identities: this.#identities, revisionOf: () => undefined };
    const bytes = toBinary(McpRequestSchema, buildRequest(written, defaults));
    const deadlineMs = Math.ceil(Math.min(this.#callMs, this.#end - performance.now()));
    if (this.#isSilent || deadlineMs <= 0)
      return { grpc: 'DEADLINE_EXCEEDED', grpcMessage: 'not called after an earlier timeout' };
    try {
      const finished = await callUnary(await this.#channel.connection(), { rpc, bytes, deadlineMs });
      this.#isSilent ||= finished.end.grpc === 'DEADLINE_EXCEEDED';
      return observeUnary(finished.end, finished.messages);
    } catch (error) {
      // The survey ignores invalid responses. Cases report them.
      return { grpc: 'INTERNAL', grpcMessage: errorMessage(error) };
    }
  }

  /**
   * Reads all lists. A server may refuse those of a capability that it does not declare.
   * @param requestOf makes the request for a page
   */
  async lists(declared: ReadonlySet<string>, requestOf: (page: PageRequest) => WrittenRequest) {
    const all = await Promise.all([
      this.#list('tools/list', ['tools', 'name'], requestOf),
      this.#list('resources/list', ['resources', 'uri'], requestOf),
      this.#list('resources/templates/list', ['resourceTemplates', 'uriTemplate'], requestOf),
      this.#list('prompts/list', ['prompts', 'name'], requestOf),
    ]);
    const [tools, resources, resourceTemplates, prompts] = all;
    const failed = all.find(
      ({ method, failure }) => failure !== undefined && declared.has(method.split('/')[0] ?? ''),
    );
    return {
      problem: failed && {
        summary: reasonOf(`${failed.method} failed: ${outline(failed.failure ?? {})}`),
        by: checkedBy.lists[failed.method],
      },
      tools: tools.names,
      resources: resources.names,
      resourceTemplates: resourceTemplates.names,
      prompts: prompts.names,
      own: discoverOwn({ tools: tools.items, resources: resources.items, prompts: prompts.items }),
    };
  }

  async #list(
    method: ListMethod,
    [items, key]: readonly [member: string, name: string],
    requestOf: (page: PageRequest) => WrittenRequest,
  ): Promise<ListedItems> {
    const names = new Set<string>();
    const all: unknown[] = [];
    let params = {};
    for (let page = 0; page < maxPages; page += 1) {
      const answer = await this.call('Invoke', requestOf({ id: `${method}-${page}`, method, params }));
      const result = memberOf(answer['message'], 'result');
      const listed = memberOf(result, items);
      if (!Array.isArray(listed)) {
        const isUnknown = memberOf(memberOf(answer['message'], 'error'), 'code') === methodNotFound;
        return { method, names, items: all, failure: isUnknown ? undefined : answer };
      }
      for (const item of listed) {
        const name = textOf(item, key, maxNameLength);
        if (name === undefined || names.size >= maxNames) continue;
        names.add(name);
        all.push(item);
      }
      const cursor = memberOf(result, 'nextCursor');
      if (cursor === undefined) break;
      params = { cursor };
    }
    return { method, names, items: all };
  }
}

/** The items of a list and their names. */
interface ListedItems {
  readonly method: ListMethod;
  readonly names: ReadonlySet<string>;
  readonly items: readonly unknown[];
  /** The answer without a list that ended the reading. Undefined if the server lacks the method. */
  readonly failure?: Observation;
}

/** Returns a text of at most this many characters in a member of a value, or undefined. */
export function textOf(
  value: unknown,
  name: string,
  maxLength = Number.POSITIVE_INFINITY,
): string | undefined {
  const text = memberOf(value, name);
  return typeof text === 'string' && text.length <= maxLength ? text : undefined;
}
