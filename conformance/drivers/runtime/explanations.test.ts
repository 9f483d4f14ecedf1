import { describe, expect, it } from 'vitest';
import type { CaseOutcome, CaseResult, Failure } from '../../engine/result.ts';
import { dataCase } from '../../testing/data-case.ts';
import { explainFailures } from './explanations.ts';

function result(
  id: string,
  clause: string,
  outcome: CaseOutcome,
  more: Partial<CaseResult> = {},
): CaseResult {
  const head = { ...dataCase(id, []), id, clauses: [clause], revisions: ['2026-07-28'] };
  return { case: head, outcome, startedAt: 0, durationMs: 1, wire: [], logs: [], ...more };
}

/** A case of a clause that fails with a difference: path, expected and actual. */
function failed(
  id: string,
  clause: string,
  [path, expected, actual]: readonly [string, string, string],
  more: Partial<Failure> = {},
): CaseResult {
  const differences = [{ path, expected, actual }];
  const summary = `${path}: expected ${expected}, got ${actual}`;
  return result(id, clause, {
    kind: 'failed',
    failure: { summary, differences, clauses: [clause], ...more },
  });
}

function malformed(id: string, own: string): CaseResult {
  const failure = { summary: 'STREAM-6: not JSON', differences: [], clauses: ['STREAM-6', own] };
  return result(id, own, { kind: 'failed', failure });
}

const internal = ['/status', '400', '500'] as const;
const unknown = { expected: { status: 404, message: { error: { code: -32601 } } } };

const onStream = { rpc: 'InvokeStream' };

/** The same result of a case that needs `InvokeStream` with POST. */
function streamed(result: CaseResult): CaseResult {
  return { ...result, case: { ...result.case, needs: { capabilities: ['stream-post'] } } };
}

/** The same result of a case of the legacy revisions. */
function legacy(result: CaseResult): CaseResult {
  return { ...result, case: { ...result.case, revisions: ['2025-11-25'] } };
}

/** The outcomes by case: the violated clauses, or the case that blocks it. */
function explained(...results: readonly CaseResult[]): Record<string, string> {
  return Object.fromEntries(
    explainFailures(results).map(({ case: { id }, outcome }) => {
      if (outcome.kind === 'failed') return [id, outcome.failure.clauses.join(' ')];
      return [id, outcome.kind === 'blocked' ? `blocked by ${outcome.by.case}` : outcome.kind];
    }),
  );
}

