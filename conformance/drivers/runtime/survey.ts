import { toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import { McpRequestSchema, type RequestRpc } from '../../../proto/index.ts';
import type { Instance } from '../../../runners/runner.ts';
import type { Coverage } from '../../case/case.ts';
import { type Era, modernRevisions } from '../../case/era.ts';
import { modernCall } from '../../case/modern-call.ts';
import type { OwnItems } from '../../case/roles.ts';
import { openSession } from '../../case/step-annotations.ts';
import { type Observation, observeUnary } from '../../observe/unary.ts';
import { cut, oneLine } from '../../text/text.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, describeAddress } from '../../wire/connection.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { discoverOwn } from './discover-own.ts';
import { buildRequest, type Identities, type WrittenRequest } from './request.ts';
import { memberOf } from './sessions.ts';
import { defaultRevision, initializeMessage, maxSessionIdLength, outline } from './steps/session.ts';
import { callUnary } from './unary-call.ts';

/** The catalog of a target in one era, as far as it could be discovered. Undiscovered items count as not served. */
export interface Survey {
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly revision?: string;
  /** Members of the server's MCP capabilities, dotted: `resources`, `resources.subscribe`. */
  readonly serverCapabilities: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly resourceTemplates: ReadonlySet<string>;
  readonly prompts: ReadonlySet<string>;
  /** Items of the target that the kit may use without configuration. */
  readonly own: OwnItems;
  /** Set if discovery failed. The lists above are then incomplete. */
  readonly problem?: SurveyProblem;
}

/** The call at which a survey failed. Such a target proves nothing about the cases that need its catalog. */
export interface SurveyProblem {
  /** The reason on one line. */
  readonly summary: string;
  /** The case that checks the failed call. */
  readonly by: Coverage;
  /** Set if `initialize` did not create a session. Release 1.0 of the contract permits that. */
  readonly withoutSession?: true;
}

/** Minimum time limit of a call of the survey. Servers that start slowly need it even if cases have less time. */
const fewestCallMs = 5_000;
/** Time limit of the whole survey of an era, in time limits of a call. */
const callsOfTime = 2;
/** JSON-RPC error for a missing method. A server may lack one despite its capabilities (MCP 2025-11-25, lists). */
const methodNotFound = -32_601;
/** The cases that check the calls of a survey. */
const checkedBy = {
  discover: { case: 'modern-discovery/shape', clause: 'MODERN-4' },
  lists: {
    'tools/list': { case: 'lists/pages-of-tools', clause: 'MCP-3' },
    'resources/list': { case: 'lists/pages-of-resources', clause: 'MCP-3' },
    'resources/templates/list': { case: 'lists/pages-of-resource-templates', clause: 'MCP-3' },
    'prompts/list': { case: 'lists/pages-of-prompts', clause: 'MCP-3' },
  },
} as const satisfies { readonly discover: Coverage; readonly lists: Readonly<Record<string, Coverage>> };
type ListMethod = keyof typeof checkedBy.lists;
/** Capabilities of the client during the survey. Some servers list tools only for clients that declare them. */
const surveyCapabilities = { sampling: {}, elicitation: {} };
const maxPages = 100;
const maxNames = 10_000;
const maxNameLength = 1_000;
const maxReasonLength = 500;

const none: ReadonlySet<string> = new Set();
const nothingServed: Survey = {
  serverCapabilities: none,
  tools: none,
  resources: none,
  resourceTemplates: none,
  prompts: none,
  own: {},
};

/** The surveys of the eras in which the target is checked. An absent survey means that nothing is known. */
export type Surveys = Readonly<Partial<Record<Era, Survey>>>;

/** Options of a survey. */
export interface SurveyOptions {
  readonly identities: Identities;
  readonly eras: readonly Era[];
  /** Time limit of each call, in milliseconds, if it is more than the minimum of the survey. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** Discovers the catalog of a ready target in each era. Never throws because of a response. */
export async function survey(
  { address }: Instance,
  { eras, identities, timeoutMs = fewestCallMs, signal }: SurveyOptions,
): Promise<Surveys> {
  const over = new AbortController();
  const callMs = Math.max(timeoutMs, fewestCallMs);
  const surveyEach = async (one: (era: Era) => Survey | Promise<Survey>): Promise<Surveys> =>
    Object.fromEntries(await Promise.all(eras.map(async (era) => [era, await one(era)] as const)));
  try {
    using channel = new Channel({ address: () => address, name: 'survey', log: new WireLog(), signal });
    signal.addEventListener('abort', () => channel[Symbol.dispose](), { once: true, signal: over.signal });
    await channel.connection();
    // Await here, because the channel must stay open until the survey is done.
    return await surveyEach((era) => {
      const inquiry = new Inquiry({ channel, identities, callMs });
      return era === 'legacy' ? askLegacy(inquiry) : askModern(inquiry);
    });
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const summary = `cannot connect to ${describeAddress(address)}: ${error.message}`;
    return await surveyEach((era) => {
      const problem =
        era === 'legacy'
          ? { summary, by: openSession, withoutSession: true as const }
          : { summary, by: checkedBy.discover };
      return { ...nothingServed, problem };
    });
  } finally {
    over.abort();
  }
}

/** Surveys a target in a session of its own. */
async function askLegacy(inquiry: Inquiry): Promise<Survey> {
  const message = initializeMessage(defaultRevision, surveyCapabilities);
  const answer = await inquiry.call('Invoke', { message });
  const result = memberOf(answer['message'], 'result');
  const sessionId = textOf(answer['headers'], 'mcp-session-id', maxSessionIdLength) ?? '';
  const revision = textOf(result, 'protocolVersion');
  const inSession = { sessionId, ...(revision && { headers: { 'mcp-protocol-version': revision } }) };
  await inquiry.call('Invoke', { ...inSession, message: { method: 'notifications/initialized' } });
  const serverCapabilities = dotted(memberOf(result, 'capabilities'));
  const { problem, ...served } = await inquiry.lists(serverCapabilities, ({ id, method, params }) => ({
    ...inSession,
    message: { id, method, params },
  }));
  await inquiry.call('CloseSession', inSession);
  const summary = reasonOf(`initialize did not create a session: ${outline(answer)}`);
  return {
    problem: sessionId === '' ? { summary, by: openSession, withoutSession: true } : problem,
    serverInfo: serverInfoIn(memberOf(result, 'serverInfo')),
    revision,
    serverCapabilities,
    ...served,
  };
}

/** Surveys a target without a session. */
async function askModern(inquiry: Inquiry): Promise<Survey> {
  const capabilities = surveyCapabilities;
  const answer = await inquiry.call('Invoke', modernCall({ method: 'server/discover', capabilities }));
  const result = memberOf(answer['message'], 'result');
  const versions = memberOf(result, 'supportedVersions');
  const revision = modernRevisions.find((name) => Array.isArray(versions) && versions.includes(name));
  const serverCapabilities = dotted(memberOf(result, 'capabilities'));
  const { problem, ...served } = await inquiry.lists(serverCapabilities, (request) =>
    modernCall({ ...request, capabilities }),
  );
  const summary = reasonOf(`server/discover failed: ${outline(answer)}`);
  return {
    problem: result === undefined ? { summary, by: checkedBy.discover } : problem,
    serverInfo: serverInfoIn(memberOf(memberOf(result, '_meta'), 'io.modelcontextprotocol/serverInfo')),
    revision,
    serverCapabilities,
    ...served,
  };
}

/** Returns a reason on one line. The target wrote a part of it. */
function reasonOf(text: string): string {
  return oneLine(cut(text, maxReasonLength));
}

function serverInfoIn(value: unknown): Survey['serverInfo'] {
  const name = textOf(value, 'name');
  const version = textOf(value, 'version');
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** A request for a page of a list. */
type PageRequest = Readonly<{ id: string; method: string; params: Readonly<Record<string, unknown>> }>;

interface InquiryOptions {
  readonly channel: Channel;
  readonly identities: Identities;
  readonly callMs: number;
}

/** The calls of one survey. After one unanswered call, it makes no further calls. */
class Inquiry {
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

function textOf(value: unknown, name: string, maxLength = Number.POSITIVE_INFINITY): string | undefined {
  const text = memberOf(value, name);
  return typeof text === 'string' && text.length <= maxLength ? text : undefined;
}

function dotted(capabilities: unknown): Set<string> {
  const names = new Set<string>();
  for (const [name, value] of membersOf(capabilities)) {
    names.add(name);
    for (const [inner, enabled] of membersOf(value)) if (enabled !== false) names.add(`${name}.${inner}`);
  }
  return names;
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
