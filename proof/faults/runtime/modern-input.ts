import { isObject } from '../../../base/is-object.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import {
  asks,
  type Message,
  onModern,
  onModernMeta,
  onModernRequest,
  onModernResult,
} from '../changes/modern.ts';

const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';
const everything = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

type Params = Readonly<Record<string, unknown>>;

/** Changes the params of requests before they are served. */
function onParams(change: (params: Params, call: ModernCall) => Params): Hooks {
  return onModernRequest(({ params }, call) => (isObject(params) ? { params: change(params, call) } : {}));
}

/** Changes the declared capabilities of requests before they are served. */
function onCapabilities(change: (capabilities: Params) => Params): Hooks {
  return onModernMeta((meta) => {
    const declared = meta[capabilitiesKey];
    return isObject(declared) ? { ...meta, [capabilitiesKey]: change(declared) } : meta;
  });
}

/** Changes each question of a kind in the results that ask for input. */
function onQuestion(kind: string, change: (question: Message) => object): Hooks {
  return onModernResult((result) => {
    if (!isObject(result.inputRequests)) return result;
    const changed = Object.entries(result.inputRequests).map(([key, question]) => [
      key,
      Object(question).method === kind ? change(question) : question,
    ]);
    return { ...result, inputRequests: Object.fromEntries(changed) };
  });
}

/** Changes the params of each form. */
const onForm = (change: (params: Message) => object) =>
  onQuestion('elicitation/create', (form) => ({ ...form, params: change(form.params) }));

/** Refuses requests as invalid, depending on their params and on the answer. */
function refusing(isRefused: (params: Params, message: Message) => boolean): Hooks {
  return onModern((message, { message: request }) => {
    const params = request.kind === 'request' && isObject(request.params) ? request.params : {};
    if (!isRefused(params, message)) return message;
    return { jsonrpc: '2.0', id: message.id, error: { code: -32602, message: 'Refused' } };
  });
}

/** Remembers the state that the runtime issues, and may change received state into it. */
function recognizing(isSame: (received: string, issued: string) => boolean): Hooks {
  const issued: string[] = [];
  return {
    ...onModernResult((result) => {
      if (typeof result.requestState === 'string') issued.push(result.requestState);
      return result;
    }),
    receivedState: (state) => issued.find((each) => isSame(state, each)) ?? state,
  };
}

const answersOf = ({ inputResponses }: Params): Params => (isObject(inputResponses) ? inputResponses : {});
const isDeclined = (answer: unknown) => ['decline', 'cancel'].includes(Object(answer).action);
const asked = new Set<string>();
let declaredBefore: Params = {};
const answersBefore = new Map<unknown, unknown>();

