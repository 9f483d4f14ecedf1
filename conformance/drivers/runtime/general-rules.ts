import { type Era, erasOf } from '../../case/era.ts';
import type { Failure } from '../../engine/result.ts';
import { isObject } from '../../match/canonical.ts';
import { nothing } from '../../match/matcher.ts';
import {
  at,
  every,
  expecting,
  type FailureTest,
  first,
  type Head,
  hasWrongType,
  isAccepted,
  isAnsweredTwice,
  isInternal,
  isLostSession,
  isMalformedRefusal,
  isNoAnswer,
  isNotStreamed,
  isOfMessage,
  isOtherStatusOfStream,
  isOtherText,
  isUnknownScope,
  isUnserved,
  isWithoutEvents,
  isWithoutType,
  of,
  refusedWith,
} from './failure-tests.ts';

/** A rule about answers of many kinds. If a runtime breaks the rule, cases of any clause may show a difference. */
export interface GeneralRule {
  readonly clause: string;
  /** The era that the rule applies to. Default: both. */
  readonly era?: Era;
  /** The only case that proves that the rule is broken. Default: every case that fails at a step of the clause. */
  readonly provenBy?: string;
  /** Returns whether a failure may be due to a runtime that breaks the rule. */
  readonly isBroken: FailureTest;
  /** Whether a case can only explain failures whose first difference has the same place and the same observed value. */
  readonly sameDifference?: true;
  /**
   * Whether other clauses state the same rule for their answers. The rule then explains only failures of several
   * clauses.
   */
  readonly statedElsewhere?: true;
}

const progressMembers = ['progress', 'progressToken', 'total'];

const hints = /\/result\/(?:ttlMs|cacheScope)$/;

/** The general rules, from those about the form of answers to those about their content. */
export const generalRules: readonly GeneralRule[] = [
  {
    clause: 'RPC-1',
    isBroken: first(({ path, actual }) => path === '/grpc' && actual === '"UNIMPLEMENTED"'),
  },
  { clause: 'POST-1', provenBy: 'stream-post/response', isBroken: isNotStreamed },
  { clause: 'STREAM-6', isBroken: isWithoutEvents, statedElsewhere: true },
  { clause: 'ERROR-4', isBroken: first(({ path, actual }) => isInternal(path, actual)) },
  { clause: 'ERROR-1', isBroken: first(isNoAnswer) },
  { clause: 'ERROR-2', isBroken: of(isMalformedRefusal) },
  {
    clause: 'JSONRPC-1',
    isBroken: first(({ path }, failure) => path.startsWith('/messages') && isAnsweredTwice(failure)),
  },
  { clause: 'JSONRPC-1', isBroken: of(({ message }) => isObject(message) && !('jsonrpc' in message)) },
  {
    clause: 'JSONRPC-10',
    isBroken: of(({ form, bytes, message }) => form === 'sse' && bytes !== 0 && !message),
  },
  { clause: 'JSONRPC-2', isBroken: every(at(/^\/(?:id|idToken|message\/id|messages\/\d+\/id)$/)) },
  { clause: 'JSONRPC-11', isBroken: first(isOtherText), statedElsewhere: true },
  { clause: 'JSONRPC-3', isBroken: first(({ path }, { expected }) => isAccepted(path, expected)) },
  { clause: 'HEADER-1', isBroken: of(isWithoutType) },
  { clause: 'STREAM-2', isBroken: first(at(/^\/errorStatus$/)), sameDifference: true, statedElsewhere: true },
  {
    clause: 'HEAD-1',
    isBroken: first(at(/^\/(?:status|headers)$/)),
    sameDifference: true,
    statedElsewhere: true,
  },
  { clause: 'POST-4', isBroken: isOtherStatusOfStream, sameDifference: true, statedElsewhere: true },
  { clause: 'SESSION-5', era: 'legacy', isBroken: first(isUnknownScope), statedElsewhere: true },
  { clause: 'SESSION-9', era: 'legacy', isBroken: first(isLostSession) },
  { clause: 'SESSION-6', era: 'legacy', isBroken: first(isLostSession) },
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
    clause: 'MCP-8',
    era: 'legacy',
    isBroken: first(isOfMessage('notifications/message', ['level', 'data'])),
    statedElsewhere: true,
  },
  {
    clause: 'MCP-7',
    era: 'legacy',
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
  {
    clause: 'JSONRPC-8',
    era: 'legacy',
    isBroken: first(expecting(200, -32601)),
    sameDifference: true,
    statedElsewhere: true,
  },
];

/** Returns whether a failure may be due to a runtime that breaks a rule. */
export function breaksRule({ era, isBroken }: GeneralRule, failure: Failure, head: Head): boolean {
  return (era === undefined || erasOf(head).includes(era)) && isBroken(failure, head);
}
