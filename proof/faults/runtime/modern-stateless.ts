import { createHash, randomUUID } from 'node:crypto';
import { isObject } from '../../../base/is-object.ts';
import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { IncomingMessage, RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { modernRevision } from '../../../reference-runtime/modern/era.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import {
  connectionOf,
  modernRefusal,
  onModern,
  onModernMeta,
  onModernResult,
  refusedByCode,
  withConnections,
} from '../changes/modern.ts';
import { onResponse, onStream, refuse } from '../changes/runtime.ts';
import { decoder, onPath } from '../changes/streams.ts';

const reserved = 'io.modelcontextprotocol/';
const versionKey = `${reserved}protocolVersion`;
const capabilitiesKey = `${reserved}clientCapabilities`;
const levelKey = `${reserved}logLevel`;

type Meta = Readonly<Record<string, unknown>>;

/** Supplies members of `_meta` of an earlier request. @param of returns the object that the requests share */
function rememberedMeta(key: string, of: (call: ModernCall) => object): Hooks {
  const remembered = new WeakMap<object, unknown>();
  return {
    ...withConnections,
    ...onModernMeta((meta, call) => {
      const place = of(call);
      if (meta[key] !== undefined) remembered.set(place, meta[key]);
      return remembered.has(place) ? { [key]: remembered.get(place), ...meta } : meta;
    }),
  };
}

/** Changes the heads of the streams that answer modern requests. */
function onModernStreams(change: (head: McpChunk) => McpChunk): Hooks {
  return onStream((call) => {
    if (!decoder.decode(call.request).includes(modernRevision)) return;
    const write = call.write.bind(call) as (message: McpChunk) => boolean;
    Object.assign(call, {
      write: (message: McpChunk) => write(message.status === 0 ? message : change(message)),
    });
  });
}

const callers = new Map<string, object>();
/** Returns an object that stands for the caller of a request. */
function callerOf({ caller }: ModernCall): object {
  const name = caller.kind === 'known' ? caller.email : '';
  const known = callers.get(name) ?? {};
  callers.set(name, known);
  return known;
}

/** Adds the capabilities of earlier requests. @param of returns the object that the requests share */
function unitedCapabilities(of: (call: ModernCall) => object): Hooks {
  const united = new WeakMap<object, object>();
  return {
    ...withConnections,
    ...onModernMeta((meta, call) => {
      if (!isObject(meta[capabilitiesKey])) return meta;
      const all = { ...united.get(of(call)), ...meta[capabilitiesKey] };
      united.set(of(call), all);
      return { ...meta, [capabilitiesKey]: all };
    }),
  };
}

/** Refuses the first request of a connection unless it is `server/discover`. */
function discoveryFirst(): Hooks {
  const discovered = new WeakSet<object>();
  return {
    ...withConnections,
    ...modernRefusal(({ method }, call) => {
      if (method === 'server/discover') discovered.add(connectionOf(call));
      return !discovered.has(connectionOf(call));
    }, refusedByCode(-32600)),
  };
}

/** Refuses a request whose id is in flight. */
function uniqueIds(): Hooks {
  const inFlight = new Set<string>();
  return {
    ...modernRefusal(({ id }) => {
      if (!id.startsWith('"')) return false;
      const isKnown = inFlight.has(id);
      inFlight.add(id);
      return isKnown;
    }, refusedByCode(-32600)),
    modernResponse(response, { message }) {
      if (message.kind === 'request') inFlight.delete(message.id);
      return response;
    },
  };
}

/** Binds the state of a question to its connection. */
function stateOfTheConnection(): Hooks {
  const places = new Map<string, object>();
  const remember = onModern((message, call) => {
    const { requestState } = Object(message.result);
    if (requestState !== undefined) places.set(requestState, connectionOf(call));
    return message;
  });
  return {
    ...withConnections,
    ...remember,
    ...modernRefusal(({ params }, call) => {
      const { requestState } = Object(params);
      return requestState !== undefined && places.get(requestState) !== connectionOf(call);
    }, refusedByCode(-32602)),
  };
}

/** Serves requests without a revision in the era of the previous request. */
function eraOfThePreviousRequest(): Hooks {
  let wasModern = false;
  return {
    isModern(message: IncomingMessage, headers) {
      const isModern = headers.has('mcp-protocol-version')
        ? defaultHooks.isModern(message, headers)
        : wasModern;
      if (message.kind === 'request' && message.method !== 'initialize') wasModern = isModern;
      return isModern;
    },
  };
}

/** Changes results once a request has been served that `when` matches. */
function afterA(
  when: (request: RequestMessage, call: ModernCall) => boolean,
  method: string,
  change: (result: Record<string, unknown>) => object,
): Hooks {
  let happened = false;
  return onModern((message, call) => {
    const { message: request } = call;
    if (request.kind !== 'request') return message;
    if (when(request, call)) happened = true;
    const isWanted = happened && request.method === method && 'result' in message;
    return isWanted ? { ...message, result: change(message.result) } : message;
  });
}

