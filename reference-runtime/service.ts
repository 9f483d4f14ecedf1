import { CallRefused } from './failures/call-refused.ts';
import { RequestRefused } from './failures/request-refused.ts';
import { type Answer, emptyAnswer, eventsAnswer, jsonAnswer } from './http/answer.ts';
import type { Call } from './http/call.ts';
import { type AnonymousPolicy, type Caller, identify } from './identity/caller.ts';
import type {
  IncomingMessage,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from './mcp/envelope.ts';
import { errorData, errorResponse, rpcErrorCodes } from './mcp/json-rpc-error.ts';
import { CollectedResponse, type Outcome, StreamedResponse } from './mcp/response-path.ts';
import type { EventSink } from './session/event-sink.ts';
import type { Resumption } from './session/event-streams.ts';
import { openSession, type SessionEnvironment } from './session/open-session.ts';
import type { Session } from './session/session.ts';
import type { SessionStore } from './session/session-store.ts';

/** What the service is composed of. */
export interface ServiceOptions extends SessionEnvironment {
  readonly sessions: SessionStore;
  readonly anonymous: AnonymousPolicy;
}

/** The answer to InvokeStream. */
export type StreamAnswer =
  /** Taken, without events (POST-3). */
  | { readonly kind: 'accepted'; readonly status: number }
  /** A stream of events, which begins when it is given a sink. */
  | {
      readonly kind: 'events';
      readonly headers: Readonly<Record<string, string>>;
      run(sink: EventSink): void;
    };

/** A POST that passed all checks before its message is looked at. */
interface Posted {
  readonly caller: Caller;
  readonly message: IncomingMessage;
}

const eventStreamHeaders = { 'content-type': 'text/event-stream' };

/** MCP over HTTP for the revisions with sessions: the checks in their order, then the session's work. */
export class McpService {
  readonly #options: ServiceOptions;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** One POST. @throws RequestRefused, CallRefused */
  async invoke(call: Call): Promise<Answer> {
    const { hooks } = this.#options;
    const { caller, message } = this.#readPost(call);
    if (message.kind !== 'request') {
      this.#take(this.#sessionOf(call, caller), message);
      return emptyAnswer(202);
    }
    return this.#asAnswerTo(message, async () => {
      if (hooks.isHandshake(call, message)) return this.#initialize(call, caller, message);
      const session = this.#sessionOf(call, caller);
      this.#checkRequest(session, message);
      const path = new CollectedResponse(this.#options.limits.collectedBytes);
      const scope = hooks.scopeOfCall(session.id, caller, call.serverId);
      const begun = hooks.beginRequest(session, call, { request: message, path, scope });
      const answer = await path.answer.catch((error: unknown) => {
        begun.cancel();
        throw error;
      });
      begun.release();
      return this.#collectedAnswer(session, message, answer.messages, answer.outcome);
    });
  }

  /** One GET, or a POST whose answer is a stream. @throws RequestRefused, CallRefused */
  async openStream(call: Call): Promise<StreamAnswer> {
    return call.method === 'POST' ? this.#postStream(call) : this.#getStream(call);
  }

  /** One DELETE. @throws RequestRefused */
  async closeSession(call: Call): Promise<Answer> {
    const { sessions, hooks } = this.#options;
    const caller = this.#admit(call);
    hooks.checkProtocolVersion(call.headers);
    await hooks.endSession(sessions, this.#sessionOf(call, caller));
    return emptyAnswer(204);
  }

  #admit(call: Call): Caller {
    const { hooks } = this.#options;
    if (!hooks.isEndpoint(call.path)) {
      throw new RequestRefused('NOT_FOUND', {
        code: 'no_such_path',
        message: 'path: is not the MCP endpoint',
      });
    }
    return identify(call.authContext, hooks);
  }

  #readPost(call: Call): Posted {
    const { hooks, limits } = this.#options;
    const caller = this.#admit(call);
    if (call.body.length > limits.maxBodyBytes) {
      throw new RequestRefused('INVALID_ARGUMENT', {
        code: 'body_too_large',
        httpStatus: 413,
        message: `The body has more than ${limits.maxBodyBytes} bytes`,
      });
    }
    const message = hooks.parseMessage(call.body);
    try {
      hooks.checkProtocolVersion(call.headers);
    } catch (error) {
      throw error instanceof RequestRefused && message.kind === 'request' ? error.withId(message.id) : error;
    }
    return { caller, message };
  }

  async #asAnswerTo<T>(request: RequestMessage, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof RequestRefused ? error.withId(request.id) : error;
    }
  }

  #sessionOf(call: Call, caller: Caller): Session {
    const { sessions, hooks } = this.#options;
    if (call.sessionId === '') {
      return hooks.withoutSession(call);
    }
    const session = hooks.findSession(sessions, call.sessionId);
    hooks.checkOwner(session, caller, call);
    hooks.checkScope(session, call.serverId, call);
    // Only now: a call that is refused is no use of the session (AUTH-2).
    session.lastUsed = performance.now();
    return session;
  }

  #take(session: Session, message: NotificationMessage | ResponseMessage): void {
    if (message.kind === 'notification') session.connection.notify(message);
    else session.connection.respond(message);
  }

  /** @throws RequestRefused for a second `initialize` (INIT-5) and for too many requests (SESSION-10). */
  #checkRequest({ connection }: Session, request: RequestMessage): void {
    if (request.method === 'initialize') {
      throw new RequestRefused('INVALID_ARGUMENT', {
        code: 'already_initialized',
        rpcCode: rpcErrorCodes.invalidRequest,
        message: 'The session is initialized already',
      });
    }
    if (connection.inFlight >= this.#options.limits.maxRequestsPerSession) {
      throw new RequestRefused('RATE_LIMITED', {
        code: 'too_many_requests',
        message: 'The session has too many requests under way',
      });
    }
  }

  async #initialize(call: Call, caller: Caller, request: RequestMessage): Promise<Answer> {
    const { session, json } = await this.#handshake(call, caller, request);
    return jsonAnswer(200, json, session === undefined ? {} : { 'mcp-session-id': session.id });
  }

  async #handshake(
    call: Call,
    caller: Caller,
    request: RequestMessage,
  ): Promise<{ session: Session | undefined; json: string }> {
    if (caller.kind === 'anonymous' && this.#options.anonymous === 'refuse') {
      throw new RequestRefused('UNAUTHENTICATED', {
        code: 'identity_required',
        message: 'auth_context: callers without identity are refused',
      });
    }
    const { serverId, signal } = call;
    let outcome: Outcome = { kind: 'closed' };
    const session = await this.#options.sessions.create(async () => {
      const result = await openSession(this.#options, { request, caller, serverId, signal });
      outcome = result.outcome;
      return result.session;
    });
    return { session, json: this.#responseOf(request, outcome) };
  }

  #responseOf({ id }: RequestMessage, outcome: Outcome): string {
    const token = this.#options.hooks.responseId(id);
    switch (outcome.kind) {
      case 'response':
        return outcome.json;
      case 'cancelled':
        return errorResponse(token, {
          code: rpcErrorCodes.requestCancelled,
          message: 'The request was cancelled',
          data: errorData('FAILED_PRECONDITION', 'request_cancelled'),
        });
      case 'closed':
        throw new RequestRefused('NOT_FOUND', {
          code: 'session_closed',
          rpcCode: -32001,
          message: 'The session was closed',
        });
    }
  }

  #collectedAnswer(
    session: Session,
    request: RequestMessage,
    messages: readonly string[],
    outcome: Outcome,
  ): Answer {
    const response = this.#responseOf(request, outcome);
    if (messages.length === 0) return jsonAnswer(200, response);
    const stream = session.streams.open();
    const text = [...messages, response].map((message) => stream.record(message)).join('');
    stream.end();
    return eventsAnswer(text);
  }

  async #postStream(call: Call): Promise<StreamAnswer> {
    const { hooks } = this.#options;
    const { caller, message } = this.#readPost(call);
    if (message.kind !== 'request') {
      this.#take(this.#sessionOf(call, caller), message);
      return { kind: 'accepted', status: 202 };
    }
    return this.#asAnswerTo(message, async () => {
      if (hooks.isHandshake(call, message)) return this.#initializeStream(call, caller, message);
      const session = this.#sessionOf(call, caller);
      this.#checkRequest(session, message);
      const stream = session.streams.open();
      const path = new StreamedResponse(stream);
      const scope = hooks.scopeOfCall(session.id, caller, call.serverId);
      const run = (sink: EventSink) => {
        stream.attach(sink, []);
        sink.onClose(hooks.beginRequest(session, call, { request: message, path, scope }).release);
      };
      return { kind: 'events', headers: eventStreamHeaders, run };
    });
  }

  async #initializeStream(call: Call, caller: Caller, request: RequestMessage): Promise<StreamAnswer> {
    const { session, json } = await this.#handshake(call, caller, request);
    const stream = session?.streams.open();
    const text =
      stream?.record(json) ??
      this.#options.hooks.frameEvent({ id: this.#options.hooks.newSessionId(), data: json });
    stream?.end();
    return {
      kind: 'events',
      headers: { ...eventStreamHeaders, ...(session !== undefined && { 'mcp-session-id': session.id }) },
      run: (sink) => {
        void sink.write(text);
        sink.end();
      },
    };
  }

  async #getStream(call: Call): Promise<StreamAnswer> {
    const { hooks, limits } = this.#options;
    const caller = this.#admit(call);
    hooks.checkProtocolVersion(call.headers);
    const session = this.#sessionOf(call, caller);
    const { stream, missed } = this.#resumption(session, hooks.lastEventIdOf(call.headers));
    if (stream.isRead) await stream.released(limits.takeoverMs);
    if (stream.isRead) {
      throw new RequestRefused('CONFLICT', {
        code: 'stream_is_open',
        message: 'The stream is open already: one call reads it at a time',
      });
    }
    if (call.signal.aborted) throw new CallRefused('UNAVAILABLE', 'The caller has gone');
    return { kind: 'events', headers: eventStreamHeaders, run: (sink) => stream.attach(sink, missed()) };
  }

  #resumption(session: Session, lastEventId: string | undefined) {
    if (lastEventId === undefined) return { stream: session.streams.live, missed: () => [] };
    const found = session.streams.resume(lastEventId);
    if (found === undefined) {
      throw new RequestRefused('INVALID_ARGUMENT', {
        code: 'unknown_event_id',
        message: 'last-event-id: was not given in this session, or is too old',
      });
    }
    const missed = (): Resumption['missed'] => session.streams.resume(lastEventId)?.missed ?? [];
    return { stream: found.stream, missed };
  }
}
