/** The SDKs that are judged. */
export type SdkName = 'go' | 'typescript';

/**
 * What failed cases say about a server.
 * - `specification`: the SDK breaks a rule of the MCP specification.
 * - `program`: the handlers of the published program break the rule. The SDK leaves the matter to them.
 * - `contract`: the contract of this kit asks for more than MCP.
 * - `catalog`: an item of the published program differs from the conformance catalog, so the case proves nothing.
 */
export type FindingKind = 'specification' | 'program' | 'contract' | 'catalog';

/** Failed cases with the same cause, which was compared with the specification by hand. */
export interface Finding {
  /** Ids of the cases. */
  readonly cases: readonly string[];
  /** A part of the first difference that the kit reports for each case. */
  readonly difference: string;
  readonly kind: FindingKind;
  /** What the server does. */
  readonly about: string;
  /** The page and section of the specification that decides. */
  readonly place: string;
}

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** The everything-server of the Go SDK. */
const go: readonly Finding[] = [
  {
    cases: ['modern-requests/unserved-version'],
    difference: 'for "1900-01-01": /message: expected an object',
    kind: 'specification',
    about:
      'Refuses an older, unknown version in plain text, without the error -32022 and its list of versions',
    place: 'basic/transports/streamable-http, Protocol Version Header: MUST',
  },
  {
    cases: ['modern-requests/encoded-name', 'modern-items/name-of-a-tool', 'modern-headers/encoded-name'],
    difference: '/status: expected 200, got 400',
    kind: 'specification',
    about: 'Compares `mcp-name` in base64 with the body without decoding it',
    place: 'basic/transports/streamable-http, Value Encoding: MUST',
  },
  {
    cases: ['modern-headers/encoded-text'],
    difference: '"error": { "$include": { "code": -32020 } }',
    kind: 'specification',
    about: 'Refuses every `mcp-name` in base64, so that names with other letters cannot be called',
    place: 'basic/transports/streamable-http, Value Encoding: MUST',
  },
  {
    cases: ['modern-requests/ids'],
    difference: 'for "9007199254740993": /idToken: expected "9007199254740993", got "9007199254740992"',
    kind: 'specification',
    about: 'Answers an id above 2^53 with another id',
    place: 'basic, Result Responses: MUST include the same ID',
  },
  {
    cases: ['modern-results/unbuffered'],
    difference: '/headers/x-accel-buffering: expected "no", got nothing',
    kind: 'specification',
    about: 'Sends streams without `x-accel-buffering`',
    place: 'basic/transports/streamable-http, Receiving Messages: SHOULD',
  },
  {
    cases: ['modern-input/invented-state'],
    difference: 'for 0: /message/error/code: expected -32602, got -32020',
    kind: 'specification',
    about:
      'Answers a `requestState` of the wrong type with the code for header fields, although they are right',
    place: 'basic, Error Codes: MUST use defined codes only with their specified meanings',
  },
  {
    cases: ['modern-input/malformed-answers'],
    difference: 'for 12345: /message/error/code: expected -32602, got -32020',
    kind: 'specification',
    about: 'Answers malformed `inputResponses` with the code for header fields, although they are right',
    place: 'basic, Error Codes: MUST use defined codes only with their specified meanings',
  },
  {
    cases: ['modern-logging/unknown-levels'],
    difference: 'for "loud": /message/error: expected an object',
    kind: 'specification',
    about: 'Serves a request with an unknown log level, and sends log messages',
    place: 'server/utilities/logging, Error Handling: SHOULD',
  },
  {
    cases: ['modern-requests/invalid-ids'],
    difference: 'for null: /message: expected an object',
    kind: 'contract',
    about: 'Refuses the id null in plain text',
    place: 'MCP does not specify the body of this refusal',
  },
  {
    cases: ['modern-requests/versions'],
    difference: 'for "2025-11-25": /status: expected 400, got 200',
    kind: 'contract',
    about: 'Serves a request whose `_meta` names 2025-11-25 by the rules of that version, without a session',
    place: 'basic/versioning: the version that the request names is implemented',
  },
  {
    cases: ['modern-requests/notifications-with-an-id'],
    difference: 'for "notifications/initialized": /message: expected an object',
    kind: 'contract',
    about: 'Refuses a notification with an id in plain text',
    place: 'MCP does not specify the body of this refusal',
  },
  {
    cases: ['modern-requests/notifications'],
    difference: 'for {"method":"notifications/unknown","params":{}}: /status: expected 202, got 400',
    kind: 'contract',
    about: 'Refuses an unknown notification',
    place: 'basic/transports/streamable-http, Sending Messages: an error status if it is not accepted',
  },
  {
    cases: ['modern-requests/responses'],
    difference: 'for {"id":1,"result":{}}: /status: expected 400, got 202',
    kind: 'contract',
    about: 'Accepts a response from the client',
    place: 'basic/transports/streamable-http, Sending Messages: binds the client alone',
  },
  {
    cases: ['modern-results/unknown-items'],
    difference: 'for {"method":"prompts/get","params":{"name":"test_prompt_with_arguments"}}: /message/error',
    kind: 'program',
    about: 'Serves a prompt without its required arguments. The SDK does not check them',
    place: 'server/prompts, Error Handling: SHOULD',
  },
  {
    cases: ['modern-requests/unreadable-id'],
    difference: 'for "": /message: expected an object',
    kind: 'contract',
    about: 'Refuses a body that is not a message in plain text',
    place: 'MCP does not specify the body of this refusal',
  },
  {
    cases: ['modern-progress/without-a-token'],
    difference: '/messages/0: expected nothing, got 3 more items',
    kind: 'program',
    about:
      'Sends progress with the token null to a request without a token. The SDK does not check the token',
    place: 'basic/patterns/progress: MUST reference tokens of active requests; schema, ProgressToken',
  },
  {
    cases: ['modern-input/undeclared-kinds', 'modern-input/undeclared-forms'],
    difference:
      'not an object with at least { "result": { "$include": { "resultType": "input_required" } } }',
    kind: 'program',
    about:
      'Asks for input that the request does not declare. The SDK does not compare questions with capabilities',
    place: 'basic/patterns/mrtr, Server Requirements: MUST NOT',
  },
  {
    cases: [
      'modern-input/altered-state',
      'modern-input/every-character',
      'modern-input/state-without-answers',
    ],
    difference: '/message/error: expected an object',
    kind: 'program',
    about:
      'Accepts altered and invented state, which is a constant without protection. The SDK does not protect state',
    place: 'basic/patterns/mrtr, Server Requirements: MUST, if state influences the result',
  },
  {
    cases: ['modern-subscriptions/shutdown'],
    difference: 'the stream ended before the message',
    kind: 'program',
    about: 'Ends subscriptions without a result on SIGTERM, because the program handles no signal',
    place: 'basic/patterns/subscriptions: SHOULD',
  },
  {
    cases: ['modern-input/declined'],
    difference: 'for {"action":"decline"}: /message/result/resultType',
    kind: 'catalog',
    about: 'Asks again after the user declined, which MCP permits',
    place: 'basic/patterns/mrtr, Server Requirements: MAY',
  },
  {
    cases: ['modern-input/three-rounds', 'modern-stateless/rounds-on-other-connections'],
    difference: '/message/result/content/0/text: expected a string',
    kind: 'catalog',
    about: 'Answers with another text',
    place: 'none',
  },
  {
    cases: ['modern-input/declared-means'],
    difference: '/message/result/inputRequests/model: expected',
    kind: 'catalog',
    about: 'Asks under another key',
    place: 'none',
  },
  {
    cases: levels.map((level) => `modern-logging/at-${level}`),
    difference: '/messages/',
    kind: 'catalog',
    about: 'Logs one message of level info in place of one of each level',
    place: 'none',
  },
  {
    cases: ['modern-stateless/log-level-of-each-request'],
    difference: '/messages: expected a length of 1, got a length of 0',
    kind: 'catalog',
    about: 'Logs one message of level info in place of one of each level',
    place: 'none',
  },
  {
    cases: ['modern-logging/not-remembered', 'modern-requests/log-level'],
    difference: '/message/result/content/0/text: expected "Logged"',
    kind: 'catalog',
    about: 'Answers with another text',
    place: 'none',
  },
  {
    cases: ['modern-progress/before-a-question'],
    difference: '/messages/0/method: expected "notifications/progress", got nothing',
    kind: 'catalog',
    about: 'Answers in place of asking, and sends no progress',
    place: 'none',
  },
];