describe('explainFailures', () => {
  it('explains the difference of a general rule by the case that checks the rule', () => {
    const found = explained(failed('never-internal', 'ERROR-4', internal), failed('a', 'MODERN-6', internal));
    expect(found).toEqual({ 'never-internal': 'ERROR-4', a: 'blocked by never-internal' });
  });

  it('does not explain a failure if the case of the rule passes', () => {
    const found = explained(
      result('never-internal', 'ERROR-4', { kind: 'passed' }),
      failed('a', 'MODERN-6', internal),
      failed('b', 'MODERN-7', internal),
    );
    expect(found).toEqual({ 'never-internal': 'passed', a: 'MODERN-6', b: 'MODERN-7' });
  });

  it('explains no other difference', () => {
    const found = explained(
      failed('never-internal', 'ERROR-4', internal),
      failed('a', 'MODERN-6', ['/status', '400', '200']),
    );
    expect(found['a']).toBe('MODERN-6');
  });

  it('requires the same observed value if only the expected answer points at the clause', () => {
    const found = explained(
      failed('removed', 'MODERN-10', ['/status', '404', '200'], unknown),
      failed('a', 'MODERN-1', ['/status', '404', '200'], unknown),
      failed('b', 'MODERN-1', ['/status', '404', '400'], unknown),
      failed('c', 'MODERN-28', ['/status', '404', '200'], unknown),
    );
    expect(found).toEqual({
      removed: 'MODERN-10',
      a: 'blocked by removed',
      b: 'MODERN-1',
      c: 'blocked by removed',
    });
  });

  it('explains no failures of a single clause by a rule that this clause also states', () => {
    const served = ['/status', '404', '200'] as const;
    const found = explained(
      failed('removed', 'MODERN-10', served, unknown),
      failed('a', 'MODERN-1', served, unknown),
      failed('b', 'MODERN-1', served, unknown),
    );
    expect(found).toEqual({ removed: 'MODERN-10', a: 'MODERN-1', b: 'MODERN-1' });
  });

  it('explains an id by its clause only if nothing else differs', () => {
    const id = ['/id', '1', '2'] as const;
    const others = {
      differences: [...(['/id', '/status'] as const)].map((path) => ({ path, expected: '1', actual: '2' })),
    };
    const found = explained(
      failed('ids', 'JSONRPC-2', id),
      failed('a', 'MODERN-1', id),
      failed('b', 'MODERN-1', id, others),
    );
    expect(found).toEqual({ ids: 'JSONRPC-2', a: 'blocked by ids', b: 'MODERN-1' });
  });

  it('explains failures of streamed requests by the simplest streamed request, and by no other case of its clause', () => {
    const timeOut = { differences: [], step: { number: 3, verb: 'end', file: 'f', line: 1 } };
    const streamed = (id: string, clause: string) => {
      const plain = failed(id, clause, ['', '', ''], timeOut);
      return { ...plain, case: { ...plain.case, needs: { capabilities: ['stream-post'] } } };
    };
    expect(explained(streamed('stream-post/response', 'POST-1'), streamed('a', 'MCP-7'))['a']).toBe(
      'blocked by stream-post/response',
    );
    expect(explained(streamed('stream-post/many-events', 'POST-1'), streamed('a', 'MCP-7'))['a']).toBe(
      'MCP-7',
    );
  });

  it.each([
    ['a result without a type', 'MODERN-9', ['/message/result/resultType', '"complete"', 'nothing'], {}],
    [
      'a question that is called complete',
      'MODERN-9',
      ['/message/result/resultType', '"input_required"', '"complete"'],
      { actual: { message: { result: { resultType: 'complete', inputRequests: {} } } } },
    ],
    [
      'an unexpected question',
      'MODERN-52',
      ['/message/result/resultType', '"complete"', '"input_required"'],
      {},
    ],
    [
      'a method that is not served',
      'MODERN-39',
      ['/status', '200', '404'],
      { expected: { status: 200 }, actual: { status: 404 } },
    ],
    ['an RPC that is not served', 'RPC-1', ['/grpc', '"OK"', '"UNIMPLEMENTED"'], {}],
    ['a refusal as a gRPC status', 'ERROR-1', ['/grpc', '"OK"', '"NOT_FOUND"'], {}],
    ['a refusal without a status', 'ERROR-1', ['/status', '404', '0'], {}],
    [
      'a refusal without an error',
      'ERROR-2',
      ['/message/error', 'an object', 'nothing'],
      { actual: { status: 400, message: { jsonrpc: '2.0' } } },
    ],
    [
      'a change before the acknowledgement',
      'MODERN-15',
      ['/method', '"notifications/subscriptions/acknowledged"', '"x"'],
      {},
    ],
    [
      'a refusal for a missing capability',
      'MODERN-53',
      ['/status', '200', '400'],
      { actual: { message: { error: { code: -32021 } } } },
    ],
  ] as const)('explains %s', (_, clause, difference, more) => {
    expect(
      explained(failed('rule', clause, difference, more), failed('a', 'MODERN-25', difference, more)),
    ).toEqual({
      rule: clause,
      a: 'blocked by rule',
    });
  });

  it('explains streams without events by the clause about events', () => {
    const empty = { step: { number: 3, verb: 'end', file: 'f', line: 1 }, actual: { bytes: 90, events: [] } };
    const streamed = (id: string, clause: string) => {
      const plain = failed(id, clause, ['/messages', 'a length of 1', '[]'], empty);
      return { ...plain, case: { ...plain.case, needs: { capabilities: ['stream-post'] } } };
    };
    const found = explained(
      streamed('events', 'STREAM-6'),
      streamed('stream-post/response', 'POST-1'),
      streamed('a', 'MCP-7'),
    );
    expect(found).toEqual({
      events: 'STREAM-6',
      'stream-post/response': 'blocked by events',
      a: 'blocked by events',
    });
  });

  it.each([
    ['of another level', ['/messages/0/params/level', '"error"', '"info"']],
    ['that is unexpected', ['/messages/1', 'nothing', '{ "method": "notifications/message" }']],
  ] as const)('explains a log message %s', (_, difference) => {
    const found = explained(
      failed('levels', 'MODERN-19', difference),
      failed('a', 'MODERN-61', difference),
      failed('b', 'MODERN-69', difference),
    );
    expect(found).toEqual({ levels: 'MODERN-19', a: 'blocked by levels', b: 'blocked by levels' });
  });

  it.each(['SESSION-6', 'SESSION-9'])('explains a lost session (%s)', (clause) => {
    const legacy = (id: string, own: string, expected: string): CaseResult => {
      const result = failed(id, own, ['/status', expected, '404']);
      return { ...result, case: { ...result.case, revisions: ['2025-11-25'] } };
    };
    expect(
      explained(
        legacy('rule', clause, '200'),
        legacy('a', 'INIT-7', '200'),
        legacy('b', 'SESSION-2', '400 to 499'),
      ),
    ).toEqual({ rule: clause, a: 'blocked by rule', b: 'SESSION-2' });
  });

  it('does not explain a wrong type by the clause of types if the runtime does not ask for input', () => {
    const difference = ['/message/result/resultType', '"input_required"', '"complete"'] as const;
    const more = { actual: { message: { result: { resultType: 'complete' } } } };
    const found = explained(
      failed('types', 'MODERN-9', difference, more),
      failed('a', 'MODERN-54', difference, more),
    );
    expect(found['a']).toBe('MODERN-54');
  });

  it('assigns a blocked case to the rule that its setup step shows broken', () => {
    const { outcome } = failed('a', 'MODERN-6', internal);
    if (outcome.kind !== 'failed') throw new Error('not failed');
    const by = { case: 'setup', clause: 'SESSION-3' };
    const found = explained(
      failed('never-internal', 'ERROR-4', internal),
      result('a', 'MODERN-6', { kind: 'blocked', failure: { ...outcome.failure, clauses: [] }, by }),
    );
    expect(found['a']).toBe('blocked by never-internal');
  });

  it('leaves known failures alone', () => {
    const listed = { ...failed('a', 'MODERN-6', internal), known: { reason: 'soon' } };
    expect(explained(failed('never-internal', 'ERROR-4', internal), listed)['a']).toBe('MODERN-6');
  });

  it('blames only the clause of malformed bodies if they occur in cases of several clauses', () => {
    expect(explained(malformed('a', 'MCP-7'), malformed('b', 'MCP-8'))).toEqual({
      a: 'STREAM-6',
      b: 'STREAM-6',
    });
    expect(explained(malformed('a', 'MCP-7'))).toEqual({ a: 'STREAM-6 MCP-7' });
  });

  it('explains a difference in the calls of other cases by those cases, if all of them failed', () => {
    const seenIn = ['a', 'b'];
    const other = ['/status', '403', '200'] as const;
    const judge = failed('traffic', 'ERROR-3', ['/0', 'nothing', '"a repeats it"'], { seenIn });
    const [a, b] = [failed('a', 'AUTH-2', other), failed('b', 'AUTH-2', other)];
    expect(explained(a, b, judge)).toMatchObject({ a: 'AUTH-2', traffic: 'blocked by a' });
    expect(explained(a, result('b', 'AUTH-2', { kind: 'passed' }), judge)).toMatchObject({
      traffic: 'ERROR-3',
    });
  });

  it('explains altered texts by the clause about texts', () => {
    const lost = ['/message/id', '"größe"', '"gr??e"'] as const;
    const wrong = ['/message/id', '"größe"', '"other"'] as const;
    const proof = failed('strings', 'JSONRPC-11', ['/text', '"zoë"', '"zo?"']);
    expect(explained(proof, failed('a', 'MCP-5', lost), failed('b', 'AUTH-12', lost))).toEqual({
      strings: 'JSONRPC-11',
      a: 'blocked by strings',
      b: 'blocked by strings',
    });
    const decomposed = ['/message/id', '"gr\u00f6\u00dfe"', '"gro\u0308\u00dfe"'] as const;
    expect(
      explained(proof, failed('a', 'MCP-5', decomposed), failed('b', 'AUTH-12', decomposed)),
    ).toMatchObject({
      a: 'blocked by strings',
    });
    expect(explained(proof, failed('a', 'MCP-5', wrong), failed('b', 'AUTH-12', wrong))).toMatchObject({
      a: 'MCP-5',
      b: 'AUTH-12',
    });
  });

  const noResult = ['/message/result', 'an object', 'nothing'] as const;
  const claim = ['/message/result/content/0/text/token_use', '"session"', 'null'] as const;
  const missingList = [
    '/message/result/content/0/text/scoped_permissions/0',
    '"tools.read"',
    'nothing',
  ] as const;
  const unwanted = '{ "method": "notifications/resources/updated" }';

  it.each<[string, string, string, readonly [string, string, string], Partial<Failure>]>([
    [
      'a call that fails',
      'two-layers',
      'ERROR-1',
      ['/grpc', '"INVALID_ARGUMENT"', '"NOT_FOUND"'],
      { actual: { grpc: 'NOT_FOUND' } },
    ],
    [
      'a null result',
      'one-response',
      'JSONRPC-1',
      ['/message/result', 'an object', 'null'],
      { actual: { message: { jsonrpc: '2.0', id: 1, result: null } } },
    ],
    [
      'an empty answer',
      'one-response',
      'JSONRPC-1',
      ['/message', 'an object', 'nothing'],
      { actual: { status: 200 } },
    ],
    [
      'a reserved code',
      'codes',
      'JSONRPC-12',
      ['/message/error/code', '-32601', '-32404'],
      { actual: { message: { jsonrpc: '2.0', error: { code: -32404 } } } },
    ],
    [
      'a tab',
      'values',
      'HEADER-4',
      ['/grpc', '"OK"', '"INVALID_ARGUMENT"'],
      { actual: { grpc: 'CANCELLED' } },
    ],
    ['a missing claim', 'identity/claims-as-sent', 'AUTH-1', claim, {}],
    ['a missing claim of teams', 'identity/claims-as-sent', 'AUTH-8', claim, {}],
    ['a missing list', 'identity/claims-as-sent', 'AUTH-1', missingList, {}],
    ['an id that is in use', 'running', 'MODERN-69', ['/status', '200', '400'], { actual: { status: 400 } }],
    ['work after a cancellation', 'cancelled', 'DEADLINE-2', ['/text', '"cancelled"', '"running"'], {}],
  ])('explains %s', (_, proof, clause, difference, more) => {
    const others = [failed('a', 'MODERN-6', difference, more), failed('b', 'MODERN-7', difference, more)];
    expect(explained(failed(proof, clause, difference, more), ...others)).toEqual({
      [proof]: clause,
      a: `blocked by ${proof}`,
      b: `blocked by ${proof}`,
    });
  });

  it.each<[string, string, readonly [string, string, string], Partial<Failure>]>([
    [
      'a refused id',
      'JSONRPC-14',
      noResult,
      { actual: { status: 200, message: { jsonrpc: '2.0', error: { code: -32600 } } } },
    ],
    [
      'a stream that is still open',
      'STREAM-10',
      ['/refused', '0', '409'],
      { actual: { refused: 409 }, step: { number: 1, verb: 'openStream', file: '', line: 1 } },
    ],
    ['change notifications for every session', 'MCP-10', ['/messages/1', 'not an object', unwanted], {}],
    [
      'a change notification that a step forbids',
      'MCP-10',
      ['', '', ''],
      {
        summary: 'received a message that `never` forbids',
        actual: { method: 'notifications/resources/updated' },
      },
    ],
    [
      'a failed tool whose result has no isError',
      'MCP-4',
      ['/message/result/isError', 'true', 'nothing'],
      {},
    ],
  ])('explains %s in the cases of the legacy revisions', (_, clause, difference, more) => {
    const results = [failed('proof', clause, difference, more), failed('a', 'POST-7', difference, more)];
    expect(explained(...results.map(legacy))).toEqual({ proof: clause, a: 'blocked by proof' });
  });

  it('explains refusals that arrive in a stream by the clause about refused streams', () => {
    const expected = { status: 403 };
    const refused = { request: onStream, expected, actual: { status: 200, message: { error: {} } } };
    const step = { number: 1, verb: 'end', file: '', line: 1 };
    const found = explained(
      streamed(failed('refused', 'POST-4', ['', '', ''], { step, expected, actual: { status: 200 } })),
      streamed(failed('a', 'AUTH-2', ['/status', '403', '200'], refused)),
      streamed(failed('b', 'AUTH-7', ['/status', '403', '200'], refused)),
      streamed(failed('c', 'AUTH-3', ['/status', '403', '200'], { ...refused, actual: { status: 200 } })),
    );
    expect(found).toMatchObject({ a: 'blocked by refused', b: 'blocked by refused', c: 'AUTH-3' });
  });

  it('explains the differences of streamed requests by the case that compares both RPCs', () => {
    const found = explained(
      streamed(failed('carriers/same-result', 'POST-7', ['/uri', '"a%20b"', '"a b"'], { request: onStream })),
      streamed(failed('a', 'MCP-5', ['/uri', '"a%20b"', '"a b"'], { request: onStream })),
      streamed(failed('b', 'MCP-5', ['/uri', '"a%20b"', '"a b"'])),
      streamed(failed('c', 'MCP-5', ['/text', '"a%20b"', '"a b"'], { request: onStream })),
    );
    expect(found).toMatchObject({ a: 'blocked by carriers/same-result', b: 'MCP-5', c: 'MCP-5' });
  });

  it('explains refused requests by the case of the first request of a connection', () => {
    const refused = { actual: { status: 400 } };
    const found = explained(
      failed('modern-stateless/first-request', 'MODERN-25', ['/status', '200', '400'], refused),
      failed('a', 'MODERN-69', ['/message/result', 'an object', 'nothing'], refused),
      failed('b', 'MODERN-69', ['/status', '200', '404'], { actual: { status: 404 } }),
    );
    expect(found).toMatchObject({ a: 'blocked by modern-stateless/first-request', b: 'MODERN-69' });
  });

  it('explains the status of unknown sessions by the case about unknown sessions', () => {
    const found = explained(
      legacy(failed('sessions/unknown', 'SESSION-2', ['/status', '404', '403'])),
      legacy(failed('a', 'SESSION-4', ['/status', 'one of: 400 | 404', '403'])),
      legacy(failed('b', 'RPC-7', ['/status', '404', '200'])),
      legacy(failed('c', 'AUTH-2', ['/status', '404', '404'])),
    );
    expect(found).toMatchObject({ a: 'blocked by sessions/unknown', b: 'RPC-7', c: 'AUTH-2' });
  });

  it('explains replaced characters by the case about characters across chunks', () => {
    const found = explained(
      failed('streams-depth/characters-across-chunks', 'STREAM-6', ['/text', '"é"', '"\uFFFD"']),
      failed('a', 'JSONRPC-11', ['/text', '"NFC é"', '"NFC \uFFFD"']),
      failed('b', 'JSONRPC-11', ['/text', '"NFC é"', '"NFC e"']),
    );
    expect(found).toMatchObject({ a: 'blocked by streams-depth/characters-across-chunks', b: 'JSONRPC-11' });
  });

  it('explains changes that are not reported by the case that changes resources repeatedly', () => {
    const change = { expected: { method: 'notifications/resources/updated' } };
    const found = explained(
      legacy(failed('subscriptions/several', 'MCP-15', ['/method', 'updated', 'nothing'], change)),
      legacy(failed('a', 'POST-7', ['/method', 'updated', 'nothing'], change)),
      legacy(failed('b', 'POST-7', ['/method', 'message', 'nothing'])),
    );
    expect(found).toMatchObject({ a: 'blocked by subscriptions/several', b: 'POST-7' });
  });

  it('explains answers of callers that tools do not return by the cases of those tools', () => {
    const found = explained(
      legacy(failed('mcp-sampling/question-and-answer', 'MCP-9', ['/text', '"LLM response: mine"', '""'])),
      legacy(failed('a', 'POST-7', ['/messages', 'an item { "text": "LLM response: mine" }', '[]'])),
      legacy(failed('b', 'POST-7', ['/messages', 'an item { "text": "mine" }', '[]'])),
    );
    expect(found).toMatchObject({ a: 'blocked by mcp-sampling/question-and-answer', b: 'POST-7' });
  });

  it('explains failures of several clauses by the identities that the observer saw in those cases', () => {
    const leak = ['/0', 'nothing', '"the answer contains another email"'] as const;
    const step = { number: 1, verb: 'traffic', file: 'a.yaml', line: 1 };
    const seenIn = ['a', 'b', 'traffic'];
    const judge = failed('traffic', 'AUTH-10', leak, { seenIn, step });
    const found = explained(
      judge,
      failed('a', 'AUTH-12', ['/text/email', '"a"', '"b"']),
      failed('b', 'AUTH-1', ['/text/teams', '[]', 'nothing']),
      failed('c', 'AUTH-1', ['/text/teams', '[]', 'nothing']),
    );
    expect(found).toEqual({
      traffic: 'AUTH-10',
      a: 'blocked by traffic',
      b: 'blocked by traffic',
      c: 'AUTH-1',
    });
    expect(explained(judge, failed('a', 'AUTH-12', ['/text/email', '"a"', '"b"']))['a']).toBe('AUTH-12');
  });

  it('explains live streams that end by the case that keeps one open', () => {
    const end = { number: 2, verb: 'end', file: 'a.yaml', line: 1 };
    const ended = ['/done', 'false', 'true'] as const;
    const found = explained(
      failed('streams/stays-open', 'STREAM-1', ended, { step: end }),
      failed('a', 'RPC-6', ended, { step: end }),
      failed('b', 'RPC-6', ended, { step: { ...end, verb: 'invoke' } }),
    );
    expect(found).toMatchObject({ a: 'blocked by streams/stays-open', b: 'RPC-6' });
  });

  it('explains calls that are refused with 403 by the case of an owner with other claims', () => {
    const refused = { expected: { message: { id: 1 } }, actual: { status: 403 } };
    const found = explained(
      legacy(failed('identity/same-owner-other-claims', 'AUTH-2', ['/status', '200', '403'], refused)),
      legacy(failed('a', 'AUTH-12', ['/message/id', '1', 'null'], refused)),
      failed('b', 'AUTH-12', ['/status', '403', '200'], { ...refused, actual: { status: 200 } }),
    );
    expect(found).toMatchObject({ a: 'blocked by identity/same-owner-other-claims', b: 'AUTH-12' });
  });

  it.each([
    ['the alphabet of base64url', 'AUTH-1', 'identity/url-alphabet'],
    ['a missing expiry', 'AUTH-5', 'identity/expiry-ahead'],
  ])('explains identities that are refused with 401 by the case about %s', (_, clause, id) => {
    const refused = { expected: { message: { id: 1 } }, actual: { status: 401 } };
    const found = explained(
      failed(id, clause, ['/status', '200', '401'], refused),
      failed('a', 'AUTH-12', ['/message/result', 'an object', 'nothing'], refused),
      failed('b', 'AUTH-4', ['/status', '401', '200'], { ...refused, actual: { status: 200 } }),
    );
    expect(found).toMatchObject({ a: `blocked by ${id}`, b: 'AUTH-4' });
  });

  it('explains health checks that fail in other cases by the simplest health check', () => {
    const found = explained(
      failed('health/ok', 'HEALTH-1', ['/health/status', '"ok"', '"busy"']),
      failed('a', 'RPC-18', ['/health/status', '"ok"', '"busy"']),
      failed('b', 'RPC-18', ['/grpc', '"OK"', '"UNAVAILABLE"']),
    );
    expect(found).toEqual({ 'health/ok': 'HEALTH-1', a: 'blocked by health/ok', b: 'RPC-18' });
  });
});
