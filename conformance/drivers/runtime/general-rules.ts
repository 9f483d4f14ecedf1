import { nothing } from '../../match/matcher.ts';
import {
  at,
  every,
  expecting,
  first,
  hasInvalidCode,
  isAccepted,
  isAnsweredEarly,
  isAnsweredTwice,
  isAnswerOfCaller,
  isContentWithoutList,
  isHiddenFailure,
  isInternal,
  isLostSession,
  isMalformedRefusal,
  isMissingClaim,
  isOfMessage,
  isOtherJson,
  isOtherText,
  isOtherThanUnknown,
  isRefusedAsInvalid,
  isStillRunning,
  isUnanswered,
  isUnknownScope,
  isUntoldChange,
  isUnwantedChange,
  isWithoutAnswer,
  isWithoutType,
  of,
  wronglyRefused,
} from './failure-tests.ts';
import type { GeneralRule } from './general-rule.ts';
import { httpRules } from './http-rules.ts';
import { modernRules, progressMembers } from './modern-rules.ts';
import {
  isEndedStream,
  isHeldStream,
  isNotStreamed,
  isOfStream,
  isOnOtherStream,
  isOtherStatusOfStream,
  isRefusedInStream,
  isWithoutEvents,
  isWithReplacement,
} from './stream-failure-tests.ts';

/** Cases in which callers other than the owner call a session. */
const casesOfRefusals = ['identity/another-owner', 'identity/refused-calls-change-nothing'];

/** Cases whose texts are not ids. */
const casesOfTexts = ['json-rpc/strings-through-a-tool', 'texts/through-a-prompt-by-stream'];

/** Cases whose live streams stay open without any change of the session. */
const casesOfLiveStreams = ['streams/stays-open', 'streams/message-arrives'];

/** Cases whose tools ask the caller, and return the answer. */
const casesOfQuestions = ['mcp-elicitation/every-action', 'mcp-sampling/question-and-answer'];

/** Items after the first one of the lists in the claims. */
const laterItems = /\/text\/(?:teams|scoped_permissions)\/[1-9]\d*$/;

