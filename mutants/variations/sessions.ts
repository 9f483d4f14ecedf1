import { randomUUID } from 'node:crypto';
import { RequestRefused } from '../../reference-runtime/failures/request-refused.ts';
import { UnreadableClaims } from '../../reference-runtime/identity/claims.ts';
import { rpcErrorCodes } from '../../reference-runtime/mcp/json-rpc-error.ts';
import { defaultParts } from '../../reference-runtime/parts.ts';
import { newSessionId } from '../../reference-runtime/session/session-id.ts';
import { type Members, onJson, onMessage, refusalStatus, refuse } from '../faults.ts';
import type { Parts } from '../mutant.ts';
import type { Variation } from './variation.ts';

/** Serves one revision alone. */
function only(revision: string): Parts {
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
    parts: only('2025-11-25'),
  },
  {
    name: 'middle-revision-alone',
    clause: 'INIT-3',
    about: 'Serves 2025-06-18 alone',
    servesLess: true,
    parts: only('2025-06-18'),
  },
  {
    name: 'oldest-revision-alone',
    clause: 'INIT-3',
    about: 'Serves 2024-11-05 alone',
    servesLess: true,
    parts: only('2024-11-05'),
  },
  {
    name: 'session-ids-are-uuids',
    clause: 'SESSION-1',
    about: 'Session ids are UUIDs of version 4',
    parts: { newSessionId: () => randomUUID() },
  },
  {
    name: 'session-ids-of-all-characters',
    clause: 'SESSION-1',
    about: 'Session ids are long and have every visible ASCII character',
    parts: {
      newSessionId: () =>
        `${String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 0x21 + at))}${newSessionId()}`,
    },
  },
  {
    name: 'session-ids-of-400-characters',
    clause: 'SESSION-1',
    about: 'Session ids are as long as a signed token',
    parts: { newSessionId: () => Array.from({ length: 13 }, () => newSessionId()).join('.') },
  },
  {
    name: 'session-ids-like-variables',
    clause: 'SESSION-1',
    about: 'Session ids look like the variables of the kit',
    parts: { newSessionId: () => `\${session}\${${newSessionId()}}` },
  },
  {
    name: 'second-initialize-without-an-id',
    clause: 'INIT-5',
    about: 'A second initialize is refused with the id null',
    parts: onJson(
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
    parts: {
      isHandshake(call, message) {
        const isHandshake = defaultParts.isHandshake(call, message);
        if (isHandshake && call.authContext === undefined) refuse('PERMISSION_DENIED');
        return isHandshake;
      },
    },
  },
  {
    name: 'unreadable-contexts-are-bad-requests',
    clause: 'AUTH-4',
    about: 'An auth context that cannot be read is answered 400',
    parts: {
      decodeClaims(encoded) {
        try {
          return defaultParts.decodeClaims(encoded);
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
    parts: {
      decodeClaims(encoded) {
        if (encoded.endsWith('=')) throw new UnreadableClaims('has padding');
        return defaultParts.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'conflicts-are-too-many-requests',
    clause: 'STREAM-10',
    about: 'A second live stream of a session is refused with 429',
    parts: refusalStatus(409, 429),
  },
  {
    name: 'mode-edge',
    clause: 'HEALTH-2',
    about: 'The mode is edge, and one capability is of nobody else',
    parts: {
      health: (state) =>
        defaultParts.health({
          ...state,
          mode: 'edge',
          version: '2.0.0-rc.1+build.7',
          capabilities: [...state.capabilities, 'x-vendor.feature'],
        }),
    },
  },
];