/** Changes results by the number of their connection. */
function byConnection(
  method: string,
  change: (result: Record<string, unknown>, number: number) => object,
): Hooks {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return {
    ...withConnections,
    ...onModern((message, call) => {
      const connection = connectionOf(call);
      const number = numbers.get(connection) ?? last++;
      numbers.set(connection, number);
      const { message: request } = call;
      const isWanted = request.kind === 'request' && request.method === method && 'result' in message;
      return isWanted ? { ...message, result: change(message.result, number) } : message;
    }),
  };
}

/** Leaves out a part of a list, a different one for each number. */
const partOf = (name: string) => (result: Record<string, unknown>, number: number) => {
  const items = listIn(result, name);
  return { ...result, [name]: items.slice(number % items.length) };
};

const listIn = (result: Record<string, unknown>, name: string) => result[name] as unknown[];
const withoutFirst = (name: string) => (result: Record<string, unknown>) => ({
  ...result,
  [name]: listIn(result, name).slice(1),
});

/** Moves the first item of a list to its end, once more for each answer. */
function rotating(method: string, name: string): Hooks {
  let turns = 0;
  return onModernResult((result) => {
    const items = listIn(result, name);
    turns = (turns + 1) % items.length;
    return { ...result, [name]: [...items.slice(turns), ...items.slice(0, turns)] };
  }, method);
}

/** Gives the log level of a modern request to the session that it names. */
function levelForSessions(): Hooks {
  const changed = new Set<string>();
  return {
    ...onModernMeta((meta: Meta, { call }) => {
      if (meta[levelKey] !== undefined) changed.add(call.sessionId);
      return meta;
    }),
    ...onPath((path, { id }) => ({
      message: (json) =>
        changed.has(id) && json.includes('"level":"info"') ? Promise.resolve() : path.message(json),
    })),
  };
}

/** Lists no tools until `server/discover` was called in this process. */
function coldStart(): Hooks {
  let isWarm = false;
  return onModernResult((result, { method }) => {
    if (method === 'server/discover') isWarm = true;
    return method === 'tools/list' && !isWarm ? { ...result, tools: undefined } : result;
  });
}

/** Sorts tools by names with a random salt. */
function orderOfTheProcess(): Hooks {
  const salt = randomUUID();
  const keyOf = (name: string) =>
    createHash('sha256')
      .update(salt + name)
      .digest('hex');
  return onModernResult(
    (result) => ({
      ...result,
      tools: result.tools.toSorted((one: { name: string }, other: { name: string }) =>
        keyOf(one.name) < keyOf(other.name) ? -1 : 1,
      ),
    }),
    'tools/list',
  );
}

/** Refuses modern requests that name a session of another caller. */
function sessionOfAnother(): Hooks {
  const owners = new Map<string, string>();
  const nameOf = ({ caller }: Pick<ModernCall, 'caller'>) => (caller.kind === 'known' ? caller.email : '');
  return {
    checkOwner(session, caller, call) {
      owners.set(session.id, nameOf({ caller }));
      defaultHooks.checkOwner(session, caller, call);
    },
    modernCall(received) {
      const owner = owners.get(received.call.sessionId);
      if (owner !== undefined && owner !== nameOf(received)) refuse('PERMISSION_DENIED');
      return received;
    },
  };
}

