import { toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import { McpRequestSchema, type RequestRpc, rpcPath } from '../../../proto/index.ts';
import type { Instance } from '../../../runners/runner.ts';
import type { Observation } from '../../observe/unary.ts';
import { observeUnary } from '../../observe/unary.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, describeAddress } from '../../wire/connection.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { receiveLimit } from './case-run.ts';
import { readAll } from './read-all.ts';
import { buildRequest, type Identities, type WrittenRequest } from './request.ts';
import { defaultRevision, initializeMessage, maxSessionIdLength, outline } from './steps/session.ts';

/** What a target serves, as far as it lets itself be asked. What cannot be asked counts as not served. */
export interface Survey {
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly revision?: string;
  /** Members of the server's MCP capabilities, dotted: `resources`, `resources.subscribe`. */
  readonly serverCapabilities: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly resourceTemplates: ReadonlySet<string>;
  readonly prompts: ReadonlySet<string>;
  /** Why the target could not be asked, where `initialize` made no session. */
  readonly problem?: string;
}

/** Every call of the survey has this long, and all of them together. */
const callMs = 5_000;
const surveyMs = 10_000;
const maxPages = 100;
const maxNames = 10_000;
const maxNameLength = 1_000;

/** Asks a ready target what it serves, in a session of its own. Never throws for what the target answers. */
export async function survey(
  instance: Instance,
  options: { readonly identities: Identities; readonly signal: AbortSignal },
): Promise<Survey> {
  const { signal } = options;
  const { address } = instance;
  const over = new AbortController();
  try {
    using channel = new Channel({ address: () => address, name: 'survey', log: new WireLog(), signal });
    signal.addEventListener('abort', () => channel[Symbol.dispose](), { once: true, signal: over.signal });
    await channel.connection();
    const surveyor = new Surveyor(channel, options.identities);
    // Awaited here: the channel must outlive the questions.
    return await surveyor.ask();
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return {
      ...nothingServed,
      problem: `${describeAddress(address)} cannot be connected to: ${error.message}`,
    };
  } finally {
    over.abort();
  }
}

const nothingServed: Survey = {
  serverCapabilities: new Set(),
  tools: new Set(),
  resources: new Set(),
  resourceTemplates: new Set(),
  prompts: new Set(),
};

type Json = Readonly<Record<string, unknown>>;

class Surveyor {
  readonly #channel: Channel;
  readonly #identities: Identities;
  #sessionId = '';
  #revision: string | undefined;
  readonly #end = performance.now() + surveyMs;
  /** Whoever leaves one question unanswered is asked no more. */
  #silent = false;

  constructor(channel: Channel, identities: Identities) {
    this.#channel = channel;
    this.#identities = identities;
  }

  async ask(): Promise<Survey> {
    const answer = await this.#call('Invoke', { message: initializeMessage(defaultRevision, {}) });
    const result = member(answer['message'], 'result');
    const sessionId = member(answer['headers'], 'mcp-session-id');
    if (typeof sessionId === 'string' && sessionId.length <= maxSessionIdLength) this.#sessionId = sessionId;
    const revision = member(result, 'protocolVersion');
    if (typeof revision === 'string') this.#revision = revision;
    await this.#call('Invoke', { message: { method: 'notifications/initialized' } });
    const [tools, resources, resourceTemplates, prompts] = await Promise.all([
      this.#list('tools/list', { list: 'tools', key: 'name' }),
      this.#list('resources/list', { list: 'resources', key: 'uri' }),
      this.#list('resources/templates/list', { list: 'resourceTemplates', key: 'uriTemplate' }),
      this.#list('prompts/list', { list: 'prompts', key: 'name' }),
    ]);
    const survey: Survey = {
      ...(this.#sessionId === '' ? { problem: outline(answer) } : {}),
      ...serverInfoOf(member(result, 'serverInfo')),
      revision: this.#revision,
      serverCapabilities: dotted(member(result, 'capabilities')),
      tools,
      resources,
      resourceTemplates,
      prompts,
    };
    await this.#call('CloseSession', {});
    return survey;
  }

  async #list(method: string, where: { readonly list: string; readonly key: string }): Promise<Set<string>> {
    const names = new Set<string>();
    let cursor: unknown;
    for (let page = 0; page < maxPages; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const answer = await this.#call('Invoke', { message: { id: `${method}-${page}`, method, params } });
      const result = member(answer['message'], 'result');
      const items = member(result, where.list);
      if (!Array.isArray(items)) break;
      for (const item of items) {
        const name = member(item, where.key);
        if (typeof name === 'string' && name.length <= maxNameLength && names.size < maxNames)
          names.add(name);
      }
      cursor = member(result, 'nextCursor');
      if (cursor === undefined) break;
    }
    return names;
  }

  async #call(rpc: RequestRpc, written: WrittenRequest): Promise<Observation> {
    const request = buildRequest(
      { ...written, sessionId: this.#sessionId },
      { rpc, identities: this.#identities, revisionOf: () => this.#revision },
    );
    const deadlineMs = Math.ceil(Math.min(callMs, this.#end - performance.now()));
    if (this.#silent || deadlineMs <= 0)
      return { grpc: 'DEADLINE_EXCEEDED', grpcMessage: 'not asked any more' };
    try {
      const connection = await this.#channel.connection();
      const call = connection.call({ path: rpcPath(rpc), receiveLimit, deadlineMs });
      call.send(toBinary(McpRequestSchema, request));
      call.sendEnd();
      const messages = await readAll(call);
      const end = await call.ended;
      this.#silent ||= end.grpc === 'DEADLINE_EXCEEDED';
      return observeUnary(end, messages);
    } catch (error) {
      // A survey only learns; what is wrong with the answer is for the cases to say.
      return { grpc: 'INTERNAL', grpcMessage: errorMessage(error) };
    }
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Json)[name];
}

function serverInfoOf(value: unknown): Pick<Survey, 'serverInfo'> {
  const name = member(value, 'name');
  const version = member(value, 'version');
  return typeof name === 'string' && typeof version === 'string' ? { serverInfo: { name, version } } : {};
}

function dotted(capabilities: unknown): Set<string> {
  const names = new Set<string>();
  if (typeof capabilities !== 'object' || capabilities === null) return names;
  for (const [name, value] of Object.entries(capabilities)) {
    names.add(name);
    if (typeof value !== 'object' || value === null) continue;
    for (const [inner, enabled] of Object.entries(value)) {
      if (enabled !== false) names.add(`${name}.${inner}`);
    }
  }
  return names;
}
