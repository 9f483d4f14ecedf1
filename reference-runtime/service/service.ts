import { CallRefused } from '../failures/call-refused.ts';
import { refused } from '../failures/request-refused.ts';
import { type Answer, emptyAnswer, eventsAnswer, jsonAnswer } from '../http/answer.ts';
import type { Call, RequestHeaders } from '../http/call.ts';
import { atExpiry } from '../identity/at-expiry.ts';
import type { Caller } from '../identity/caller.ts';
import type { RequestMessage } from '../mcp/envelope.ts';
import type { Exchange } from '../mcp/exchange.ts';
import { errorData, errorResponse, rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import {
  collectedResponse,
  type Outcome,
  type ResponsePath,
  streamedResponse,
} from '../mcp/response-path.ts';
import type { EventSink } from '../session/event-stream.ts';
import type { Resumption } from '../session/event-streams.ts';
import { openSession, type SessionEnvironment, sessionHooks } from '../session/open-session.ts';
import { ownerOf, type Session } from '../session/session.ts';
import type { SessionStore } from '../session/session-store.ts';
import {
  admit,
  asAnswerTo,
  type CheckOptions,
  checkAnonymous,
  checkHooks,
  checkRequest,
  type Post,
  readPost,
  sessionOf,
} from './checks.ts';

/** A started request. */
export interface BegunRequest {
  cancel(): void;
  /** Lets the request outlive its call, which has ended normally. */
  release(): void;
}

/** The hooks of the service. */
export const serviceHooks = {
  ...checkHooks,
  ...sessionHooks,
  /** Returns whether a request opens a session (INIT-1, SESSION-1). */
  isHandshake: (call: Call, message: RequestMessage): boolean =>
    message.method === 'initialize' && call.sessionId === '',
  /** Starts a request. If its call ends early, the request is cancelled (DEADLINE-1, DEADLINE-2, POST-5). */
  beginRequest(session: Session, { signal }: Call, exchange: Exchange): BegunRequest {
    const cancel = session.connection.request(exchange);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    const release = () => {
      if (!signal.aborted) signal.removeEventListener('abort', cancel);
    };
    return { cancel, release };
  },
  /** Closes a session at the request of its owner (SESSION-4, SESSION-8). */
  endSession: (sessions: SessionStore, session: Session): Promise<void> => sessions.end(session),
  /** Returns the owner whose quota a new session or subscription uses (SESSION-11, MCP-18). */
  quotaOwnerOf: (caller: Caller): string | null => ownerOf(caller),
  /** Ends a live stream when the credentials of its reader expire (STREAM-12). */
  endLiveStreamAtExpiry(sink: EventSink, { authContext }: Call): void {
    sink.onClose(atExpiry(authContext?.expiresAtEpochMs ?? 0n, () => sink.end()));
  },
  /** Returns the id of the last event that a reader saw, if it sent one (RESUME-2). */
  lastEventIdOf: (headers: RequestHeaders): string | undefined => headers.get('last-event-id'),
};
export type ServiceHooks = typeof serviceHooks;

/** Options of the service. */
export interface ServiceOptions extends SessionEnvironment, CheckOptions {
  readonly hooks: ServiceHooks;
}

/** The answer to InvokeStream. */
export type StreamAnswer =
  /** A complete response instead of events, such as the empty one to a notification (POST-3). */
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** A stream of events, which starts when it gets a sink. */
  | {
      readonly kind: 'events';
      readonly headers: Readonly<Record<string, string>>;
      run(sink: EventSink): void;
    };

/** The answers to a POST request, by message: a notification or response, a handshake, or a request in a session. */
interface PostAnswers<T> {
  readonly accepted: T;
  /** Answers a handshake. @param session undefined if the handshake failed. @param json the response */
  opened(session: Session | undefined, json: string): T;
  request(
    session: Session,
    request: RequestMessage,
    begin: (path: ResponsePath) => BegunRequest,
  ): Promise<T> | T;
}

const eventStreamHeaders = { 'content-type': 'text/event-stream' };

/**
 * The service for MCP over HTTP with sessions. For each call, it runs the checks in a fixed order, and then the
 * request in its session.
 */
export class McpService {
  readonly #options: ServiceOptions;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** Handles a POST request. @throws RequestRefused, CallRefused */
  async invoke(call: Call): Promise<Answer> {
    const post = await this.#readPost(call);
    if (post.era === 'modern') return post.service.invoke({ call, ...post });
    return this.#post<Answer>(call, post, {
      accepted: emptyAnswer(202),
      opened: (session, json) => jsonAnswer(200, json, sessionHeader(session)),
      request: async (session, request, begin) => {
        const path = collectedResponse(this.#options.limits.collectedBytes);
        const begun = begin(path);
        const { messages, outcome } = await path.answer.catch((error: unknown) => {
          begun.cancel();
          throw error;
        });
        begun.release();
        const response = this.#responseOf(request, outcome);
        if (messages.length === 0) return jsonAnswer(200, response);
        const stream = session.streams.open();
        const text = [...messages, response].map((message) => stream.record(message)).join('');
        stream.end();
        return eventsAnswer(text);
      },
    });
  }

  /** Handles a GET, or a POST with a streamed answer. @throws RequestRefused, CallRefused */
  async openStream(call: Call): Promise<StreamAnswer> {
    return call.method === 'POST' ? this.#postStream(call) : this.#getStream(call);
  }

  /** Handles a DELETE request. @throws RequestRefused */
  async closeSession(call: Call): Promise<Answer> {
    const { sessions, hooks } = this.#options;
    const caller = admit(this.#options, call);
    hooks.checkProtocolVersion(call.headers);
    await hooks.endSession(sessions, sessionOf(this.#options, call, caller));
    return emptyAnswer(204);
  }

  /** Reads a POST. Without sessions, the policy for anonymous callers applies to every request (AUTH-6). */
  async #readPost(call: Call): Promise<Post> {
    const post = await readPost(this.#options, call);
    if (post.era === 'modern') checkAnonymous(this.#options, post.caller);
    return post;
  }

  async #post<T>(call: Call, { caller, message }: Post, answers: PostAnswers<T>): Promise<T> {
    const { hooks } = this.#options;
    if (message.kind !== 'request') {
      const { connection } = sessionOf(this.#options, call, caller);
      if (message.kind === 'notification') connection.notify(message);
      else connection.respond(message);
      return answers.accepted;
    }
    try {
      if (hooks.isHandshake(call, message)) {
        const { session, outcome } = await this.#handshake(call, caller, message);
        return answers.opened(session, this.#responseOf(message, outcome));
      }
      const session = sessionOf(this.#options, call, caller);
      checkRequest(this.#options, session, message);
      return await answers.request(session, message, (path) => {
        const scope = hooks.scopeOfCall(session.id, caller, call.serverId);
        return hooks.beginRequest(session, call, { request: message, path, scope });
      });
    } catch (error) {
      throw asAnswerTo(message, error);
    }
  }

  async #handshake(call: Call, caller: Caller, request: RequestMessage) {
    const { sessions, hooks } = this.#options;
    checkAnonymous(this.#options, caller);
    return sessions.create(hooks.quotaOwnerOf(caller), () =>
      openSession(this.#options, request, caller, call),
    );
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
        throw refused('NOT_FOUND', 'session_closed', 'The session was closed', {
          rpcCode: rpcErrorCodes.sessionNotFound,
        });
      case 'failed':
        throw outcome.refusal;
    }
  }

  async #postStream(call: Call): Promise<StreamAnswer> {
    const { hooks } = this.#options;
    const post = await this.#readPost(call);
    if (post.era === 'modern') return post.service.openStream({ call, ...post });
    return this.#post<StreamAnswer>(call, post, {
      accepted: { kind: 'answer', answer: emptyAnswer(202) },
      opened: (session, json) => {
        const stream = session?.streams.open();
        const text = stream?.record(json) ?? hooks.frameEvent({ id: hooks.newSessionId(), data: json });
        stream?.end();
        const run = (sink: EventSink) => {
          void sink.write(text);
          sink.end();
        };
        return { kind: 'events', headers: { ...eventStreamHeaders, ...sessionHeader(session) }, run };
      },
      request: (session, request, begin) => {
        const stream = session.streams.open();
        const path = streamedResponse(stream, hooks.responseId(request.id));
        const run = (sink: EventSink) => {
          stream.attach(sink, []);
          sink.onClose(begin(path).release);
        };
        return { kind: 'events', headers: eventStreamHeaders, run };
      },
    });
  }

  async #getStream(call: Call): Promise<StreamAnswer> {
    const { hooks, limits } = this.#options;
    const caller = admit(this.#options, call);
    hooks.checkProtocolVersion(call.headers);
    const session = sessionOf(this.#options, call, caller);
    const { stream, missed } = resumption(session, hooks.lastEventIdOf(call.headers));
    if (stream.isRead) await stream.released(limits.takeoverMs);
    if (stream.isRead) {
      throw refused(
        'CONFLICT',
        'stream_is_open',
        'The stream is already open: only one call can read it at a time',
      );
    }
    if (call.signal.aborted) throw new CallRefused('UNAVAILABLE', 'The caller has disconnected');
    const run = (sink: EventSink) => {
      stream.attach(sink, missed());
      hooks.endLiveStreamAtExpiry(sink, call);
    };
    return { kind: 'events', headers: eventStreamHeaders, run };
  }
}

function sessionHeader(session: Session | undefined): Record<string, string> {
  return session === undefined ? {} : { 'mcp-session-id': session.id };
}

/** Returns the stream to resume. The missed events are looked up later, when the call starts to read. */
function resumption({ streams }: Session, lastEventId: string | undefined) {
  if (lastEventId === undefined) return { stream: streams.live, missed: () => [] };
  const found = streams.resume(lastEventId);
  if (found === undefined) {
    const message = 'last-event-id: not issued in this session, or too old';
    throw refused('INVALID_ARGUMENT', 'unknown_event_id', message);
  }
  const missed = (): Resumption['missed'] => streams.resume(lastEventId)?.missed ?? [];
  return { stream: found.stream, missed };
}