/** Faults in the statelessness of MCP 2026-07-28. */
export const modernStatelessFaults = runtimeFaults([
  {
    name: 'modern-discovery-comes-first',
    clause: 'MODERN-25',
    about: 'The runtime refuses the first request of a connection unless it is server/discover',
    hooks: discoveryFirst(),
  },
  {
    name: 'modern-version-of-the-connection',
    clause: 'MODERN-25',
    about: 'The runtime takes a missing version from the previous request of the connection',
    alsoBreaks: [
      {
        clause: 'MODERN-5',
        reason: 'MODERN-5 requires the runtime to refuse a request that does not state its version itself.',
      },
    ],
    hooks: rememberedMeta(versionKey, connectionOf),
  },
  {
    name: 'modern-missing-capabilities-of-the-connection',
    clause: 'MODERN-25',
    about: 'The runtime takes missing capabilities from the previous request of the connection',
    alsoBreaks: [
      {
        clause: 'MODERN-5',
        reason:
          'MODERN-5 requires the runtime to refuse a request that does not state its capabilities itself.',
      },
    ],
    hooks: rememberedMeta(capabilitiesKey, connectionOf),
  },
  {
    name: 'modern-capabilities-of-the-connection',
    clause: 'MODERN-25',
    about: 'The runtime adds the capabilities of earlier requests of the connection',
    alsoBreaks: [
      {
        clause: 'MODERN-53',
        reason: 'MODERN-53 also forbids relying on the capabilities of an earlier request.',
      },
    ],
    hooks: unitedCapabilities(connectionOf),
  },
  {
    name: 'modern-capabilities-of-the-caller',
    clause: 'MODERN-25',
    about: 'The runtime adds the capabilities of earlier requests of the caller',
    alsoBreaks: [
      {
        clause: 'MODERN-53',
        reason: 'MODERN-53 also forbids relying on the capabilities of an earlier request.',
      },
    ],
    hooks: unitedCapabilities(callerOf),
  },
  {
    name: 'modern-log-level-of-the-connection',
    clause: 'MODERN-25',
    about: 'The runtime keeps the log level for later requests of the connection',
    alsoBreaks: [
      {
        clause: 'MODERN-19',
        reason: 'MODERN-19 forbids log messages that the request itself does not ask for.',
      },
    ],
    hooks: rememberedMeta(levelKey, connectionOf),
  },
  {
    name: 'modern-capabilities-of-the-session',
    clause: 'MODERN-25',
    about: 'The runtime assumes the capabilities of the session that a modern request names',
    alsoBreaks: [
      {
        clause: 'MODERN-53',
        reason: 'MODERN-53 forbids asking for input of a kind that the request does not declare.',
      },
    ],
    hooks: onModernMeta((meta, { call }) =>
      call.sessionId === '' || !isObject(meta[capabilitiesKey])
        ? meta
        : { ...meta, [capabilitiesKey]: { sampling: {}, ...meta[capabilitiesKey] } },
    ),
  },
  {
    name: 'modern-log-level-of-the-session',
    clause: 'MODERN-25',
    about: 'The runtime applies the log level of a session to a modern request that names it',
    alsoBreaks: [
      {
        clause: 'MODERN-19',
        reason: 'MODERN-19 forbids log messages that the request itself does not ask for.',
      },
    ],
    hooks: onModernMeta((meta, { call }) =>
      call.sessionId === '' ? meta : { [levelKey]: 'debug', ...meta },
    ),
  },
  {
    name: 'modern-log-level-for-sessions',
    clause: 'MODERN-25',
    about: 'The runtime applies the log level of modern requests to the sessions that they name',
    alsoBreaks: [
      {
        clause: 'MODERN-1',
        reason:
          'MODERN-1 requires the runtime to serve a modern request regardless of the session that it names.',
      },
    ],
    hooks: levelForSessions(),
  },
  {
    name: 'modern-ids-in-flight-are-unique',
    clause: 'MODERN-25',
    about: 'The runtime refuses a request while another request with the same id is in flight',
    alsoBreaks: [
      {
        clause: 'MODERN-69',
        reason: 'MODERN-69 also requires requests with equal ids to be independent.',
      },
    ],
    hooks: uniqueIds(),
  },
  {
    name: 'modern-state-of-the-connection',
    clause: 'MODERN-25',
    about: 'The runtime accepts the state of a question only on its connection',
    alsoBreaks: [
      {
        clause: 'MODERN-54',
        reason: 'MODERN-54 also requires the runtime to serve each round regardless of the connection.',
      },
    ],
    hooks: stateOfTheConnection(),
  },
  {
    name: 'modern-tools-need-a-warm-start',
    clause: 'MODERN-25',
    about: 'The runtime lists no tools until server/discover was called in its process',
    alsoBreaks: [
      {
        clause: 'MODERN-28',
        reason: 'MODERN-28 forbids the entries of a list to depend on earlier requests.',
      },
    ],
    hooks: coldStart(),
    process: (serve) => serve(),
  },
  {
    name: 'modern-unknown-session-refused',
    clause: 'MODERN-1',
    about: 'The runtime refuses modern requests with an unknown session id',
    hooks: {
      modernCall(received) {
        if (received.call.sessionId === 'no-such-session') refuse('NOT_FOUND');
        return received;
      },
    },
  },
  {
    name: 'modern-session-of-another-refused',
    clause: 'MODERN-1',
    about: 'The runtime refuses modern requests with the session id of another caller',
    hooks: sessionOfAnother(),
  },
  {
    name: 'modern-era-of-the-previous-request',
    clause: 'MODERN-1',
    about: 'The runtime serves requests without mcp-protocol-version in the era of the previous request',
    hooks: eraOfThePreviousRequest(),
  },
  {
    name: 'modern-session-id-repeated',
    clause: 'MODERN-26',
    about: 'The runtime repeats the session id of a modern request',
    hooks: onResponse((response, { sessionId }) =>
      sessionId === ''
        ? response
        : { ...response, headers: { 'mcp-session-id': sessionId, ...response.headers } },
    ),
  },
  {
    name: 'modern-session-id-created',
    clause: 'MODERN-26',
    about: 'The runtime creates a session id for each request',
    hooks: onResponse((response, { headers }) =>
      headers['mcp-protocol-version'] === '2026-07-28'
        ? { ...response, headers: { 'mcp-session-id': randomUUID(), ...response.headers } }
        : response,
    ),
  },
  {
    name: 'modern-session-id-on-streams',
    clause: 'MODERN-26',
    about: 'The runtime creates a session id for each streamed request',
    hooks: onModernStreams((head) => ({
      ...head,
      headers: { 'mcp-session-id': randomUUID(), ...head.headers },
    })),
  },
  {
    name: 'modern-last-event-id-refused',
    clause: 'MODERN-27',
    about: 'The runtime refuses modern requests with last-event-id',
    hooks: modernRefusal((_request, { call }) => call.headers.has('last-event-id'), refusedByCode(-32600)),
  },
  {
    name: 'modern-empty-last-event-id-refused',
    clause: 'MODERN-27',
    about: 'The runtime refuses streamed requests with an empty last-event-id',
    hooks: modernRefusal(
      (_request, { call }) => call.headers.get('last-event-id') === '',
      refusedByCode(-32600),
    ),
  },
  {
    name: 'modern-events-with-ids',
    clause: 'MODERN-27',
    about: 'The runtime gives ids to the events of streams',
    hooks: {
      modernResponse(response) {
        if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response;
        const decoder = new TextDecoder();
        const encoder = new TextEncoder();
        const numbered = new TransformStream<Uint8Array, Uint8Array>({
          transform: (bytes, controller) =>
            controller.enqueue(encoder.encode(decoder.decode(bytes).replace(/^data: /gm, 'id: 1\ndata: '))),
        });
        const { status, headers } = response;
        return new Response(response.body?.pipeThrough(numbered) ?? null, { status, headers });
      },
    },
  },
  {
    name: 'modern-tools-by-connection',
    clause: 'MODERN-28',
    about: 'The runtime lists other tools on each connection',
    hooks: byConnection('tools/list', partOf('tools')),
  },
  {
    name: 'modern-prompts-by-connection',
    clause: 'MODERN-28',
    about: 'The runtime lists other prompts on each connection',
    hooks: byConnection('prompts/list', partOf('prompts')),
  },
  {
    name: 'modern-resources-by-connection',
    clause: 'MODERN-28',
    about: 'The runtime lists other resources on each connection',
    hooks: byConnection('resources/list', partOf('resources')),
  },
  {
    name: 'modern-discovery-by-connection',
    clause: 'MODERN-28',
    about: 'The runtime declares other capabilities on each connection',
    hooks: byConnection('server/discover', (result, number) => ({
      ...result,
      capabilities: { ...Object(result['capabilities']), experimental: { connection: { number } } },
    })),
  },
  {
    name: 'modern-tools-after-a-call',
    clause: 'MODERN-28',
    about: 'The runtime lists fewer tools after a tool was called',
    hooks: afterA(({ method }) => method === 'tools/call', 'tools/list', withoutFirst('tools')),
  },
  {
    name: 'modern-discovery-after-a-refusal',
    clause: 'MODERN-28',
    about: 'The runtime also lists a version that an earlier request asked for',
    hooks: afterA(
      ({ params }) => Object(Object(params)['_meta'])[versionKey] === '2025-11-25',
      'server/discover',
      (result) => ({ ...result, supportedVersions: [...listIn(result, 'supportedVersions'), '2025-11-25'] }),
    ),
  },
  {
    name: 'modern-tools-of-the-session',
    clause: 'MODERN-28',
    about: 'The runtime lists fewer tools to a modern request that names a session',
    hooks: onModern((message, { call, message: request }) =>
      call.sessionId !== '' &&
      request.kind === 'request' &&
      request.method === 'tools/list' &&
      'result' in message
        ? { ...message, result: withoutFirst('tools')(message.result) }
        : message,
    ),
  },
  {
    name: 'modern-tools-in-any-order',
    clause: 'MODERN-29',
    about: 'The runtime lists tools in a different order each time',
    hooks: rotating('tools/list', 'tools'),
  },
  {
    name: 'modern-prompts-in-any-order',
    clause: 'MODERN-29',
    about: 'The runtime lists prompts in a different order each time',
    hooks: rotating('prompts/list', 'prompts'),
  },
  {
    name: 'modern-resources-in-any-order',
    clause: 'MODERN-29',
    about: 'The runtime lists resources in a different order each time',
    hooks: rotating('resources/list', 'resources'),
  },
  {
    name: 'modern-order-of-the-process',
    clause: 'MODERN-29',
    about: 'The runtime lists tools in an order that it chooses at random when it starts',
    hooks: orderOfTheProcess(),
    process: (serve) => serve(),
  },
]);
