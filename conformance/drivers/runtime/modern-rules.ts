import { nothing } from '../../match/matcher.ts';
import {
  at,
  expecting,
  first,
  hasWrongType,
  isBadRequest,
  isOfMessage,
  isUnserved,
  refusedWith,
} from './failure-tests.ts';
import type { GeneralRule } from './general-rule.ts';

/** The members of progress notifications whose values a clause fixes. Both eras have the same. */
export const progressMembers = ['progress', 'progressToken', 'total'];

const hints = /\/result\/(?:ttlMs|cacheScope)$/;

/** The general rules about answers of MCP 2026-07-28. */
export const modernRules: readonly GeneralRule[] = [
  {
    clause: 'MODERN-25',
    era: 'modern',
    provenBy: ['modern-stateless/first-request'],
    isBroken: isBadRequest,
  },
  { clause: 'MODERN-69', era: 'modern', isBroken: isBadRequest },
  { clause: 'MODERN-26', era: 'modern', isBroken: first(at(/^\/headers\/mcp-session-id$/)) },
  { clause: 'MODERN-9', era: 'modern', isBroken: first(hasWrongType) },
  {
    clause: 'MODERN-52',
    era: 'modern',
    isBroken: first(
      ({ path, actual }) =>
        (/\/result\/resultType$/.test(path) && actual === '"input_required"') ||
        (/\/result\/(?:inputRequests|requestState)$/.test(path) && actual === nothing),
    ),
  },
  { clause: 'MODERN-39', era: 'modern', isBroken: first(isUnserved) },
  {
    clause: 'MODERN-12',
    era: 'modern',
    isBroken: first(({ path, actual }) => hints.test(path) && actual === nothing),
  },
  {
    clause: 'MODERN-49',
    era: 'modern',
    isBroken: first(({ path, expected }) => hints.test(path) && expected === nothing),
  },
  {
    clause: 'MODERN-15',
    era: 'modern',
    isBroken: first(at(/\/_meta\/io\.modelcontextprotocol~1subscriptionId$/)),
  },
  {
    clause: 'MODERN-15',
    era: 'modern',
    isBroken: first(({ path, expected }) => path === '/method' && expected.endsWith('/acknowledged"')),
  },
  {
    clause: 'MODERN-19',
    era: 'modern',
    isBroken: first(isOfMessage('notifications/message', ['level', 'data'])),
    statedElsewhere: true,
  },
  {
    clause: 'MODERN-68',
    era: 'modern',
    isBroken: first(isOfMessage('notifications/progress', progressMembers)),
    statedElsewhere: true,
  },
  {
    clause: 'MODERN-61',
    era: 'modern',
    isBroken: first(
      ({ path, expected, actual }) =>
        path.endsWith('/method') &&
        /^"notifications\/(?:resources\/updated|\w+\/list_changed)"/.test(expected) &&
        /^"notifications\/(?:message|progress)"/.test(actual),
    ),
  },
  {
    clause: 'MODERN-3',
    era: 'modern',
    isBroken: first(expecting(400, -32022)),
    sameDifference: true,
    statedElsewhere: true,
  },
  {
    clause: 'MODERN-18',
    era: 'modern',
    isBroken: first(expecting(400, -32021)),
    sameDifference: true,
    statedElsewhere: true,
  },
  { clause: 'MODERN-53', era: 'modern', isBroken: first(refusedWith(-32021)) },
  { clause: 'MODERN-18', era: 'modern', isBroken: first(refusedWith(-32021)) },
  {
    clause: 'MODERN-10',
    era: 'modern',
    isBroken: first(expecting(404, -32601)),
    sameDifference: true,
    statedElsewhere: true,
  },
];
