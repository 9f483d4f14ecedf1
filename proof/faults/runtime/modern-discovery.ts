import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { type Message, modernStatus, onModernResult } from '../changes/modern.ts';

const discovery = 'server/discover';

/** Changes the answer to `server/discover`. */
const onDiscovery = (change: (result: Message) => object): Hooks => onModernResult(change, discovery);

/** Changes the declared capabilities. */
const declaring = (change: (capabilities: Message) => object): Hooks =>
  onDiscovery((result) => ({ ...result, capabilities: change(result.capabilities) }));

const withExtension = (id: string) =>
  declaring((capabilities) => ({ ...capabilities, extensions: { [id]: {} } }));

/** Negotiates another revision than this one. */
function withoutRevision(revision: string) {
  return (body: Uint8Array) => {
    const message = defaultHooks.parseMessage(body);
    if (message.kind !== 'request' || Object(message.params)['protocolVersion'] !== revision) return message;
    return { ...message, params: { ...Object(message.params), protocolVersion: '2025-11-25' } };
  };
}

/** Faults in the discovery of MCP 2026-07-28. */
export const modernDiscoveryFaults = runtimeFaults([
  {
    name: 'modern-versions-are-one-text',
    clause: 'MODERN-4',
    about: 'The runtime lists the versions as one text',
    alsoBreaks: [{ clause: 'MODERN-38', reason: 'MODERN-38 requires a list of versions.' }],
    hooks: onDiscovery((result) => ({ ...result, supportedVersions: '2026-07-28' })),
  },
  {
    name: 'modern-capability-is-true',
    clause: 'MODERN-4',
    about: 'The runtime declares a capability with the value true',
    hooks: declaring((capabilities) => ({ ...capabilities, logging: true })),
  },
  {
    name: 'modern-instructions-are-a-list',
    clause: 'MODERN-4',
    about: 'The runtime sends instructions as a list',
    hooks: onDiscovery((result) => ({ ...result, instructions: ['Call a tool'] })),
  },
  {
    name: 'modern-unserved-version-listed',
    clause: 'MODERN-38',
    about: 'The runtime lists an early revision but negotiates another one',
    hooks: {
      ...onDiscovery((result) => ({ ...result, supportedVersions: ['2026-07-28', '2024-11-05'] })),
      parseMessage: withoutRevision('2024-11-05'),
    },
  },
  {
    name: 'modern-version-that-is-no-revision',
    clause: 'MODERN-38',
    about: 'The runtime lists a version that is not a revision of MCP',
    hooks: onDiscovery((result) => ({ ...result, supportedVersions: ['2026-07-28', 'latest'] })),
  },
  ...['tools', 'prompts', 'resources', 'completions'].map((name) => ({
    name: `modern-${name}-not-declared`,
    clause: 'MODERN-39',
    about: `The runtime serves ${name} without declaring the capability`,
    hooks: declaring(({ [name]: _, ...capabilities }) => capabilities),
  })),
  {
    name: 'modern-declared-templates-unserved',
    clause: 'MODERN-39',
    about: 'The runtime declares resources but does not list templates',
    hooks: modernStatus(
      200,
      404,
      ({ message }) => message.kind === 'request' && message.method === 'resources/templates/list',
    ),
  },
  {
    name: 'modern-declared-reads-unserved',
    clause: 'MODERN-39',
    about: 'The runtime declares resources but does not read them',
    hooks: modernStatus(
      200,
      404,
      ({ message }) => message.kind === 'request' && message.method === 'resources/read',
    ),
  },
  {
    name: 'modern-logs-not-declared',
    clause: 'MODERN-40',
    about: 'The runtime sends log messages without declaring logging',
    hooks: declaring(({ logging: _, ...capabilities }) => capabilities),
  },
  {
    name: 'modern-changes-of-tools-not-declared',
    clause: 'MODERN-40',
    about: 'The runtime sends changes of the list of tools without declaring listChanged',
    hooks: declaring((capabilities) => ({ ...capabilities, tools: {} })),
  },
  {
    name: 'modern-changes-of-prompts-not-declared',
    clause: 'MODERN-40',
    about: 'The runtime sends changes of the list of prompts and declares that it does not',
    hooks: declaring((capabilities) => ({ ...capabilities, prompts: { listChanged: false } })),
  },
  {
    name: 'modern-changes-of-resources-not-declared',
    clause: 'MODERN-40',
    about: 'The runtime sends changes of resources without declaring subscribe',
    hooks: declaring((capabilities) => ({ ...capabilities, resources: { listChanged: true } })),
  },
  {
    name: 'modern-extension-without-a-prefix',
    clause: 'MODERN-41',
    about: 'The runtime declares an extension without a prefix',
    hooks: withExtension('tasks'),
  },
  {
    name: 'modern-extension-with-an-invalid-prefix',
    clause: 'MODERN-41',
    about: 'The runtime declares an extension whose prefix begins with a digit',
    hooks: withExtension('2026.example/tasks'),
  },
]);