/** Faults in the rounds of input of MCP 2026-07-28. */
export const modernInputFaults = runtimeFaults([
  {
    name: 'modern-state-protected-in-part',
    clause: 'MODERN-13',
    about: 'The runtime protects only the first three quarters of its state',
    hooks: recognizing(
      (received, issued) =>
        received.length === issued.length && received.startsWith(issued.slice(0, issued.length * 0.75)),
    ),
  },
  {
    name: 'modern-state-without-its-version',
    clause: 'MODERN-13',
    about: 'The runtime does not protect the first character of its state',
    hooks: recognizing((received, issued) => received.slice(1) === issued.slice(1)),
  },
  {
    name: 'modern-shortened-state-accepted',
    clause: 'MODERN-13',
    about: 'The runtime accepts state whose end is missing',
    hooks: recognizing((received, issued) => received.length > 20 && issued.startsWith(received)),
  },
  {
    name: 'modern-state-of-another-type-is-none',
    clause: 'MODERN-13',
    about: 'The runtime treats state that is not a string as absent',
    hooks: onParams(({ requestState, ...params }) =>
      typeof requestState === 'string' ? { ...params, requestState } : params,
    ),
  },
  {
    name: 'modern-state-unread-without-answers',
    clause: 'MODERN-13',
    about: 'The runtime does not verify state if the request has no answers',
    hooks: onParams(({ requestState, ...params }) =>
      'inputResponses' in params && requestState !== undefined ? { ...params, requestState } : params,
    ),
  },
  {
    name: 'modern-state-unread-by-stateless-tools',
    clause: 'MODERN-13',
    about: 'The runtime does not verify state for tools that issue none',
    hooks: onParams(({ requestState, ...params }) =>
      params['name'] === 'test_input_required_result_elicitation' || requestState === undefined
        ? params
        : { ...params, requestState },
    ),
  },
  {
    name: 'modern-state-of-tools-everywhere',
    clause: 'MODERN-14',
    about: 'The runtime accepts the state of a tool for prompts and resources',
    hooks: {
      bindingOf: (scope, method, params) =>
        method === 'tools/call'
          ? defaultHooks.bindingOf(scope, method, params)
          : defaultHooks.bindingOf(scope, 'tools/call', { name: 'test_input_required_result_request_state' }),
    },
  },
  {
    name: 'modern-state-of-any-server',
    clause: 'MODERN-14',
    about: 'The runtime accepts the state of another virtual server',
    hooks: {
      bindingOf: (scope, method, params) =>
        defaultHooks.bindingOf({ ...scope, serverId: '' }, method, params),
    },
  },
  {
    name: 'modern-tool-list-that-asks',
    clause: 'MODERN-52',
    about: 'The runtime asks for input in the list of tools',
    hooks: onModernResult(
      (result) => ({
        ...result,
        resultType: 'input_required',
        inputRequests: { roots: { method: 'roots/list' } },
      }),
      'tools/list',
    ),
  },
  {
    name: 'modern-completion-with-state',
    clause: 'MODERN-52',
    about: 'The runtime asks for input in a completion',
    hooks: onModernResult(
      (result) => ({ ...result, resultType: 'input_required', requestState: 'state' }),
      'completion/complete',
    ),
  },
  {
    name: 'modern-questions-about-nothing',
    clause: 'MODERN-52',
    about: 'The runtime asks for input without naming it',
    hooks: onModernResult(({ inputRequests: _, requestState: __, ...result }) => result),
  },
  {
    name: 'modern-questions-are-requests',
    clause: 'MODERN-53',
    about: 'The runtime writes questions as JSON-RPC requests',
    hooks: onQuestion('elicitation/create', (question) => ({ jsonrpc: '2.0', id: 1, ...question })),
  },
  {
    name: 'modern-forms-without-a-schema',
    clause: 'MODERN-53',
    about: 'The runtime omits requestedSchema from forms',
    hooks: onForm(({ requestedSchema: _, ...params }) => params),
  },
  {
    name: 'modern-forms-with-nested-objects',
    clause: 'MODERN-53',
    about: 'The runtime nests the properties of forms in an object',
    hooks: onForm(({ requestedSchema, ...params }) => ({
      ...params,
      requestedSchema: { type: 'object', properties: { nested: requestedSchema } },
    })),
  },
  {
    name: 'modern-forms-for-passwords',
    clause: 'MODERN-59',
    about: 'The runtime asks for a password in forms',
    hooks: onForm(({ requestedSchema, ...params }) => ({
      ...params,
      requestedSchema: {
        ...requestedSchema,
        properties: { ...requestedSchema.properties, password: { type: 'string' } },
      },
    })),
  },
  {
    name: 'modern-resources-for-secrets',
    clause: 'MODERN-59',
    about: 'The runtime asks for an API key before it reads a resource',
    hooks: onModern((message, { message: request }) => {
      const question = message.result?.inputRequests?.user_name;
      if (question === undefined || !asks(request, 'resources/read')) return message;
      question.params.requestedSchema.properties = { api_key: { type: 'string' } };
      return message;
    }),
  },
  {
    name: 'modern-forms-without-a-message',
    clause: 'MODERN-53',
    about: 'The runtime omits the message from forms',
    hooks: onForm(({ message: _, ...params }) => params),
  },
  {
    name: 'modern-forms-with-an-elicitation-id',
    clause: 'MODERN-53',
    about: 'The runtime adds an elicitationId, which this revision does not have',
    hooks: onForm((params) => ({ ...params, elicitationId: '1' })),
  },
  {
    name: 'modern-sampling-without-a-limit',
    clause: 'MODERN-53',
    about: 'The runtime omits maxTokens from questions to the model',
    hooks: onQuestion('sampling/createMessage', ({ params, ...question }) => {
      const { maxTokens: _, ...others } = params;
      return { ...question, params: others };
    }),
  },
  {
    name: 'modern-roots-by-another-name',
    clause: 'MODERN-53',
    about: 'The runtime asks for roots with a method that does not exist',
    hooks: onQuestion('roots/list', () => ({ method: 'roots/get' })),
  },
  {
    name: 'modern-questions-to-every-client',
    clause: 'MODERN-53',
    about: 'The runtime asks for kinds of input that the request does not declare',
    alsoBreaks: [
      {
        clause: 'MODERN-18',
        reason:
          'MODERN-18 requires the runtime to refuse a request that needs input that it does not declare.',
      },
    ],
    hooks: onCapabilities(() => everything),
  },
  {
    name: 'modern-roots-of-every-client',
    clause: 'MODERN-53',
    about: 'The runtime assumes that every client lists roots',
    alsoBreaks: [
      {
        clause: 'MODERN-18',
        reason:
          'MODERN-18 requires the runtime to refuse a request that needs input that it does not declare.',
      },
    ],
    hooks: onCapabilities((capabilities) => ({ roots: {}, ...capabilities })),
  },
  {
    name: 'modern-forms-for-urls',
    clause: 'MODERN-53',
    about: 'The runtime shows forms to clients that declare only URLs',
    hooks: onCapabilities((capabilities) =>
      'elicitation' in capabilities ? { ...capabilities, elicitation: { form: {}, url: {} } } : capabilities,
    ),
  },
  {
    name: 'modern-forms-only-by-name',
    clause: 'MODERN-53',
    about: 'The runtime does not show forms to clients that declare elicitation without members',
    hooks: onCapabilities(({ elicitation, ...capabilities }) =>
      elicitation === undefined || Object.keys(Object(elicitation)).length === 0
        ? capabilities
        : { ...capabilities, elicitation },
    ),
  },
  {
    name: 'modern-capabilities-of-earlier-requests',
    clause: 'MODERN-53',
    about: 'The runtime adds the capabilities of earlier requests to those of a request',
    alsoBreaks: [
      {
        clause: 'MODERN-25',
        reason: 'MODERN-25 also forbids taking the capabilities from another request.',
      },
    ],
    hooks: onCapabilities((capabilities) => {
      declaredBefore = { ...declaredBefore, ...capabilities };
      return declaredBefore;
    }),
  },
  {
    name: 'modern-rounds-with-one-id',
    clause: 'MODERN-54',
    about: 'The runtime accepts state only in a request with the id of the first round',
    hooks: onParams((params, { message }) => ({
      ...params,
      'example.com/id': message.kind === 'request' ? message.id : '',
    })),
  },
  {
    name: 'modern-answers-need-an-earlier-question',
    clause: 'MODERN-54',
    about: 'The runtime ignores answers to questions that this process has not asked',
    process: (serve) => serve(),
    hooks: onParams(({ inputResponses, ...params }) => {
      const name = String(params['name']);
      if (inputResponses === undefined) asked.add(name);
      return asked.has(name) && inputResponses !== undefined ? { ...params, inputResponses } : params;
    }),
  },
  {
    name: 'modern-answers-remembered',
    clause: 'MODERN-54',
    about: 'The runtime adds the answers of an earlier request to requests for the same item without answers',
    hooks: onParams(({ inputResponses, ...params }) => {
      if (inputResponses !== undefined && params['requestState'] === undefined) {
        answersBefore.set(params['name'], inputResponses);
        return { ...params, inputResponses };
      }
      const answers = inputResponses ?? answersBefore.get(params['name']);
      answersBefore.delete(params['name']);
      return answers === undefined ? params : { ...params, inputResponses: answers };
    }),
  },
  {
    name: 'modern-state-lasts',
    clause: 'MODERN-55',
    about: 'The runtime accepts state also after its time',
    hooks: {
      modernCall(received) {
        const { call, message } = received;
        const params = Object(message.kind === 'request' ? message.params : {});
        if (message.kind !== 'request' || params.name !== 'test_input_required_result_brief_state')
          return received;
        // This tool asks the same question, with state that lasts for ten minutes.
        const name = 'test_input_required_result_request_state';
        const headers = new Map([...call.headers, ['mcp-name', name]]);
        return {
          ...received,
          call: { ...call, headers },
          message: { ...message, params: { ...params, name } },
        };
      },
    },
  },
  {
    name: 'modern-missing-answers-refused',
    clause: 'MODERN-56',
    about: 'The runtime refuses answers that are not complete',
    alsoBreaks: [{ clause: 'MODERN-54', reason: 'The runtime also refuses later rounds that ask again.' }],
    hooks: refusing(
      (params, { result }) => 'inputResponses' in params && result?.resultType === 'input_required',
    ),
  },
  {
    name: 'modern-unknown-answers-refused',
    clause: 'MODERN-56',
    about: 'The runtime refuses answers to questions that it did not ask',
    hooks: refusing((params) => 'more' in answersOf(params)),
  },
  {
    name: 'modern-some-answers-are-enough',
    clause: 'MODERN-56',
    about: 'The runtime completes a request as soon as it has one answer',
    alsoBreaks: [{ clause: 'MODERN-54', reason: 'The runtime also answers rounds that should ask again.' }],
    hooks: onModern((message, { message: request }) => {
      const params = request.kind === 'request' && isObject(request.params) ? request.params : {};
      const isFirstRound = Object.keys(answersOf(params)).length === 0;
      if (isFirstRound || message.result?.resultType !== 'input_required') return message;
      return { ...message, result: { resultType: 'complete', content: [] } };
    }),
  },
  {
    name: 'modern-malformed-answers-are-missing',
    clause: 'MODERN-57',
    about: 'The runtime treats answers that are not an object as missing',
    hooks: onParams(({ inputResponses, ...params }) =>
      isObject(inputResponses) ? { ...params, inputResponses } : params,
    ),
  },
  {
    name: 'modern-malformed-answer-is-missing',
    clause: 'MODERN-57',
    about: 'The runtime treats an answer that is not an object as missing',
    hooks: onParams((params) => {
      if (!isObject(params['inputResponses'])) return params;
      const answers = Object.entries(answersOf(params)).filter(([, answer]) => isObject(answer));
      return { ...params, inputResponses: Object.fromEntries(answers) };
    }),
  },
  {
    name: 'modern-declined-content-used',
    clause: 'MODERN-58',
    about: 'The runtime uses the content of a declined form',
    hooks: onParams((params) => {
      if (!isObject(params['inputResponses'])) return params;
      const answers = Object.entries(answersOf(params)).map(([key, answer]) => [
        key,
        isDeclined(answer) && 'content' in Object(answer) ? { ...Object(answer), action: 'accept' } : answer,
      ]);
      return { ...params, inputResponses: Object.fromEntries(answers) };
    }),
  },
  {
    name: 'modern-declined-is-invalid',
    clause: 'MODERN-58',
    about: 'The runtime refuses a declined form',
    hooks: refusing((params) =>
      Object.values(answersOf(params)).some((answer) => Object(answer).action === 'decline'),
    ),
  },
  {
    name: 'modern-cancelled-is-invalid',
    clause: 'MODERN-58',
    about: 'The runtime refuses a cancelled form',
    hooks: refusing((params) =>
      Object.values(answersOf(params)).some((answer) => Object(answer).action === 'cancel'),
    ),
  },
]);