/** The conformance catalog on the handler of the TypeScript SDK. */
const typescript: readonly Finding[] = [
  {
    cases: ['modern-refusals/tool'],
    difference: '"path":"/mcp/x","query":"","method"…: /status: expected 404, got 200',
    kind: 'program',
    about: 'Serves every path. The SDK leaves the path to the program',
    place: 'basic/transports/streamable-http: MUST provide a single endpoint path',
  },
  {
    cases: ['modern-input/malformed-answers'],
    difference: 'for 12345: /message/error: expected an object',
    kind: 'specification',
    about: 'Treats malformed `inputResponses` as missing, and asks again',
    place: 'basic/patterns/mrtr, Error Handling: SHOULD',
  },
  {
    cases: ['modern-results/invalid-params'],
    difference:
      'for {"method":"tools/list","params":{"cursor":1}}: /message/error/code: expected -32602, got -32603',
    kind: 'specification',
    about: 'Answers an invalid cursor with an internal error, and shows its validator',
    place: 'server/utilities/pagination, Error Handling: SHOULD',
  },
  {
    cases: ['modern-requests/ids'],
    difference: 'for "9007199254740993": /status: expected 200, got 400',
    kind: 'specification',
    about: 'Refuses an id above 2^53, under another id',
    place: 'basic, Requests: integers are valid; Error Responses: MUST include the same ID',
  },
  {
    cases: ['modern-requests/unreadable-id', 'modern-requests/invalid-ids'],
    difference: '/message/id: expected null, got 1.5',
    kind: 'contract',
    about: 'Refuses the id 1.5, and repeats it in the error',
    place: 'basic, Error Responses: MUST include the same id; the schema has integers only',
  },
];

/** The findings that a run must reproduce, no more and no fewer. */
export const expectedFindings: Readonly<Record<SdkName, readonly Finding[]>> = { go, typescript };
