import type { Instance } from '../../../runners/runner.ts';
import { type Era, modernRevisions } from '../../case/era.ts';
import { modernCall } from '../../case/modern-call.ts';
import type { OwnItems } from '../../case/roles.ts';
import { openSession } from '../../case/step-annotations.ts';
import { Channel } from '../../wire/channel.ts';
import { ConnectError, describeAddress } from '../../wire/connect-socket.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { checkedBy, Inquiry, reasonOf, type SurveyProblem, textOf } from './inquiry.ts';
import type { Identities } from './request.ts';
import { memberOf } from './sessions.ts';
import { defaultRevision, initializeMessage, maxSessionIdLength, outline } from './steps/session.ts';

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

/** Minimum time limit of a call of the survey. Servers that start slowly need it even if cases have less time. */
const fewestCallMs = 5_000;
/** Capabilities of the client during the survey. Some servers list tools only for clients that declare them. */
const surveyCapabilities = { sampling: {}, elicitation: {} };

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

function serverInfoIn(value: unknown): Survey['serverInfo'] {
  const name = textOf(value, 'name');
  const version = textOf(value, 'version');
  return name === undefined || version === undefined ? undefined : { name, version };
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
