/** Mutants that survive for the same reason. */
export interface ListedMutants {
  /** Path of the file, relative to `reference-runtime/`. */
  readonly file: string;
  /** Why the suite does not catch them, in one sentence. */
  readonly reason: string;
  /** The changes by source line, without its indentation. Each change is `ORIGINAL → REPLACEMENT`. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

/** The mutants that survive the suite, with the reason. */
export const listedMutants: readonly ListedMutants[] = [
  {
    file: 'identity/at-expiry.ts',
    reason:
      'A timer with a longer delay ends at once and is set again, so that the action still comes at the expiry.',
    changes: {
      'const maxDelayMs = 2 ** 31 - 1;': ['2 ** 31 - 1 → 2 ** 31 + 1'],
    },
  },
  {
    file: 'identity/at-expiry.ts',
    reason: 'With no time left, the timer is set once more and ends immediately.',
    changes: {
      'if (leftMs <= 0) action();': ['leftMs <= 0 → leftMs < 0'],
    },
  },
  {
    file: 'identity/at-expiry.ts',
    reason: 'The timer only ends a stream that has already ended.',
    changes: {
      'return () => clearTimeout(timer);': ['() => clearTimeout(timer) → () => undefined'],
    },
  },
  {
    file: 'identity/caller.ts',
    reason: 'An expiry in the current millisecond is neither in the past nor in the future.',
    changes: {
      'return context.expiresAtEpochMs !== 0n && context.expiresAtEpochMs < BigInt(now);': [
        'context.expiresAtEpochMs < BigInt(now) → context.expiresAtEpochMs <= BigInt(now)',
      ],
    },
  },
  {
    file: 'identity/caller.ts',
    reason: 'The contract does not say whether an empty email is an identity.',
    changes: {
      "if (!claims.isAuthenticated || claims.email === null || claims.email === '') return anonymousCaller;":
        ["claims.email === '' → false"],
    },
  },
  {
    file: 'identity/claims.ts',
    reason: 'The next step refuses an undefined text as invalid JSON, with the same status.',
    changes: {
      '} catch {': ["{ throw new UnreadableClaims('not UTF-8'); } → {}"],
    },
  },
  {
    file: 'service/checks.ts',
    reason:
      'Only a runtime whose settings refuse anonymous callers reaches this code, and the kit does not know these settings.',
    changes: {
      "throw refused('UNAUTHENTICATED', 'identity_required', message);": [
        '\'UNAUTHENTICATED\' → ""',
        '\'identity_required\' → ""',
      ],
      "if (caller.kind !== 'anonymous' || anonymous !== 'refuse') return;": [
        "caller.kind !== 'anonymous' → false",
      ],
    },
  },
  {
    file: 'service/checks.ts',
    reason:
      'It takes a caller that disconnects between two steps of parsing a large body, and nobody receives the answer.',
    changes: {
      "if (signal.aborted) throw new CallRefused('UNAVAILABLE', 'The caller has disconnected');": [
        '\'UNAVAILABLE\' → ""',
      ],
    },
  },
  {
    file: 'service/checks.ts',
    reason:
      'The contract leaves the number of concurrent requests of a session open, and no case reaches this limit.',
    changes: {
      'if (session.connection.inFlight >= limits.maxRequestsPerSession) {': [
        "{ throw refused('RATE_LIMITED', 'too_many_requests', 'The session has too many … → {}",
      ],
      "throw refused('RATE_LIMITED', 'too_many_requests', 'The session has too many requests in flight');": [
        '\'RATE_LIMITED\' → ""',
        '\'too_many_requests\' → ""',
      ],
    },
  },
  {
    file: 'service/checks.ts',
    reason:
      'A large body is then parsed in one step, which delays other callers, but less than LIMIT-5 permits.',
    changes: {
      'if (body.length <= largeBodyBytes || hooks.parseMessage !== parseMessage) return hooks.parseMessage(body);':
        ['hooks.parseMessage !== parseMessage → hooks.parseMessage === parseMessage'],
    },
  },
  {
    file: 'service/checks.ts',
    reason: 'The contract tolerates an id that is null in this error (MODERN-11).',
    changes: {
      'throw isRefusal && namesModernRevision(headers) ? error.withoutId(hooks.unreadableId()) : error;': [
        'isRefusal && namesModernRevision(headers) → false',
      ],
    },
  },
  {
    file: 'service/checks.ts',
    reason:
      'It only changes which idle session makes room for another one, which the contract leaves open (SESSION-11).',
    changes: {
      'session.wasUsed = true;': ['true → false'],
    },
  },
  {
    file: 'session/open-session.ts',
    reason:
      'Only a hosted MCP server can fail a handshake with valid params, or last long enough for the caller to disconnect.',
    changes: {
      'if (!hooks.isNegotiated(connection) || signal.aborted) {': [
        '{ await connection.close(); return { session: undefined, outcome }; } → {}',
      ],
      'return { session: undefined, outcome };': ['{ session: undefined, outcome } → {}'],
    },
  },
  {
    file: 'session/open-session.ts',
    reason: 'Only a hosted MCP server reaches this code, and the suite runs against the catalog of the kit.',
    changes: {
      'if (connection.revision !== undefined && !isServedRevision(connection.revision)) {': [
        '{ await connection.close(); const message = `The MCP server speaks only MCP ${c… → {}',
      ],
      'return {': ["{ session: undefined, outcome: { kind: 'failed', refusal: refused('UPSTREAM_ERR… → {}"],
      "outcome: { kind: 'failed', refusal: refused('UPSTREAM_ERROR', 'revision_not_served', message) },": [
        "{ kind: 'failed', refusal: refused('UPSTREAM_ERROR', 'revision_not_served', mes… → {}",
        '\'failed\' → ""',
        '\'UPSTREAM_ERROR\' → ""',
        '\'revision_not_served\' → ""',
      ],
    },
  },
  {
    file: 'session/session.ts',
    reason:
      'It only changes which idle session makes room for another one, which the contract leaves open (SESSION-11).',
    changes: {
      'wasUsed: false,': ['false → true'],
    },
  },
  {
    file: 'session/session-quota.ts',
    reason:
      'It takes effect at a limit on sessions that the contract leaves open (SESSION-10) and that no case reaches.',
    changes: {
      'spareFor(owner: string | null): Session | undefined {': [
        '{ const [most = new Set<Session>()] = [...this.#held.values()].sort((a, b) => b… → {}',
      ],
      'const [most = new Set<Session>()] = [...this.#held.values()].sort((a, b) => b.size - a.size);': [
        '[...this.#held.values()].sort((a, b) => b.size - a.size) → [...this.#held.values()]',
        '[...this.#held.values()] → []',
        '(a, b) => b.size - a.size → () => undefined',
        'b.size - a.size → b.size + a.size',
      ],
      'if (most.size < this.#countOf(owner) + 2) return undefined;': [
        'most.size < this.#countOf(owner) + 2 → true',
        'most.size < this.#countOf(owner) + 2 → false',
        'most.size < this.#countOf(owner) + 2 → most.size <= this.#countOf(owner) + 2',
        'most.size < this.#countOf(owner) + 2 → most.size >= this.#countOf(owner) + 2',
        'this.#countOf(owner) + 2 → this.#countOf(owner) - 2',
      ],
      'for (const session of most) {': [
        '{ if (!session.isBusy && (spare === undefined || isSparer(session, spare))) spa… → {}',
      ],
      'if (!session.isBusy && (spare === undefined || isSparer(session, spare))) spare = session;': [
        '!session.isBusy && (spare === undefined || isSparer(session, spare)) → true',
        '!session.isBusy && (spare === undefined || isSparer(session, spare)) → false',
        '!session.isBusy && (spare === undefined || isSparer(session, spare)) → !session.isBusy || spare === undefined || isSparer(session, spare)',
        '!session.isBusy → session.isBusy',
        'spare === undefined || isSparer(session, spare) → true',
        'spare === undefined || isSparer(session, spare) → spare === undefined && isSparer(session, spare)',
        'spare === undefined → false',
        'spare === undefined → spare !== undefined',
      ],
      'function isSparer(session: Session, other: Session): boolean {': [
        '{ if (session.wasUsed !== other.wasUsed) return other.wasUsed; return session.l… → {}',
      ],
      'if (session.wasUsed !== other.wasUsed) return other.wasUsed;': [
        'session.wasUsed !== other.wasUsed → true',
        'session.wasUsed !== other.wasUsed → false',
        'session.wasUsed !== other.wasUsed → session.wasUsed === other.wasUsed',
      ],
      'return session.lastUsed < other.lastUsed;': [
        'session.lastUsed < other.lastUsed → true',
        'session.lastUsed < other.lastUsed → false',
        'session.lastUsed < other.lastUsed → session.lastUsed <= other.lastUsed',
        'session.lastUsed < other.lastUsed → session.lastUsed >= other.lastUsed',
      ],
      'return this.#total >= this.#limits.maxSessions;': ['this.#total >= this.#limits.maxSessions → false'],
      'if (held.size === 0) this.#held.delete(owner);': ['held.size === 0 → held.size !== 0'],
      'const shared = maxSessions - Math.floor(maxSessions / reservedShare);': [
        'maxSessions - Math.floor(maxSessions / reservedShare) → maxSessions + Math.floor(maxSessions / reservedShare)',
      ],
    },
  },
  {
    file: 'session/session-quota.ts',
    reason:
      'It shows after hundreds of sessions of one caller, which the proof `memory` opens, and the suite does not.',
    changes: {
      'const left = (this.#opening.get(owner) ?? 1) - 1;': [
        '(this.#opening.get(owner) ?? 1) - 1 → (this.#opening.get(owner) ?? 1) + 1',
      ],
      'remove(session: Session): void {': [
        '{ for (const [owner, held] of this.#held) { if (!held.delete(session)) continue… → {}',
      ],
    },
  },
  {
    file: 'session/session-store.ts',
    reason:
      'It takes effect at a limit on sessions that the contract leaves open (SESSION-10) and that no case reaches.',
    changes: {
      'if (this.#quota.isUsedUpBy(owner)) {': [
        "{ const message = 'The caller has too many sessions: close some, or try again l… → {}",
      ],
      "throw refused('RATE_LIMITED', 'too_many_sessions_of_caller', message);": [
        '\'RATE_LIMITED\' → ""',
        '\'too_many_sessions_of_caller\' → ""',
      ],
      'if (spare === undefined) {': [
        'spare === undefined → true',
        'spare === undefined → false',
        'spare === undefined → spare !== undefined',
        "{ const message = 'Too many sessions: close some, or try again later'; throw re… → {}",
      ],
      "throw refused('RATE_LIMITED', 'too_many_sessions', message);": [
        '\'RATE_LIMITED\' → ""',
        '\'too_many_sessions\' → ""',
      ],
    },
  },
  {
    file: 'session/session-store.ts',
    reason: 'Only unit tests read the number of sessions.',
    changes: {
      'get size(): number {': ['{ return this.#sessions.size; } → {}'],
    },
  },
  {
    file: 'session/session-store.ts',
    reason: 'Only a hosted MCP server reaches this code, and the suite runs against the catalog of the kit.',
    changes: {
      'session.connection.onLost((refusal) => {': [
        '{ session.streams.fail(refusal.category, refusal.message); void this.end(sessio… → {}',
      ],
    },
  },
  {
    file: 'session/session-store.ts',
    reason:
      'The contract leaves the idle time of sessions open (SESSION-10), and that of this runtime exceeds any test run.',
    changes: {
      'const sweepMs = Math.min(Math.max(limits.sessionIdleMs / 4, 10), 60_000);': [
        'limits.sessionIdleMs / 4 → limits.sessionIdleMs * 4',
      ],
      'if (session.isBusy) session.lastUsed = now;': ['session.isBusy → false'],
    },
  },
  {
    file: 'session/session-store.ts',
    reason: 'The process ends right afterwards, and the sessions with it.',
    changes: {
      'await Promise.all([...this.#sessions.values()].map((session) => this.end(session)));': [
        '(session) => this.end(session) → () => undefined',
      ],
    },
  },
  {
    file: 'mcp/envelope.ts',
    reason:
      'The id of a body that is nested too deep is read from a slice, whose only possible error is a syntax error.',
    changes: {
      '} catch (error) {': ['{ if (error instanceof SyntaxError) return undefined; throw error; } → {}'],
      'if (error instanceof SyntaxError) return undefined;': ['error instanceof SyntaxError → true'],
    },
  },
  {
    file: 'mcp/envelope.ts',
    reason: 'The contract permits both to serve and to refuse objects with many members (LIMIT-5).',
    changes: {
      "if (outline.kind === 'too-wide') throw tooWide();": ["outline.kind === 'too-wide' → false"],
    },
  },
  {
    file: 'mcp/envelope.ts',
    reason: 'The contract permits an error with the id null instead of the id of the request (JSONRPC-7).',
    changes: {
      'const value: unknown = token === undefined ? undefined : JSON.parse(token);': [
        'token === undefined → token !== undefined',
      ],
      "return typeof value === 'string' || typeof value === 'number' ? token : undefined;": [
        '\'number\' → ""',
      ],
    },
  },
  {
    file: 'mcp/envelope.ts',
    reason: 'Every message that is neither a request nor a notification is treated as a response.',
    changes: {
      "return { kind: 'response', text, id, outcome: hasResult ? { result } : { error } };": [
        '\'response\' → ""',
      ],
    },
  },
  {
    file: 'mcp/envelope.ts',
    reason: 'The contract does not say how to read a message that has both a method and a result.',
    changes: {
      "if (isResponse && Object.hasOwn(value, 'method')) {": [
        "{ throw invalidRequest('A message is either a request or a response', id); } → {}",
      ],
    },
  },
  {
    file: 'mcp/envelope.ts',
    reason: 'Only `notifications/cancelled` uses this id.',
    changes: {
      "const requestId = method === 'notifications/cancelled' ? token('requestId') : undefined;": [
        "method === 'notifications/cancelled' → true",
      ],
    },
  },
  {
    file: 'mcp/json-rpc-error.ts',
    reason: 'The catalog raises its own errors, so no error of the SDK gets here.',
    changes: {
      'if (code === rpcErrorCodes.methodNotFound) return methodNotFound();': [
        'code === rpcErrorCodes.methodNotFound → true',
        'code === rpcErrorCodes.methodNotFound → false',
        'code === rpcErrorCodes.methodNotFound → code !== rpcErrorCodes.methodNotFound',
      ],
      "if (code === rpcErrorCodes.invalidParams) return invalidParams('Invalid params');": [
        'code === rpcErrorCodes.invalidParams → true',
        'code === rpcErrorCodes.invalidParams → false',
        'code === rpcErrorCodes.invalidParams → code !== rpcErrorCodes.invalidParams',
      ],
      "return rpcError('INTERNAL', 'internal_error', rpcErrorCodes.internalError, 'Internal error');": [
        '\'INTERNAL\' → ""',
        '\'internal_error\' → ""',
      ],
    },
  },
  {
    file: 'mcp/json-rpc-error.ts',
    reason: 'Only a hosted MCP server reaches this code, and the suite runs against the catalog of the kit.',
    changes: {
      'export function shieldHostedError(error: RpcError): RpcError {': [
        '{ return error.code === rpcErrorCodes.internalError ? shieldError(error) : erro… → {}',
      ],
      'return error.code === rpcErrorCodes.internalError ? shieldError(error) : error;': [
        'error.code === rpcErrorCodes.internalError → true',
        'error.code === rpcErrorCodes.internalError → false',
        'error.code === rpcErrorCodes.internalError → error.code !== rpcErrorCodes.internalError',
      ],
    },
  },
  {
    file: 'mcp/json-rpc-error.ts',
    reason: 'The lookup of a value that is not an object finds nothing, as before.',
    changes: {
      "const ownCode = typeof data === 'object' && data !== null ? ownCodes.get(data) : undefined;": [
        "typeof data === 'object' → true",
      ],
    },
  },
  {
    file: 'mcp/json-token.ts',
    reason: 'Only a hosted MCP server reaches this code, and the suite runs against the catalog of the kit.',
    changes: {
      'export function replaceToken(text: string, path: readonly string[], token: string): string {': [
        '{ const span = spanOf(text, path); return span === undefined ? text : text.slic… → {}',
      ],
      'return span === undefined ? text : text.slice(0, span.start) + token + text.slice(span.end);': [
        'span === undefined → true',
        'span === undefined → false',
        'span === undefined → span !== undefined',
        'text.slice(0, span.start) + token + text.slice(span.end) → text.slice(0, span.start) + token - text.slice(span.end)',
        'text.slice(0, span.start) + token → text.slice(0, span.start) - token',
        'text.slice(0, span.start) → text',
        'text.slice(span.end) → text',
      ],
    },
  },
  {
    file: 'mcp/json-token.ts',
    reason:
      'The contract permits both to serve and to refuse deep nesting (LIMIT-5), and this runtime can serve it in a short body.',
    changes: {
      'if (depth > limit) return true;': ['true → false'],
      'for (let index = 0; index < text.length; ) {': ['index < text.length → false'],
      "if (character === '{' || character === '[') depth++;": ['\'[\' → ""'],
    },
  },
  {
    file: 'mcp/json-token.ts',
    reason: 'In valid JSON, a bracket follows all white space inside an object.',
    changes: {
      "while (index < text.length && ' \\t\\n\\r'.includes(text.charAt(index))) index++;": [
        'index < text.length → index <= text.length',
      ],
    },
  },
  {
    file: 'mcp/json-token.ts',
    reason: 'In valid JSON, no quote follows the end of an object.',
    changes: {
      "if (text[index] !== ',') break;": ["text[index] !== ',' → false"],
    },
  },
  {
    file: 'mcp/message-route.ts',
    reason: 'The additional capability has a name that no request of a server needs.',
    changes: {
      'return new Set(isObject(capabilities) ? Object.keys(capabilities) : []);': [
        '[] → ["Stryker was here"]',
      ],
    },
  },
  {
    file: 'mcp/message-route.ts',
    reason: 'Only a hosted MCP server reaches this code, and the suite runs against the catalog of the kit.',
    changes: {
      'function belongsToSession(method: string): boolean {': [
        "{ return method === 'notifications/resources/updated' || method.endsWith('/list… → {}",
      ],
      "return method === 'notifications/resources/updated' || method.endsWith('/list_changed');": [
        "method === 'notifications/resources/updated' || method.endsWith('/list_changed') → true",
        "method === 'notifications/resources/updated' || method.endsWith('/list_changed') → false",
        "method === 'notifications/resources/updated' || method.endsWith('/list_changed') → method === 'notifications/resources/updated' && method.endsWith('/list_changed')",
        "method === 'notifications/resources/updated' → false",
        "method === 'notifications/resources/updated' → method !== 'notifications/resources/updated'",
        '\'notifications/resources/updated\' → ""',
        "method.endsWith('/list_changed') → method.startsWith('/list_changed')",
        '\'/list_changed\' → ""',
      ],
      'const mayBelong = !(statesRelation || liveIsRead || belongsToSession(method)) && exchanges.size === 1;':
        ['exchanges.size === 1 → true', 'exchanges.size === 1 → exchanges.size !== 1'],
      'return mayBelong ? [...exchanges].find(([, { path }]) => path.interactive)?.[0] : undefined;': [
        '[...exchanges].find(([, { path }]) => path.interactive)?.[0] → [...exchanges].find(([, { path }]) => path.interactive)[0]',
        '[...exchanges] → []',
        '([, { path }]) => path.interactive → () => undefined',
      ],
      'const interactive = [...exchanges].filter(([, { path }]) => path.interactive);': [
        '[...exchanges].filter(([, { path }]) => path.interactive) → [...exchanges]',
        '[...exchanges] → []',
        '([, { path }]) => path.interactive → () => undefined',
      ],
      'if (interactive.length > 1 && liveIsRead) return undefined;': [
        'interactive.length > 1 && liveIsRead → true',
        'interactive.length > 1 && liveIsRead → false',
        'interactive.length > 1 && liveIsRead → interactive.length > 1 || liveIsRead',
        'interactive.length > 1 → true',
        'interactive.length > 1 → interactive.length >= 1',
        'interactive.length > 1 → interactive.length <= 1',
      ],
      'return interactive.at(-1)?.[0];': ['interactive.at(-1)?.[0] → interactive.at(-1)[0]', '-1 → +1'],
      'function progressRequest(params: unknown, exchanges: ReadonlyMap<number, Exchange>): number | undefined {':
        ["{ const token = isObject(params) ? params['progressToken'] : undefined; for (co… → {}"],
      "const token = isObject(params) ? params['progressToken'] : undefined;": ['\'progressToken\' → ""'],
      'for (const [id, { request }] of exchanges) {': [
        '{ if (request.progressToken !== undefined && JSON.parse(request.progressToken) … → {}',
      ],
      'if (request.progressToken !== undefined && JSON.parse(request.progressToken) === token) return id;': [
        'request.progressToken !== undefined && JSON.parse(request.progressToken) === to… → true',
        'request.progressToken !== undefined && JSON.parse(request.progressToken) === to… → false',
        'request.progressToken !== undefined && JSON.parse(request.progressToken) === to… → request.progressToken !== undefined || JSON.parse(request.progressToken) === to…',
        'request.progressToken !== undefined → true',
        'request.progressToken !== undefined → request.progressToken === undefined',
        'JSON.parse(request.progressToken) === token → true',
        'JSON.parse(request.progressToken) === token → JSON.parse(request.progressToken) !== token',
      ],
    },
  },
  {
    file: 'mcp/message-route.ts',
    reason: 'The tools of the catalog check the capability themselves, before they send a request.',
    changes: {
      'export function checkCapability(declared: ReadonlySet<string>, method: string): void {': [
        '{ const capability = capabilityOf[method]; if (capability === undefined || decl… → {}',
      ],
    },
  },
  {
    file: 'mcp/response-path.ts',
    reason:
      'Reaching the limit on collected messages takes an answer of 64 MiB, and the contract leaves this limit open.',
    changes: {
      "new CallRefused('RATE_LIMITED', 'The messages of the request exceed the maximum size of a response'),":
        ['\'RATE_LIMITED\' → ""'],
      'bytes += json.length;': ['bytes += json.length → bytes -= json.length'],
    },
  },
  {
    file: 'session/event-log.ts',
    reason: 'The contract leaves the amount of data that is kept for replay open (RESUME-4).',
    changes: {
      'while (this.#entries.length > this.#limits.replayEvents || this.#bytes > this.#limits.replayBytes) {':
        ['this.#bytes > this.#limits.replayBytes → false'],
      'this.#kept.set(oldest.stream, (this.#kept.get(oldest.stream) ?? 0) - 1);': [
        '(this.#kept.get(oldest.stream) ?? 0) - 1 → (this.#kept.get(oldest.stream) ?? 0) + 1',
      ],
      'dropStream(stream: number): void {': [
        '{ this.#kept.delete(stream); this.#lost.delete(stream); } → {}',
      ],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason: 'The stream has a reader there, or the error about a missing one reaches nobody.',
    changes: {
      'if (sink === undefined) return;': ['sink === undefined → false'],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason: 'The contract does not specify what a second reader of an open live stream gets.',
    changes: {
      'async released(withinMs: number): Promise<void> {': [
        '{ const sink = this.#sink; if (sink === undefined) return; await withTimeLimit(… → {}',
      ],
      'if (sink === undefined) return;': [
        'sink === undefined → true',
        'sink === undefined → sink !== undefined',
      ],
      'await withTimeLimit(new Promise<void>((resolve) => sink.onClose(resolve)), withinMs);': [
        '(resolve) => sink.onClose(resolve) → () => undefined',
      ],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason: 'It takes 8 MiB of messages that no request waits for, such as 70,000 changes of a resource.',
    changes: {
      'if (sink.pendingBytes > this.#options.streamBufferBytes) {': [
        "{ this.#detach(sink); sink.fail('RATE_LIMITED', 'The reader of the stream is to… → {}",
      ],
      "sink.fail('RATE_LIMITED', 'The reader of the stream is too slow');": ['\'RATE_LIMITED\' → ""'],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason:
      'A stream fails only if a hosted MCP server ends, or after 8 MiB of unread messages that no request waits for.',
    changes: {
      'fail(category: FailureCategory, message: string): void {': [
        '{ this.#ended = true; const sink = this.#sink; this.#sink = undefined; sink?.fa… → {}',
      ],
      'this.#ended = true;': ['true → false'],
      'sink?.fail(category, message);': ['sink?.fail → sink.fail'],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason:
      'Only an id in the format of this runtime that it has not issued yet shows it, and the format of ids is open.',
    changes: {
      'get lastSequence(): number {': ['{ return this.#sequence; } → {}'],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason: 'An event without data may precede the replayed events (STREAM-6).',
    changes: {
      'if (missed.length === 0 && !this.#ended && this.#options.priming()) {': ['missed.length === 0 → true'],
    },
  },
  {
    file: 'session/event-stream.ts',
    reason: 'The contract does not say when a resumed stream ends that has nothing left to replay.',
    changes: {
      'this.#ended = true;': ['true → false'],
    },
  },
  {
    file: 'session/event-streams.ts',
    reason:
      'A stream fails only if a hosted MCP server ends, or after 8 MiB of unread messages that no request waits for.',
    changes: {
      'fail(category: FailureCategory, message: string): void {': [
        '{ for (const stream of this.#streams.values()) stream.fail(category, message); } → {}',
      ],
    },
  },
  {
    file: 'session/event-streams.ts',
    reason: 'The replacement text is not a number either.',
    changes: {
      "const isId = [number, sequence].every((digits) => /^\\d{1,15}$/.test(digits ?? ''));": [
        '\'\' → "Stryker was here!"',
      ],
    },
  },
  {
    file: 'session/event-writer.ts',
    reason:
      'A stream fails only if a hosted MCP server ends, or after 8 MiB of unread messages that no request waits for.',
    changes: {
      'fail(category: FailureCategory, message: string): void {': [
        '{ if (this.#closed) return; this.close(); this.abort(category, message); } → {}',
      ],
      'if (this.#closed) return;': ['this.#closed → true', 'this.#closed → false'],
    },
  },
  {
    file: 'session/event-writer.ts',
    reason: 'It takes a reader that disconnects before its stream begins, and nobody receives the stream.',
    changes: {
      'if (options.signal.aborted) this.#closed = true;': ['true → false'],
    },
  },
  {
    file: 'session/event-writer.ts',
    reason: 'HTTP/2 alone may keep an idle stream alive (STREAM-7), so comments are optional.',
    changes: {
      'this.#keepAlive = setInterval(() => {': [
        '{ if (this.#pending === 0) void this.write(keepAliveComment); } → {}',
      ],
      'if (this.#pending === 0) void this.write(keepAliveComment);': [
        'this.#pending === 0 → true',
        'this.#pending === 0 → false',
        'this.#pending === 0 → this.#pending !== 0',
      ],
    },
  },
  {
    file: 'grpc/stream-writer.ts',
    reason:
      'A stream fails only if a hosted MCP server ends, or after 8 MiB of unread messages that no request waits for.',
    changes: {
      'protected abort(category: FailureCategory, message: string): void {': [
        "{ this.#options.call.emit('error', { code: categoryMappings[category].grpcStatu… → {}",
      ],
      "this.#options.call.emit('error', { code: categoryMappings[category].grpcStatus, details: message });":
        ['\'error\' → ""', '{ code: categoryMappings[category].grpcStatus, details: message } → {}'],
    },
  },
];
