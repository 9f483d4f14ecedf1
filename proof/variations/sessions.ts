import { randomUUID } from 'node:crypto';
import { RequestRefused } from '../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../reference-runtime/hooks.ts';
import { UnreadableClaims } from '../../reference-runtime/identity/claims.ts';
import { rpcErrorCodes } from '../../reference-runtime/mcp/json-rpc-error.ts';
import { newSessionId } from '../../reference-runtime/session/open-session.ts';
import { type Members, onJson, onMessage, refusalStatus, refuse } from '../mutants/faults.ts';
import type { Hooks } from '../mutants/mutant.ts';
import type { Variation } from './variation.ts';

/** Serves one revision alone. */
function only(revision: string): Hooks {
  return {
    ...onMessage((message) =>
      message.kind === 'request' &&
      message.method === 'initialize' &&
      typeof message.params === 'object' &&
      message.params !== null &&
      'protocolVersion' in message.params &&
      typeof message.params.protocolVersion === 'string'
        ? { ...message, params: { ...(message.params as Members), protocolVersion: revision } }
        : message,
    ),
    checkProtocolVersion(headers) {
      const named = headers.get('mcp-protocol-version');
      if (named === undefined || named === revision) return;
      throw new RequestRefused('INVALID_ARGUMENT', {
        code: 'protocol_version_not_served',
        rpcCode: rpcErrorCodes.serverError,
        message: `mcp-protocol-version: not served; served is ${revision}`,
        data: { supported: [revision] },
      });
    },
  };
}

/** Other handshakes, sessions and policies. */
export const sessionVariations: readonly Variation[] = [
  {
    name: 'latest-revision-alone',
    clause: 'INIT-3',
    about: 'Serves 2025-11-25 alone',
    servesLess: true,
    hooks: only('2025-11-25'),
  },
  {
    name: 'middle-revision-alone',
    clause: 'INIT-3',
    about: 'Serves 2025-06-18 alone',
    servesLess: true,
    hooks: only('2025-06-18'),
  },
  {
    name: 'oldest-revision-alone',
    clause: 'INIT-3',
    about: 'Serves 2024-11-05 alone',
    servesLess: true,
    hooks: only('2024-11-05'),
  },
  {
    name: 'session-ids-are-uuids',
    clause: 'SESSION-1',
    about: 'Session ids are UUIDs of version 4',
    hooks: { newSessionId: () => randomUUID() },
  },
  {
    name: 'session-ids-of-all-characters',
    clause: 'SESSION-1',
    about: 'Session ids are long and have every visible ASCII character',
    hooks: {
      newSessionId: () =>
        `${String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 0x21 + at))}${newSessionId()}`,
    },
  },
  {
    name: 'session-ids-of-400-characters',
    clause: 'SESSION-1',
    about: 'Session ids are as long as a signed token',
    hooks: { newSessionId: () => Array.from({ length: 13 }, () => newSessionId()).join('.') },
  },
  {
    name: 'session-ids-like-variables',
    clause: 'SESSION-1',
    about: 'Session ids look like the variables of the kit',
    hooks: { newSessionId: () => `\${session}\${${newSessionId()}}` },
  },
  {
    name: 'second-initialize-without-an-id',
    clause: 'INIT-5',
    about: 'A second initialize is refused with the id null',
    hooks: onJson(
      ({ status, body }) => status === 400 && Buffer.from(body).includes('initialize'),
      (json) => ({ ...json, id: null }),
    ),
  },
  {
    name: 'room-for-seventy-sessions',
    clause: 'SESSION-10',
    about: 'There may be 70 sessions at a time: further ones are answered 429',
    options: { limits: { maxSessions: 70 } },
  },
  {
    name: 'no-anonymous-callers',
    clause: 'AUTH-6',
    about: 'Callers without identity are refused with 401',
    options: { anonymous: 'refuse' },
  },
  {
    name: 'anonymous-callers-forbidden',
    clause: 'AUTH-6',
    about: 'Callers without identity are refused with 403',
    options: { anonymous: 'refuse' },
    hooks: {
      isHandshake(call, message) {
        const isHandshake = defaultHooks.isHandshake(call, message);
        if (isHandshake && call.authContext === undefined) refuse('PERMISSION_DENIED');
        return isHandshake;
      },
    },
  },
  {
    name: 'unreadable-contexts-are-bad-requests',
    clause: 'AUTH-4',
    about: 'An auth context that cannot be read is answered 400',
    hooks: {
      decodeClaims(encoded) {
        try {
          return defaultHooks.decodeClaims(encoded);
        } catch {
          return refuse('INVALID_ARGUMENT');
        }
      },
    },
  },
  {
    name: 'padding-refused',
    clause: 'AUTH-4',
    about: 'An auth context with padding cannot be read',
    hooks: {
      decodeClaims(encoded) {
        if (encoded.endsWith('=')) throw new UnreadableClaims('has padding');
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'conflicts-are-too-many-requests',
    clause: 'STREAM-10',
    about: 'A second live stream of a session is refused with 429',
    hooks: refusalStatus(409, 429),
  },
  {
    name: 'mode-edge',
    clause: 'HEALTH-2',
    about: 'The mode is edge, and one capability is of nobody else',
    hooks: {
      health: (state) =>
        defaultHooks.health({
          ...state,
          mode: 'edge',
          version: '2.0.0-rc.1+build.7',
          capabilities: [...state.capabilities, 'x-vendor.feature'],
        }),
    },
  },
];
