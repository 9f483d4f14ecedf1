import { toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import { McpRequestSchema, type RequestRpc } from '../../../proto/index.ts';
import type { Instance } from '../../../runners/runner.ts';
import type { OwnItems } from '../../case/roles.ts';
import { type Observation, observeUnary } from '../../observe/unary.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, describeAddress } from '../../wire/connection.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { discoverOwn } from './discover-own.ts';
import { buildRequest, type Identities, type WrittenRequest } from './request.ts';
import { memberOf } from './sessions.ts';
import { defaultRevision, initializeMessage, maxSessionIdLength, outline } from './steps/session.ts';
import { callUnary } from './unary-call.ts';

/** The catalog of a target, as far as it could be discovered. Undiscovered items count as not served. */
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
  /** The reason that discovery failed, if `initialize` did not create a session. */
  readonly problem?: string;
}

/** Time limit of each call, and of the whole survey. */
const callMs = 5_000;
const surveyMs = 10_000;
/** Capabilities of the client during the survey. Some servers list tools only for clients that declare them. */
const surveyCapabilities = { sampling: {}, elicitation: {} };
const maxPages = 100;
const maxNames = 10_000;
const maxNameLength = 1_000;

const none: ReadonlySet<string> = new Set();
const nothingServed: Survey = {
  serverCapabilities: none,
  tools: none,
  resources: none,
  resourceTemplates: none,
  prompts: none,
  own: {},
};

/** Discovers the catalog of a ready target in a separate session. Never throws because of a response. */
export async function survey(
  { address }: Instance,
  { identities, signal }: { readonly identities: Identities; readonly signal: AbortSignal },
): Promise<Survey> {
  const over = new AbortController();
  try {
    using channel = new Channel({ address: () => address, name: 'survey', log: new WireLog(), signal });
    signal.addEventListener('abort', () => channel[Symbol.dispose](), { once: true, signal: over.signal });
    await channel.connection();
    // Await here, because the channel must stay open until the survey is done.
    return await ask(channel, identities);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const problem = `cannot connect to ${describeAddress(address)}: ${error.message}`;
    return { ...nothingServed, problem };
  } finally {
    over.abort();
  }
}

async function ask(channel: Channel, identities: Identities): Promise<Survey> {
  const end = performance.now() + surveyMs;
  let sessionId = '';
  let revision: string | undefined;
  // After one unanswered call, the survey makes no further calls.
  let isSilent = false;

  const call = async (rpc: RequestRpc, written: WrittenRequest): Promise<Observation> => {
    const defaults = { rpc, identities, revisionOf: () => revision };
    const bytes = toBinary(McpRequestSchema, buildRequest({ ...written, sessionId }, defaults));
    const deadlineMs = Math.ceil(Math.min(callMs, end - performance.now()));
    if (isSilent || deadlineMs <= 0)
      return { grpc: 'DEADLINE_EXCEEDED', grpcMessage: 'not called after an earlier timeout' };
    try {
      const finished = await callUnary(await channel.connection(), { rpc, bytes, deadlineMs });
      isSilent ||= finished.end.grpc === 'DEADLINE_EXCEEDED';
      return observeUnary(finished.end, finished.messages);
    } catch (error) {
      // The survey ignores invalid responses. Cases report them.
      return { grpc: 'INTERNAL', grpcMessage: errorMessage(error) };
    }
  };

  const list = async (method: string, items: string, key: string): Promise<ListedItems> => {
    const names = new Set<string>();
    const all: unknown[] = [];
    let params = {};
    for (let page = 0; page < maxPages; page += 1) {
      const answer = await call('Invoke', { message: { id: `${method}-${page}`, method, params } });
      const result = memberOf(answer['message'], 'result');
      const listed = memberOf(result, items);
      if (!Array.isArray(listed)) break;
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
    return { names, items: all };
  };

  const answer = await call('Invoke', { message: initializeMessage(defaultRevision, surveyCapabilities) });
  const result = memberOf(answer['message'], 'result');
  sessionId = textOf(answer['headers'], 'mcp-session-id', maxSessionIdLength) ?? '';
  revision = textOf(result, 'protocolVersion');
  await call('Invoke', { message: { method: 'notifications/initialized' } });
  const [tools, resources, resourceTemplates, prompts] = await Promise.all([
    list('tools/list', 'tools', 'name'),
    list('resources/list', 'resources', 'uri'),
    list('resources/templates/list', 'resourceTemplates', 'uriTemplate'),
    list('prompts/list', 'prompts', 'name'),
  ]);
  await call('CloseSession', {});
  const name = textOf(memberOf(result, 'serverInfo'), 'name');
  const version = textOf(memberOf(result, 'serverInfo'), 'version');
  const serverInfo = name === undefined || version === undefined ? undefined : { name, version };
  const serverCapabilities = dotted(memberOf(result, 'capabilities'));
  const problem = sessionId === '' ? outline(answer) : undefined;
  return {
    problem,
    serverInfo,
    revision,
    serverCapabilities,
    tools: tools.names,
    resources: resources.names,
    resourceTemplates: resourceTemplates.names,
    prompts: prompts.names,
    own: discoverOwn({ tools: tools.items, resources: resources.items, prompts: prompts.items }),
  };
}

/** The items of a list and their names. */
type ListedItems = Readonly<{ names: ReadonlySet<string>; items: readonly unknown[] }>;

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