/** The general rules, from those about the form of answers to those about their content. */
export const generalRules: readonly GeneralRule[] = [
  {
    clause: 'RPC-1',
    isBroken: first(({ path, actual }) => path === '/grpc' && actual === '"UNIMPLEMENTED"'),
  },
  { clause: 'HEALTH-1', provenBy: ['health/ok'], isBroken: first(at(/^\/health\/status$/)) },
  ...httpRules,
  { clause: 'POST-1', provenBy: ['stream-post/response'], isBroken: isNotStreamed },
  { clause: 'STREAM-6', isBroken: isWithoutEvents, statedElsewhere: true },
  {
    clause: 'STREAM-6',
    provenBy: ['streams-depth/characters-across-chunks'],
    isBroken: first(isWithReplacement),
  },
  { clause: 'ERROR-4', isBroken: first(({ path, actual }) => isInternal(path, actual)) },
  { clause: 'ERROR-1', isBroken: isWithoutAnswer },
  { clause: 'ERROR-2', isBroken: of(isMalformedRefusal) },
  {
    clause: 'JSONRPC-1',
    isBroken: first(({ path }, failure) => path.startsWith('/messages') && isAnsweredTwice(failure)),
  },
  { clause: 'JSONRPC-1', isBroken: of(isOtherJson) },
  {
    clause: 'JSONRPC-10',
    isBroken: of(({ form, bytes, message }) => form === 'sse' && bytes !== 0 && !message),
  },
  { clause: 'JSONRPC-10', provenBy: ['mcp-logging/before-the-answer'], isBroken: isAnsweredEarly },
  { clause: 'JSONRPC-1', isBroken: isUnanswered },
  { clause: 'JSONRPC-12', isBroken: hasInvalidCode },
  { clause: 'JSONRPC-11', provenBy: casesOfTexts, isBroken: every(isOtherText) },
  { clause: 'JSONRPC-2', isBroken: every(at(/^\/(?:id|idToken|message\/id|messages\/\d+\/id)$/)) },
  { clause: 'JSONRPC-11', isBroken: first(isOtherText), statedElsewhere: true },
  { clause: 'JSONRPC-14', era: 'legacy', isBroken: of(isRefusedAsInvalid) },
  { clause: 'JSONRPC-3', isBroken: first(({ path }, { expected }) => isAccepted(path, expected)) },
  { clause: 'HEADER-1', isBroken: of(isWithoutType) },
  {
    clause: 'HEADER-4',
    isBroken: first(({ path, actual }) => path === '/grpc' && actual.startsWith('"INVALID_ARGUMENT"')),
    sameDifference: true,
  },
  { clause: 'AUTH-10', isBroken: 'seen', statedElsewhere: true },
  { clause: 'AUTH-1', provenBy: ['identity/url-alphabet'], isBroken: wronglyRefused(401) },
  { clause: 'AUTH-5', provenBy: ['identity/expiry-ahead'], isBroken: wronglyRefused(401) },
  {
    clause: 'AUTH-12',
    provenBy: ['identity-texts/claims-as-sent-by-invoke', 'identity-texts/claims-as-sent-by-stream'],
    isBroken: first(({ path, actual }) => laterItems.test(path) && actual === nothing),
  },
  {
    clause: 'AUTH-1',
    provenBy: ['identity/claims-as-sent'],
    isBroken: first(isMissingClaim),
    sameDifference: true,
  },
  {
    clause: 'AUTH-8',
    provenBy: ['identity/claims-as-sent'],
    isBroken: first(isMissingClaim),
    sameDifference: true,
  },
  { clause: 'DEADLINE-2', isBroken: first(isStillRunning) },
  { clause: 'STREAM-10', era: 'legacy', isBroken: isHeldStream },
  { clause: 'STREAM-1', provenBy: casesOfLiveStreams, isBroken: isEndedStream },
  {
    clause: 'POST-1',
    era: 'legacy',
    provenBy: ['carriers/nothing-on-the-live-stream'],
    isBroken: isOnOtherStream,
  },
  { clause: 'STREAM-2', isBroken: first(at(/^\/errorStatus$/)), sameDifference: true, statedElsewhere: true },
  {
    clause: 'HEAD-1',
    isBroken: first(at(/^\/(?:status|headers)$/)),
    sameDifference: true,
    statedElsewhere: true,
  },
  { clause: 'POST-4', isBroken: isOtherStatusOfStream, sameDifference: true, statedElsewhere: true },
  { clause: 'POST-4', isBroken: isRefusedInStream, statedElsewhere: true },
  {
    clause: 'POST-7',
    provenBy: ['carriers/same-result'],
    isBroken: isOfStream,
    sameDifference: true,
  },
  { clause: 'SESSION-5', era: 'legacy', isBroken: first(isUnknownScope), statedElsewhere: true },
  {
    clause: 'SESSION-2',
    era: 'legacy',
    provenBy: ['sessions/unknown'],
    isBroken: first(isOtherThanUnknown),
    sameDifference: true,
  },
  { clause: 'AUTH-2', era: 'legacy', provenBy: casesOfRefusals, isBroken: first(isLostSession) },
  {
    clause: 'AUTH-2',
    era: 'legacy',
    provenBy: ['identity/same-owner-other-claims'],
    isBroken: wronglyRefused(403),
  },
  { clause: 'SESSION-9', era: 'legacy', isBroken: first(isLostSession) },
  { clause: 'SESSION-6', era: 'legacy', isBroken: first(isLostSession) },
  { clause: 'MCP-4', era: 'legacy', isBroken: first(isHiddenFailure) },
  { clause: 'MCP-10', era: 'legacy', isBroken: isUnwantedChange },
  {
    clause: 'MCP-10',
    era: 'legacy',
    provenBy: ['mcp-resources/change-is-told'],
    isBroken: isUntoldChange,
  },
  { clause: 'MCP-15', era: 'legacy', provenBy: ['subscriptions/several'], isBroken: isUntoldChange },
  { clause: 'MCP-4', era: 'legacy', isBroken: isContentWithoutList },
  {
    clause: 'MCP-9',
    era: 'legacy',
    provenBy: ['mcp-elicitation/every-action'],
    isBroken: first(at(/^\/result\/content\/0\/text$/)),
    sameDifference: true,
  },
  { clause: 'MCP-9', era: 'legacy', provenBy: casesOfQuestions, isBroken: first(isAnswerOfCaller) },
  ...modernRules,
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
    clause: 'JSONRPC-8',
    era: 'legacy',
    isBroken: first(expecting(200, -32601)),
    sameDifference: true,
    statedElsewhere: true,
  },
];
